from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from streamctl.emulator.mends.streams import raise_request_limit

if TYPE_CHECKING:
    from types import FunctionType


def with_the_limit(size: int) -> str | None:
    return "Records total payload size exceeds 5 MB limit" if size > 5_242_880 else None


def with_another_limit(size: int) -> str | None:
    return "Records total payload size exceeds 5 MB limit" if size > 6_000_000 else None


def test_the_limit_becomes_that_of_aws() -> None:
    raise_request_limit(cast("FunctionType", with_the_limit))
    assert with_the_limit(10 * 1024 * 1024) is None
    assert with_the_limit(10 * 1024 * 1024 + 1) == "Records exceed 10 MB limit"


def test_a_release_with_another_limit_fails_at_start() -> None:
    with pytest.raises(TypeError, match="another limit"):
        raise_request_limit(cast("FunctionType", with_another_limit))
