"""Reading the whole results table: pages in DynamoDB's own JSON, several segments of the table side by side.

A fast path, because a page of 1 MB costs the SDK twenty times what it costs to read its JSON, and one page after the
other is mostly waiting. Left out is what the SDK does with an answer: its shapes, which the items keep as they are
sent, and binary values, which stay base64. A page waits as bytes and is taken apart only when it is asked for, so that
however large the table is, a page of each segment is all that is in memory.
"""

from __future__ import annotations

import gc
import json
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.aws.session import ATTEMPTS
from streamctl.aws.waiting import backoff
from streamctl.verify.table import projection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.aws.direct import Direct
    from streamctl.verify.items import Item

SEGMENTS = 6
"""Read side by side: they keep one core busy with pages of 50 ms, in a few MB each. More would only be throttled where
pages take 130 ms: each has 256 read units, and a new on-demand table gives about 12,000 a second."""
THROTTLED_TRIES = 10

Key = dict[str, Any]
"""What DynamoDB names as the last item of a page: the next page begins behind it."""


def scan(
    dynamodb: Direct, table: str, *, segments: int = SEGMENTS, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Item]:
    """Every row, a few pages in memory at a time. Raises what the SDK raises.

    The first page is read of the whole table, for most tables end with it. Where more follows it is read again as a
    part of the segments: no segment could go on from it, and the table's real size would be told hours late.
    """
    reading = _Reading(dynamodb, table, sleep)
    page = _taken_apart(reading.page({}))
    if "LastEvaluatedKey" in page:
        del page
        yield from _side_by_side(reading, segments)
    else:
        yield from page["Items"]


def _side_by_side(reading: _Reading, segments: int) -> Iterator[Item]:
    """The rows of all segments. A segment's next page is asked for when the one before is taken apart."""
    wanted: SimpleQueue[Key | None] = SimpleQueue()
    read: SimpleQueue[tuple[Key, bytes | Exception]] = SimpleQueue()
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

    def __init__(self, dynamodb: Direct, table: str, sleep: Callable[[float], None]) -> None:
        self._dynamodb = dynamodb
        self._request = {"TableName": table, "ConsistentRead": True, **projection()}
        self._sleep = sleep
        self.is_over = False
        """Nobody wants a page any more."""

    def serve(self, wanted: SimpleQueue[Key | None], read: SimpleQueue[tuple[Key, bytes | Exception]]) -> None:
        """Read the pages wanted, until there is None. What goes wrong is told in place of the page."""
        while (place := wanted.get()) is not None:
            try:
                content: bytes | Exception = self.page(place)
            except Exception as error:
                content = error
            read.put((place, content))
            del content  # or it would stay in memory until the next page is there

    def page(self, place: Key) -> bytes:
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
        return json.loads(content)
    finally:
        if collects:
            gc.enable()


def _tries(error: Exception) -> int:
    """How often a page is asked for before this is believed."""
    if not failures.is_sdk_error(error):
        return 1
    match failures.classify(error):
        case failures.Failure.FATAL:
            return 1
        case failures.Failure.NO_EFFECT if failures.code(error):
            return THROTTLED_TRIES
    return ATTEMPTS
