"""Reading the results table by the SDK: the rows of one event, or page after page. `scan.py` reads the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.verify.items import Item

COMPARED = (
    "eventId", "timestamp", "eventType", "userId", "metrics",
    "rawData", "payloadSha256", "arrivedAtMs", "processedAtMs",
)  # fmt: skip
"""What reconciling needs; the rest would only be transferred."""


def rows(dynamodb: Any, table: str, event_id: str, also: str = "") -> Iterator[Item]:
    """The rows of one event: one, unless something went wrong. `also` names one more attribute to read."""
    read = pages(
        dynamodb.query,
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="eventId = :id",
        ExpressionAttributeValues={":id": {"S": event_id}},
        **projection(also),
    )
    for page in read:
        yield from page["Items"]


def pages(read: Callable[..., Any], **arguments: Any) -> Iterator[Any]:
    """The answers of a scan or a query, one after the other."""
    while True:
        page = read(**arguments)
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def projection(also: str = "") -> dict[str, Any]:
    """The arguments of a scan or a query that make it answer what is `COMPARED`, and one attribute more."""
    names = {f"#{name}": name for name in COMPARED}  # some names are reserved words, and the list of those grows
    if also:
        names["#also"] = also  # it may be a name that no placeholder can have
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}
