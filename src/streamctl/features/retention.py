"""Items that expire: the function stamps each with the second until which it is kept, and DynamoDB deletes it some time
after that, usually within days, at no cost.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from streamctl.aws.failures import explained, or_none
from streamctl.features.newest_items import PERMISSIONS, NewestItems
from streamctl.functions.processor.stamps import EXPIRY_ATTRIBUTE, EXPIRY_SECONDS, PLACE, REQUEST_ID, SAMPLED, TRACE_ID
from streamctl.pipeline.builder import Series
from streamctl.pipeline.checks import Check
from streamctl.plugins import FeatureSettings
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.checks import Situation

DAY_SECONDS = 86_400
TAKEN = frozenset(
    {
        *("eventId", "timestamp", "processedAt", "eventType", "userId", "sessionId", "deviceType", "location"),
        *("metrics", "arrivedAtMs", "processedAtMs", "rawData", "payloadSha256"),
        *(TRACE_ID, SAMPLED, REQUEST_ID, PLACE),
    }
)
"""What items have anyway; a test compares it with the processor's."""


class RetentionSettings(FeatureSettings):
    days: float = Field(
        30.0,
        ge=1 / DAY_SECONDS,
        le=3650,
        description="Days an item is kept, counted from the arrival of its event in the stream; parts of a day are "
        "allowed, 3650 at most. Another number holds for what arrives from then on: stored items keep their stamp.",
    )
    attribute: str = Field(
        "expiresAt",
        min_length=1,
        max_length=255,
        description="The attribute of the stamp, in epoch seconds. DynamoDB takes one change of it an hour; another "
        "name takes two.",
    )

    @field_validator("attribute")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in TAKEN:
            raise ValueError(f"{name} is an attribute that items have already")
        return name


class Retention:
    """Items expire a number of days after the arrival of their event.

    Counted from arrival and not from the event's own time: that is the producer's word, so a late event would be
    gone at once (or, five years late, never: DynamoDB takes that for a mistake), and one of a clock ahead would stay.

    Turned off again, items get no stamp, and none is deleted any more.
    """

    settings = RetentionSettings
    default = False

    def apply(self, pipeline: Pipeline, settings: RetentionSettings) -> None:
        pipeline.change("table", ttl_attribute=settings.attribute)
        function = pipeline.get("function", LambdaFunction)
        seconds = max(1, round(settings.days * DAY_SECONDS))
        environment = {EXPIRY_ATTRIBUTE: settings.attribute, EXPIRY_SECONDS: str(seconds)}
        pipeline.change("function", environment={**function.environment, **environment})
        table = pipeline.get("table", DynamodbTable).name
        pipeline.series.append(
            Series("Items expired", "AWS/DynamoDB", "TimeToLiveDeletedItemCount", {"TableName": table}, "Sum")
        )
        items = NewestItems("items that expire", table, function.name, settings.attribute)
        needed = {**PERMISSIONS, "table": (*PERMISSIONS["table"], "dynamodb:DescribeTimeToLive")}
        pipeline.check(partial(look, items), needed)


def look(items: NewestItems, situation: Situation) -> Iterator[Check]:
    """DynamoDB deletes by the attribute, and items have it."""
    yield _deleting(items, situation)
    yield items.look(situation.aws)


def _deleting(items: NewestItems, situation: Situation) -> Check:
    name, table, up = "items are deleted in time", items.table, "Run: streamctl up"
    with explained(f"look at how {table} deletes items"):
        answer = or_none(situation.aws.client("dynamodb").describe_time_to_live, TableName=table)
    if answer is None:
        return Check(name, False, f"The table {table} does not exist.", up)
    found = answer["TimeToLiveDescription"]
    status, attribute = found["TimeToLiveStatus"], found.get("AttributeName", "nothing")
    detail = f"DynamoDB says {status}, by {attribute}."
    if status == "ENABLING" and attribute == items.attribute:
        return Check(name, None, detail, "It may take an hour.")
    is_right = status == "ENABLED" and attribute == items.attribute
    return Check(name, is_right, detail, "" if is_right else up)
