"""Every fault of the data path: in whose request, which one, what happens, how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from . import trouble
from .trouble import InPart, refused, resharded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .trouble import Trouble

ALWAYS = float("inf")
SMALL, LARGE = 14, 90
"""Events of a life: a request or two per shard, or several calls side by side."""


class Where(Enum):
    PRODUCER = "producer"
    PROCESSOR = "processor"
    INVOCATION = "invocation"
    DRIVER = "driver"


@dataclass(frozen=True)
class DataFault:
    """The `occurrence`-th request of an operation, counted from 1, and those after it, `times` in all."""

    where: Where
    operation: str
    what: str
    trouble: Trouble
    occurrence: int = 1
    times: float = 1
    until_the_invocation_ends: bool = False
    events: int = SMALL
    pieces: int = 2
    """PutRecords requests that the events are sent in."""
    maximum_retries: int = 20
    broken: bool = False
    """The function never succeeds: Lambda gives everything up, and says so."""

    @property
    def sort(self) -> str:
        """What happens, in the words of the table."""
        return f"{self.operation} taken in part" if isinstance(self.trouble, InPart) else self.what

    def __str__(self) -> str:
        often = "to the invocation's end" if self.until_the_invocation_ends else f"x{self.times:g}"
        size = "" if self.events == SMALL else f" of {self.events} events"
        return f"{self.where.value}: {self.operation} #{self.occurrence} {self.what} {often}{size}"


WHOLE: dict[str, Trouble] = {
    "throttled": refused("ProvisionedThroughputExceededException"),
    "500 before effect": refused("InternalServerError", 500),
    "500 after effect": trouble.failed_after(),
    "lost before effect": trouble.lost_before,
    "lost after effect": trouble.lost_after,
}


def every_fault() -> list[DataFault]:
    return [*_of_producer(), *_of_table(), *_of_queue(), *_of_invocation(), *_of_driver(), *_of_resharding()]


def _of_producer() -> Iterator[DataFault]:
    producer, put = Where.PRODUCER, "PutRecords"
    for occurrence in (1, 2):
        for what, happens in WHOLE.items():
            for times in (1, 3, ALWAYS):
                yield DataFault(producer, put, what, happens, occurrence, times)
        for code in ("ProvisionedThroughputExceededException", "InternalFailure"):
            for places in trouble.PLACES:
                for times in (1, 3):
                    yield DataFault(producer, put, f"{places} {code}", InPart(places, code), occurrence, times)
            yield DataFault(producer, put, f"first {code}", InPart("first", code), occurrence, ALWAYS)
        for what, happens in (
            ("killed before", trouble.killed_before),
            ("killed after", trouble.killed_after),
            ("Ctrl-C before", trouble.interrupted_before),
            ("Ctrl-C after", trouble.interrupted_after),
            ("refused for good", refused("AccessDeniedException")),
            ("stream still CREATING", refused("ResourceNotFoundException")),
        ):
            yield DataFault(producer, put, what, happens, occurrence)


def _of_table() -> Iterator[DataFault]:
    processor, write = Where.PROCESSOR, "BatchWriteItem"
    faults = {
        **WHOLE,
        "table still CREATING": refused("ResourceNotFoundException"),
        **{f"UnprocessedItems {places}": InPart(places) for places in trouble.PLACES},
    }
    for occurrence, events in ((1, SMALL), (2, SMALL), (3, LARGE)):
        for what, happens in faults.items():
            for times in (1, 3):
                yield DataFault(processor, write, what, happens, occurrence, times, events=events)
            yield DataFault(
                processor, write, what, happens, occurrence, ALWAYS, until_the_invocation_ends=True, events=events
            )
        for what, happens in (("killed before", trouble.killed_before), ("killed after", trouble.killed_after)):
            for times in (1, 3):
                yield DataFault(processor, write, what, happens, occurrence, times, events=events)
    # Refused for good: Lambda gives up, tells its destination, and nothing is silently gone.
    yield DataFault(
        processor, write, "refused for good", refused("AccessDeniedException"), 1, ALWAYS, maximum_retries=2
    )


def _of_queue() -> Iterator[DataFault]:
    processor, send = Where.PROCESSOR, "SendMessageBatch"
    for occurrence in (1, 2):
        for what, happens in {**WHOLE, "throttled": refused("RequestThrottled", 403)}.items():
            for times in (1, 3):
                yield DataFault(processor, send, what, happens, occurrence, times)
            yield DataFault(processor, send, what, happens, occurrence, ALWAYS, until_the_invocation_ends=True)
        for places in ("first", "last", "all"):
            for sender in (False, True):
                what = f"{places} Failed{', our fault' if sender else ''}"
                happens = InPart(places, "InternalError", sender)
                for times in (1, 3):
                    yield DataFault(processor, send, what, happens, occurrence, times)
        for what, happens in (("killed before", trouble.killed_before), ("killed after", trouble.killed_after)):
            for times in (1, 3):
                yield DataFault(processor, send, what, happens, occurrence, times)


def _of_invocation() -> Iterator[DataFault]:
    """`Invoke` itself, see function.py: the names are what happens."""
    for occurrence in (1, 2):
        for what in ("throttled", "lost before effect", "answer lost", "killed between write and checkpoint"):
            for times in (1, 3):
                yield DataFault(Where.INVOCATION, "Invoke", what, _pass, occurrence, times)
        for what in (
            "driver restarted before",
            "driver restarted between processing and checkpoint",
            "driver restarted with older checkpoints",
            "driver restarted without checkpoints",
        ):
            yield DataFault(Where.INVOCATION, "Invoke", what, _pass, occurrence)


def _of_driver() -> Iterator[DataFault]:
    for operation in ("ListShards", "GetShardIterator", "GetRecords"):
        for what in ("throttled", "500 before effect", "lost before effect", "lost after effect"):
            yield DataFault(Where.DRIVER, operation, what, WHOLE[what])
    yield DataFault(Where.DRIVER, "GetRecords", "expired", refused("ExpiredIteratorException"))
    yield DataFault(Where.DRIVER, "GetRecords", "expired", refused("ExpiredIteratorException"), 3)
    for what in ("throttled", "lost before effect", "lost after effect"):  # what is set aside for good is told first
        yield DataFault(Where.DRIVER, "SendMessage", what, WHOLE[what], maximum_retries=0, broken=True)


def _of_resharding() -> Iterator[DataFault]:
    for how in ("split", "merge", "double", "halve"):
        for where, operation in ((Where.PRODUCER, "PutRecords"), (Where.PROCESSOR, "BatchWriteItem")):
            for occurrence in (1, 2, 3):
                yield DataFault(where, operation, f"shards {how}", resharded(how), occurrence, events=LARGE, pieces=6)


def _pass(wire: object, request: object) -> None:
    return None
