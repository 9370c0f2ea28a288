"""A table's time to live (TTL): the attribute by which DynamoDB deletes items, and the rules for changing it.

DynamoDB takes one change an hour: UpdateTimeToLive refuses the next with a ValidationException, in words that only AWS
knows exactly ("Time to live has been modified multiple times within a fixed interval"). Another attribute takes two
changes, since one has to be off before the other goes on. A change is in force when DescribeTimeToLive first tells of
it, though its status stays ENABLING or DISABLING for up to an hour: nothing else has to wait for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

ON = frozenset({"ENABLED", "ENABLING"})
TOO_SOON = "modified multiple times"
NO_TABLE_YET = "while table is in"
"""DynamoDB says so of a table in the state CREATING or DELETING, where other calls do not find it."""


def described(dynamodb: Any, table: str) -> Mapping[str, Any] | None:
    """The answer of DescribeTimeToLive, which there is only for a table that is made, and not leaving."""
    try:
        answer: Mapping[str, Any] | None = failures.or_none(dynamodb.describe_time_to_live, TableName=table)
    except Exception as error:
        if failures.code(error) != "ValidationException" or NO_TABLE_YET not in failures.text(error):
            raise
        return None
    return answer


def attribute(answer: Mapping[str, Any]) -> str | None:
    """The attribute that is, or is becoming, the one to delete by, from an answer of DescribeTimeToLive."""
    description = answer["TimeToLiveDescription"]
    return str(description["AttributeName"]) if description["TimeToLiveStatus"] in ON else None


def change(dynamodb: Any, table: str, there: str | None, wanted: str | None) -> None:
    """Take one step from the attribute that is there to the one that is wanted. Raises AwsError where it is too soon
    after the last one."""
    name, enabled = (wanted, True) if there is None else (there, False)
    try:
        dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"AttributeName": name, "Enabled": enabled}
        )
    except Exception as error:
        refused = failures.code(error) == "ValidationException"
        there_now = described(dynamodb, table) if refused else None
        if there_now and attribute(there_now) == (name if enabled else None):
            return  # it was sent again after an answer got lost, and is done
        if not refused or TOO_SOON not in failures.text(error):
            raise
        raise AwsError(
            f"Could not {'begin' if enabled else 'stop'} deleting items of {table} by {name}: {failures.text(error)}",
            "DynamoDB takes one change of it an hour, and another attribute takes two. Run `streamctl up` again in an "
            "hour: it continues from here. Until then new items are stamped as before.",
        ) from error
