"""Every policy against what AWS knows: its actions, their resources and their condition keys."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.emulator import process
from streamctl.engine.references import fill
from streamctl.pipeline.names import POLICY_NAME
from streamctl.policy.audiences import AUDIENCES

from .conftest import blueprint, printed

if TYPE_CHECKING:
    from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own files open
    import parliament


FEATURES = ("anomaly_detection", "dashboard", "retention", "stream_scaling", "tracing")
"""Switched on beside the default ones."""
ROLES = {"processor": "role", "detector": "detector_role"}


@pytest.fixture(params=[*AUDIENCES, *ROLES])
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param not in ROLES:
        return printed(request.param, tmp_path, FEATURES)
    known = {"aws": {"account": process.ACCOUNT, "region": "eu-central-1", "partition": "aws"}}
    role: Any = blueprint(tmp_path, FEATURES).resources[ROLES[request.param]]
    return dict(fill(role.policies[POLICY_NAME], known))


def known_resources(action: str) -> set[str]:
    """The types of resource that AWS ties an action to; empty where it can only be granted on everything."""
    prefix, name = action.split(":")
    services = [each for each in parliament.iam_definition if each["prefix"] == prefix]  # two share `cloudformation`
    found = next(each for service in services for each in service["privileges"] if each["privilege"] == name)
    return {each["resource_type"] for each in found["resource_types"]} - {""}


def test_nothing_is_unknown_or_mismatched(policy: dict[str, Any]) -> None:
    findings = parliament.analyze_policy_string(json.dumps(policy)).findings

    assert [f"{finding.issue} {finding.detail} {finding.location}" for finding in findings] == []


def test_everything_is_granted_on_everything_only_where_aws_knows_no_resource(policy: dict[str, Any]) -> None:
    for statement in policy["Statement"]:
        for action in statement["Action"]:
            assert (statement["Resource"] == ["*"]) == (not known_resources(action)), action


def test_a_mistake_would_be_found() -> None:
    stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"
    wrong = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "kinesis:PutRecordz", "Resource": "*"},
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": stream},
        ],
    }

    issues = {finding.issue for finding in parliament.analyze_policy_string(json.dumps(wrong)).findings}

    assert issues >= {"UNKNOWN_ACTION", "RESOURCE_MISMATCH"}
