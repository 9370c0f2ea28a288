"""Tagging API: alarms have tags, too, which MiniStack leaves out: several are looked at with one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core.responses import get_region
from ministack.services import cloudwatch, tagging

if TYPE_CHECKING:
    from collections.abc import Iterator


def apply() -> None:
    if "sqs" not in tagging._COLLECTORS:  # a release that keeps them elsewhere fails at start, not later
        raise TypeError(f"{tagging.__name__}._COLLECTORS collects other things")
    tagging._COLLECTORS["cloudwatch"] = _alarms


def _alarms() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """ARN and tags of everything of CloudWatch's in this region."""
    for arn, tags in cloudwatch._resource_tags.items():
        if arn.split(":")[3] == get_region():
            yield arn, tagging._normalise_flat(tags)
