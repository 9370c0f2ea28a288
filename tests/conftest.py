"""What all tests share: one emulator for each test process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.emulator import process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.emulator.process import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    yield process.start(folder)
    process.stop(folder)
