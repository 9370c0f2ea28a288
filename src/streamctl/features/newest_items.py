"""A look of features that put an attribute on every item: do the items have it that were made since the function does?

A table has no order, so a part of it is read: items are spread by a hash, and one part is as good as another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained
from streamctl.pipeline.checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.aws import Aws

PAGES_READ = 5
"""Of 1 MB each: thousands of items, for a thousandth of a cent."""
IN_FORCE_WITHIN = timedelta(minutes=1)
"""Lambda goes on a while with the environment that a function had before."""
PERMISSIONS = {"table": ("dynamodb:Scan",), "function": ("lambda:GetFunctionConfiguration",)}


@dataclass(frozen=True)
class NewestItems:
    """Items of `table` that `function` has put `attribute` on; `name` is the check's."""

    name: str
    table: str
    function: str
    attribute: str

    def look(self, aws: Aws) -> Check:
        changed_at = function_changed_at(aws, self.function)
        since_ms = round((changed_at + IN_FORCE_WITHIN).timestamp() * 1000)
        stamped = older = 0
        bare: list[str] = []
        for item in self._items(aws):
            if "processedAtMs" not in item:  # of no event: a feature's own
                continue
            if self.attribute in item:
                stamped += 1
            elif int(item["processedAtMs"]["N"]) > since_ms:
                bare.append(item["eventId"]["S"])
            else:
                older += 1
        return self._judged(stamped, older, bare)

    def _judged(self, stamped: int, older: int, bare: list[str]) -> Check:
        if bare:
            detail = f"{len(bare):,} items were stored without {self.attribute} since the function puts it on them."
            return Check(self.name, False, detail, "Bring the function up to date: streamctl up", tuple(bare[:5]))
        before = f" {older:,} have none: they were stored before, and stay so." if older else ""
        if not stamped:
            return Check(self.name, None, f"None yet.{before}", "Store some: streamctl produce")
        return Check(self.name, True, f"{stamped:,} of those looked at.{before}")

    def _items(self, aws: Aws) -> Iterator[Any]:
        names = {"#attribute": self.attribute, "#id": "eventId", "#at": "processedAtMs"}
        pages = (
            aws.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.table, ProjectionExpression=", ".join(names), ExpressionAttributeNames=names)
        )
        with explained(f"read the table {self.table}"):
            for page in islice(pages, PAGES_READ):
                yield from page["Items"]


def function_changed_at(aws: Aws, function: str) -> datetime:
    """When its code or configuration was changed last."""
    with explained(f"look at the function {function}"):
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return datetime.fromisoformat(found["LastModified"])
