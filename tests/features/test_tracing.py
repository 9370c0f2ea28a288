from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.features.tracing import Tracing, TracingSettings
from streamctl.pipeline.names import POLICY_NAME
from streamctl.resources.iam_role import IamRole
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline
    from tests.features.conftest import Deployed

TRACE_ID = "1-5759e988-bd862e3fe1be46a994272793"


def test_the_function_is_traced_and_its_role_may_tell_x_ray(pipeline: Pipeline) -> None:
    Tracing().apply(pipeline, TracingSettings())

    function, policy = pipeline.get("function", LambdaFunction), pipeline.get("role", IamRole).policies[POLICY_NAME]
    assert (function.tracing, function.environment["TRACE_ITEMS"]) == ("Active", "1")
    assert policy["Statement"][-1] == {
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": ["*"],
    }


@pytest.mark.parametrize(
    ("mode", "items", "seen"),
    [
        ("Active", {"a": {"traceId": TRACE_ID}}, [True, True]),
        ("Active", {"a": {"traceId": TRACE_ID}, "b": {}}, [True, False]),
        ("PassThrough", {}, [False, None]),
    ],
)
def test_mode_and_items_are_looked_at(
    mode: str, items: dict[str, dict[str, str]], seen: list[Any], pipeline: Pipeline, deployed: Deployed
) -> None:
    Tracing().apply(pipeline, TracingSettings())
    deployed.function(mode)
    for event_id, attributes in items.items():
        deployed.store(event_id, **attributes)

    checks = deployed.checks(pipeline)

    assert [checks[name].passed for name in ("tracing", "items with the trace of their batch")] == seen
