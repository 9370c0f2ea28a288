from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.blueprint import design
from streamctl.config import load
from streamctl.plugins import Catalogue
from streamctl.resources import KINDS

from ..every_kind import write_every_kind

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.pipeline.design import Design


@pytest.fixture
def all_kinds(tmp_path: Path) -> Design:
    write_every_kind(tmp_path)
    drawn = design(load(tmp_path, {}), Catalogue(), "shop")
    assert {each.kind for each in drawn.resources} == KINDS.keys()
    return drawn
