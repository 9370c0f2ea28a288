"""Where messages about failures lie: taken in hand for a while, then removed one by one or put back."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from streamctl.aws import failures
from streamctl.errors import AwsError
from streamctl.replay.kept import Kept, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")

HIDDEN_SECONDS = 30
"""So long a message stays hidden from other readers after a kill; while we work it is renewed."""
RENEW_SECONDS = 8
RECOUNT_SECONDS = 2.0
LISTEN_SECONDS = 1
MESSAGES_PER_CALL = 10
MOST_MESSAGES = 10_000
"""Taken in hand at a time. SQS allows 120,000, and each has to be renewed in time."""
OUT_OF_SIGHT = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
LEFT = "ApproximateNumberOfMessages"


class Shelf(Protocol):
    """A queue or a bucket."""

    name: str
    not_taken: int
    """Messages that were there and could not be taken: another reader has them in hand, or there are too many."""

    def take(self, patience_seconds: float = 0) -> Iterator[Kept]:
        """Every message not in hand yet; those another reader has are waited for so long.

        Without patience, those that come up at once: a small queue may seem empty.
        """

    def renew(self) -> None:
        """Keep hold of what is in hand."""

    def remove(self, kept: Iterable[Kept]) -> None:
        """Delete messages for good."""

    def put_back(self) -> None:
        """Let others see what is still in hand."""


class QueueShelf:
    """An SQS queue. What is in hand is hidden from other readers."""

    def __init__(
        self,
        sqs: Any,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = url.rpartition("/")[2]
        self.not_taken = 0
        self._sqs = sqs
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self._in_hand: dict[str, None] = {}
        self._lock = threading.Lock()

    def take(self, patience_seconds: float = 0) -> Iterator[Kept]:
        until = self._clock() + patience_seconds
        while len(self._in_hand) < MOST_MESSAGES:
            messages = self._receive(LISTEN_SECONDS if patience_seconds else 0)
            with self._lock:
                self._in_hand |= dict.fromkeys(message["ReceiptHandle"] for message in messages)
            for message in messages:
                yield parse(self.name, message["ReceiptHandle"], message["Body"])
            if messages:
                continue
            self.not_taken = max(0, self._counted(*OUT_OF_SIGHT) - len(self._in_hand))
            if not self.not_taken or self._clock() + RECOUNT_SECONDS > until:
                return
            self._sleep(RECOUNT_SECONDS)
        self.not_taken = self._counted(LEFT)

    def renew(self) -> None:
        self._change_visibility(HIDDEN_SECONDS)

    def remove(self, kept: Iterable[Kept]) -> None:
        for some in groups((each.handle for each in kept), MESSAGES_PER_CALL):
            with self._lock:
                for handle in some:
                    self._in_hand.pop(handle, None)
            answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=_entries(some))
            refuse_failures(self.name, [each["Code"] for each in answer.get("Failed", ())])

    def put_back(self) -> None:
        self._change_visibility(0)
        with self._lock:
            self._in_hand.clear()

    def _receive(self, wait_seconds: int) -> Sequence[Any]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MESSAGES_PER_CALL,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=wait_seconds,
        )
        return list(answer.get("Messages", []))

    def _counted(self, *names: str) -> int:
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(names))
        return sum(int(answer["Attributes"][name]) for name in names)

    def _change_visibility(self, seconds: int) -> None:
        with self._lock:
            handles = list(self._in_hand)
        for some in groups(handles, MESSAGES_PER_CALL):
            # A message that cannot be changed was deleted meanwhile, or is visible already.
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url, Entries=[entry | {"VisibilityTimeout": seconds} for entry in _entries(some)]
            )


@contextmanager
def in_hand(shelves: Iterable[Shelf], every_seconds: float = RENEW_SECONDS) -> Iterator[None]:
    """Keep hold of what is taken inside; at the end, put back what was not removed."""
    shelves, over = list(shelves), threading.Event()

    def renew() -> None:
        while not over.wait(every_seconds):
            for shelf in shelves:
                _trying(shelf.renew)

    thread = threading.Thread(target=renew, name="renewing messages", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for shelf in shelves:
            _trying(shelf.put_back)


def _trying(change: Callable[[], None]) -> None:
    """A message whose visibility cannot be changed comes up again by itself, and sending it twice does no harm."""
    try:
        change()
    except Exception as error:
        if not failures.is_sdk_error(error):
            raise


def refuse_failures(name: str, codes: Sequence[str]) -> None:
    """Raises AwsError where AWS says, within a success, that it did not remove something."""
    if codes:
        raise AwsError(
            f"{len(codes)} of what is settled could not be removed from {name}: {', '.join(sorted(set(codes)))}.",
            "Nothing is lost: run the same command again. `streamctl policy replay` prints what it needs.",
        )


def groups(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in lists of at most so many."""
    rest = iter(values)
    while group := list(islice(rest, size)):
        yield group


def _entries(handles: Sequence[str]) -> list[dict[str, Any]]:
    return [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
