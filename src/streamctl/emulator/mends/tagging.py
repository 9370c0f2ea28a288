"""Tagging API: alarms and event source mappings have tags, too, which MiniStack leaves out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ministack.core.responses import get_region
from ministack.services import cloudwatch, lambda_svc, tagging

if TYPE_CHECKING:
    from collections.abc import Iterator


def apply() -> None:
    if "sqs" not in tagging._COLLECTORS:  # a release that keeps them elsewhere fails at start, not later
        raise TypeError(f"{tagging.__name__}._COLLECTORS collects other things")
    tagging._COLLECTORS["cloudwatch"] = _alarms
    functions = tagging._COLLECTORS["lambda"]
    tagging._COLLECTORS["lambda"] = lambda: chain(functions(), _mappings())


def _alarms() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """ARN and tags of everything of CloudWatch's in this region."""
    for arn, tags in cloudwatch._resource_tags.items():
        if arn.split(":")[3] == get_region():
            yield arn, tagging._normalise_flat(tags)


def _mappings() -> Iterator[tuple[str, list[dict[str, str]]]]:
    for record in lambda_svc._esms.values():
        yield (
            lambda_svc._esm_response(record)["EventSourceMappingArn"],
            tagging._normalise_flat(record.get("Tags") or {}),
        )
