"""One contract for every registered kind; what is special to a kind is in its own file."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.engine.block import CLOUD_CONTROL
from streamctl.resources import KINDS
from streamctl.testing import check_resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.process import Emulator

MOTO_GAPS = {
    "dynamodb_table": {
        "no stream begins where there was one": (
            {"stream_view": "NEW_AND_OLD_IMAGES"},
            {"stream_view": "KEYS_ONLY", "point_in_time_recovery": True},
        ),
    },
    "lambda_function": {
        "UpdateFunctionCode ignores Architectures": ({"architecture": "arm64"},),
        "UpdateFunctionConfiguration ignores TracingConfig": ({"tracing": "Active"}, {"tracing": "PassThrough"}),
        "a reserved concurrency of 0 is not reported": ({"reserved_concurrency": 0},),
    },
}
"""Kind to what moto cannot show; the kind's own tests show these with fakes."""
MOTO_FORGETS = {"kinesis_stream": {"tags"}, "s3_bucket": {"encryption"}}
NOT_IN_MOTO = {"cloudwatch_dashboard"}
"""Its dashboards have no tags; AWS's have since 2026, and so have the emulator's."""


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - NOT_IN_MOTO))
def test_a_kind_keeps_the_contract_from_absent_to_absent(
    kind: str, case: Callable[[str, Aws], Any], moto: Callable[[], Aws]
) -> None:
    found = case(kind, moto()).without(MOTO_GAPS.get(kind, {}))
    check_resource(moto(), **found, forgotten=MOTO_FORGETS.get(kind, ()))


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("cloudwatch_alarm", "ListTagsForResource"),
        ("dynamodb_table", "ListTagsOfResource"),
        ("event_source_mapping", "ListTags"),
        ("kinesis_stream", "ListTagsForStream"),
        ("log_group", "ListTagsForResource"),
        ("sqs_queue", "ListQueueTags"),
    ],
)
def test_what_is_there_but_tells_no_tags_is_there_and_not_ready(
    kind: str,
    call: str,
    case: Callable[[str, Aws], Any],
    moto: Callable[[], Aws],
    refused: Callable[[str], Exception],
) -> None:
    def refuse(_service: str, operation: str) -> None:
        if operation == call:
            raise refused("ResourceNotFoundException")

    resource = case(kind, moto()).resource
    resource.create(moto())
    aws = moto()
    aws.watch(refuse)
    live = resource.read(aws)
    assert live
    assert (live.tags, live.ready) == ({}, False)


EMULATOR_GAPS = {
    "cloudwatch_alarm": {"there are no percentiles": ({"statistic": "p99"},)},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_keeps_the_contract_on_the_emulator(
    kind: str, case: Callable[[str, Aws], Any], emulator: Emulator
) -> None:
    def aws() -> Aws:
        return Aws(region="eu-west-1", endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)

    check_resource(aws(), **case(kind, aws()).without(EMULATOR_GAPS.get(kind, {})))


@pytest.mark.parametrize(("kind", "registered"), KINDS.items())
def test_a_kind_is_registered_under_its_own_name(kind: str, registered: type) -> None:
    assert registered.kind == kind


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_change_of_a_setting_shows_in_what_terraform_is_told(
    kind: str, case: Callable[[str, Aws], Any], moto: Callable[[], Aws]
) -> None:
    found = case(kind, moto())
    steps = [found.resource]
    for change in found.changes:
        if "code_sha256" not in change:  # Terraform sees that by the file
            steps.append(replace(steps[-1], **change))

    told = [each.terraform() for each in steps]

    assert all(before != after for before, after in pairwise(told))
    assert CLOUD_CONTROL not in [each.type for each in told[0]]
    assert KINDS[kind].terraform_attributes.keys() >= KINDS[kind].cloudformation_attributes.keys()
