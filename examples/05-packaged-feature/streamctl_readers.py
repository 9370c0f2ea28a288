"""A role for an application that reads the results and the stream: exactly that, and `verify` sees that it stays so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from streamctl import Check, FeatureSettings, Pipeline, Series, Situation
from streamctl.resources import DynamodbTable, IamRole, KinesisStream

ROLE = "readers_role"


class ReadersSettings(FeatureSettings):
    service: str = Field(
        "ecs-tasks.amazonaws.com",
        pattern=r"^[a-z0-9.-]+\.amazonaws\.com$",
        description="The AWS service that runs the application and assumes the role.",
    )
    stream: bool = Field(False, description="Whether it may read the stream, too, and not the table alone.")


class Readers:
    """A role for an application that reads the table, and where wanted the stream."""

    settings = ReadersSettings
    default: ClassVar[bool] = False

    def apply(self, pipeline: Pipeline, settings: ReadersSettings) -> None:
        name = f"analytics-readers-{pipeline.names.suffix}"
        pipeline.add(IamRole(id=ROLE, name=name, trusted_service=settings.service, source_account="${aws.account}"))
        table = pipeline.get("table", DynamodbTable)
        pipeline.allow(["dynamodb:GetItem", "dynamodb:Query"], table.arn, role=ROLE)
        if settings.stream:
            stream = pipeline.get("stream", KinesisStream)
            actions = ["kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator"]
            pipeline.allow([*actions, "kinesis:ListShards"], stream.arn, role=ROLE)
        of_table = {"TableName": table.name}
        pipeline.series.append(Series("Reads used", "AWS/DynamoDB", "ConsumedReadCapacityUnits", of_table, "Sum"))
        pipeline.series.append(Series("Reads throttled", "AWS/DynamoDB", "ReadThrottleEvents", of_table, "Sum"))

        def nothing_more(situation: Situation) -> Iterator[Check]:
            yield only_reads(situation, name)

        pipeline.check(nothing_more, {ROLE: ("iam:ListAttachedRolePolicies", "iam:ListRolePolicies")})


def only_reads(situation: Situation, role: str) -> Check:
    """Whether the role has got nothing but what the pipeline gave it: a policy that somebody attaches is no drift of
    any setting, so that `plan` would not tell.
    """
    iam = situation.aws.client("iam")
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
    more = [policy["PolicyName"] for policy in attached] + inline[1:]
    return Check(
        "readers only read",
        passed=not more,
        detail=f"{role} also has {', '.join(more)}." if more else f"{role} has the pipeline's policy and no other.",
        hint="Detach what it should not have: `aws iam detach-role-policy`." if more else "",
    )
