from __future__ import annotations

import pytest

from streamctl.cli.status import console_links
from streamctl.engine.state import LOCAL, Target
from streamctl.observe.status import ABSENT, ResourceStatus

AWS = Target("123456789012", "eu-west-1")


def dashboard(state: str = "ACTIVE") -> ResourceStatus:
    return ResourceStatus("dashboard", "cloudwatch_dashboard", "board", state, ready=True)


def test_a_dashboard_has_a_link_to_the_console() -> None:
    (link,) = console_links(AWS, [ResourceStatus("stream", "kinesis_stream", "events", "ACTIVE", True), dashboard()])

    assert link.startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/")
    assert link.endswith("/board")


@pytest.mark.parametrize(
    ("target", "state"),
    [
        (AWS, ABSENT),
        (Target("123456789012", "eu-west-1", LOCAL), "ACTIVE"),
        (Target("123456789012", "eu-west-1", "http://127.0.0.1:4566"), "ACTIVE"),
        (Target("123456789012", "cn-north-1"), "ACTIVE"),
    ],
)
def test_there_is_no_link_where_no_console_of_aws_shows_it(target: Target, state: str) -> None:
    assert console_links(target, [dashboard(state)]) == []
