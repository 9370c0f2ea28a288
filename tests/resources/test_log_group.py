from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streamctl.resources.log_group import LogGroup

if TYPE_CHECKING:
    from streamctl.aws import Aws

GROUP = LogGroup(id="logs", name="/aws/lambda/processor", retention_days=14)


def test_a_group_whose_name_only_begins_the_same_is_another(aws: Aws) -> None:
    replace(GROUP, name="/aws/lambda/processor-two").create(aws)
    assert GROUP.read(aws) is None


def test_the_arn_names_the_group_and_not_its_streams(aws: Aws) -> None:
    GROUP.create(aws)
    live = GROUP.read(aws)
    assert live
    assert live.attributes["arn"] == "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/processor"


def test_a_group_that_lambda_made_never_expires_until_it_is_updated(aws: Aws) -> None:
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/processor")
    live = GROUP.read(aws)
    assert live
    assert GROUP.differing(live) == {"retention_days": (None, 14)}
    GROUP.update(aws, live)
    assert aws.client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"] == 14
