"""Reading the results table: the whole of it, or the rows of one event."""

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


def scan(dynamodb: Any, table: str) -> Iterator[Item]:
    """Every row, one page in memory at a time."""
    return _items(dynamodb.scan, TableName=table, ConsistentRead=True, **_projection())


def rows(dynamodb: Any, table: str, event_id: str) -> Iterator[Item]:
    """The rows of one event: one, unless something went wrong."""
    return _items(
        dynamodb.query,
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="eventId = :id",
        ExpressionAttributeValues={":id": {"S": event_id}},
        **_projection(),
    )


def pages(read: Callable[..., Any], **arguments: Any) -> Iterator[Any]:
    """The answers of a scan or a query, one after the other."""
    while True:
        page = read(**arguments)
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _items(read: Callable[..., Any], **arguments: Any) -> Iterator[Item]:
    for page in pages(read, **arguments):
        yield from page["Items"]


def _projection() -> dict[str, Any]:
    names = {f"#{name}": name for name in COMPARED}  # some names are reserved words, and the list of those grows
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}
