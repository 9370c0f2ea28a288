from __future__ import annotations

import pytest

from streamctl.engine.state import LOCAL, Target
from streamctl.errors import TargetError
from streamctl.workspace.target import refuse_another_target

VARIABLE = "AWS_ENDPOINT_URL"
IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def at(endpoint_url: str | None) -> Target:
    return Target("123456789012", "eu-west-1", endpoint_url)


def test_a_pipeline_at_aws_is_not_looked_for_where_the_environment_sends_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:4566")

    with pytest.raises(
        TargetError, match=f"demo lives at AWS, and {VARIABLE} sends everything to http://127.0.0.1:4566"
    ):
        refuse_another_target(at(None), None, None, "demo")
    for endpoint_url in (LOCAL, "http://127.0.0.1:4567"):
        refuse_another_target(at(endpoint_url), None, None, "demo")
    monkeypatch.setenv(IGNORED, "true")
    refuse_another_target(at(None), None, None, "demo")
