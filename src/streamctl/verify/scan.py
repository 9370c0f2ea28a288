"""Reading the whole results table: pages in DynamoDB's own JSON, several segments of the table side by side.

A fast path, because taking a page apart costs the SDK more than ten times what reading its JSON costs, and one page
after the other is mostly waiting. Left out is what the SDK makes of an answer: its shapes (the items keep theirs as
DynamoDB sends them) and binary values, which stay base64. A page waits as bytes and is taken apart only when it is
asked for, so that however large the table is, a page of each segment is all that is in memory.
"""

from __future__ import annotations

import gc
import json
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.aws.failures import Failure
from streamctl.aws.session import ATTEMPTS
from streamctl.aws.waiting import backoff
from streamctl.errors import AwsError
from streamctl.verify.table import projection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.aws.direct import Direct
    from streamctl.verify.items import Item

NOT_DYNAMODB = "See what answers in DynamoDB's place: a proxy, or a gateway."
SEGMENTS = 6
"""Read side by side: they keep one core busy with pages of 50 ms, in a few MB each. More would only be throttled where
pages take 130 ms: each has 256 read units, and a new on-demand table gives about 12,000 a second."""
THROTTLED_TRIES = 10

Place = dict[str, Any]
"""Which page: the arguments that name its segment, and the key behind which it begins."""


def scan(
    dynamodb: Direct,
    table: str,
    *,
    also: str = "",
    segments: int = SEGMENTS,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Item]:
    """Every row, a few pages in memory at a time. `also` names one more attribute to read. Raises what the SDK raises.

    The first page is read of the whole table, for most tables end with it. Where more follows it is read again as a
    part of the segments: no segment could go on from it, and the table's real size would be told hours late.
    """
    reading = _Reading(dynamodb, table, sleep, also)
    page = _taken_apart(reading.page({}))
    if "LastEvaluatedKey" in page:
        del page
        yield from _side_by_side(reading, segments)
    else:
        yield from page["Items"]


def _side_by_side(reading: _Reading, segments: int) -> Iterator[Item]:
    """The rows of all segments. A segment's next page is asked for when the one before is taken apart."""
    wanted: SimpleQueue[Place | None] = SimpleQueue()
    read: SimpleQueue[tuple[Place, bytes | Exception]] = SimpleQueue()
    for _ in range(segments):
        # Daemons: Ctrl-C must not wait for what nobody wants any more.
        threading.Thread(target=reading.serve, args=(wanted, read), name="scanning", daemon=True).start()
    try:
        for segment in range(segments):
            wanted.put({"Segment": segment, "TotalSegments": segments})
        unfinished = segments
        while unfinished:
            place, content = read.get()
            if isinstance(content, Exception):
                raise content
            page = _taken_apart(content)
            del content
            if last := page.get("LastEvaluatedKey"):
                wanted.put(place | {"ExclusiveStartKey": last})
            else:
                unfinished -= 1
            yield from page["Items"]
    finally:
        reading.is_over = True
        for _ in range(segments):
            wanted.put(None)


class _Reading:
    """Reads single pages of a table. A page that is throttled, fails or gets lost is asked for again, as the SDK does
    with its own requests; throttled ones oftener, because segments take each other's units."""

    def __init__(self, dynamodb: Direct, table: str, sleep: Callable[[float], None], also: str = "") -> None:
        self._dynamodb = dynamodb
        self._request = {"TableName": table, "ConsistentRead": True, **projection(also)}
        self._sleep = sleep
        self.is_over = False
        """Nobody wants a page any more."""

    def serve(self, wanted: SimpleQueue[Place | None], read: SimpleQueue[tuple[Place, bytes | Exception]]) -> None:
        """Read the pages wanted, until there is None. What goes wrong is told in place of the page."""
        while (place := wanted.get()) is not None and not self.is_over:
            try:
                content: bytes | Exception = self.page(place)
            except Exception as error:
                content = error
            read.put((place, content))
            del content  # or it would stay in memory until the next page is there

    def page(self, place: Place) -> bytes:
        """One page as DynamoDB sends it."""
        body = json.dumps(self._request | place).encode()
        attempt = 0
        while True:
            try:
                return self._dynamodb.post("Scan", body)
            except Exception as error:
                attempt += 1
                if self.is_over or attempt >= _tries(error):
                    raise
            self._sleep(backoff(attempt - 1))


def _taken_apart(content: bytes) -> Any:
    """A page as dictionaries. There are no cycles among them, and to look for some takes longer than to make them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        page = json.loads(content)
    except ValueError as error:
        raise AwsError(f"A page of the table is no JSON: {error}.", NOT_DYNAMODB) from error
    finally:
        if collects:
            gc.enable()
    if not (isinstance(page, dict) and "Items" in page):
        raise AwsError("A page of the table is JSON, but holds no items.", NOT_DYNAMODB)
    return page


def _tries(error: Exception) -> int:
    """How often a page is asked for before this is believed."""
    meaning = failures.classify(error) if failures.is_sdk_error(error) else Failure.FATAL
    if meaning is Failure.FATAL:
        return 1
    return THROTTLED_TRIES if meaning is Failure.NO_EFFECT and failures.code(error) else ATTEMPTS
