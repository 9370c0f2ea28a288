"""Looking into a queue without taking anything out of it."""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HIDDEN_SECONDS = 60
"""Messages being looked at are hidden from other readers for so long at most, should the look be cut off."""
LOOK_SECONDS = 45
"""A look is over before the first message of it comes up again."""
RECOUNT_SECONDS = 2.0
"""SQS counts with a delay, and what another reader hides comes up again."""
MESSAGES_PER_CALL = 10
ACTIONS = ("sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
OUT_OF_SIGHT = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


class QueueLook:
    """One look at every message; afterwards all of them are visible again."""

    def __init__(
        self,
        sqs: Any,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sqs = sqs
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self.complete = False
        """Every message was seen: the queue is empty, and no message is out of sight but those of this look."""

    def bodies(self, *, wait_seconds: int = 0) -> Iterator[str]:
        """The messages' bodies. Without `wait_seconds`, those that come up at once: a small queue may seem empty.

        With it SQS asks all its servers, and what another reader hides is waited for, 45 s at most.
        """
        until, held = self._clock() + LOOK_SECONDS, 0
        with tempfile.TemporaryFile("w+", encoding="utf-8") as handles:  # a long queue must not fill the memory
            try:
                while self._clock() < until:
                    messages = self._receive(wait_seconds)
                    held += len(messages)
                    handles.writelines(message["ReceiptHandle"] + "\n" for message in messages)
                    yield from (message["Body"] for message in messages)
                    if not messages:
                        self.complete = self._out_of_sight() == held
                        if self.complete or not wait_seconds:
                            return
                        self._sleep(RECOUNT_SECONDS)
            finally:
                self._release(handles)

    def _receive(self, wait_seconds: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MESSAGES_PER_CALL,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=wait_seconds,
        )
        return list(answer.get("Messages", []))

    def _out_of_sight(self) -> int:
        """How many messages nobody can receive now, those of this look among them."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(OUT_OF_SIGHT))
        return sum(int(answer["Attributes"][name]) for name in OUT_OF_SIGHT)

    def _release(self, handles: IO[str]) -> None:
        handles.seek(0)
        while group := [line.rstrip("\n") for line in islice(handles, MESSAGES_PER_CALL)]:
            # A message that cannot be released was deleted meanwhile, or comes up again by itself.
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(group)
                ],
            )
