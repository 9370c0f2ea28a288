"""A processor with fakes around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.functions.processor.handler import Processor
from streamctl.functions.processor.redaction import KEEP_ALL, Redaction
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.stamps import NO_STAMPS, Stamps
from streamctl.functions.processor.table import BatchWriter

from .fake_aws import QUEUE_URL, FakeDynamoDB, FakeSQS
from .lambda_events import STARTED_AT, Invocation, OneThread, batch

if TYPE_CHECKING:
    from .fake_aws import Puts


class Bench:
    """One processor, its fake AWS, and what it logged. `run` is one invocation."""

    def __init__(self, redaction: Redaction = KEEP_ALL, stamps: Stamps = NO_STAMPS) -> None:
        self.redaction = redaction
        self.stamps = stamps
        self.dynamodb = FakeDynamoDB()
        self.sqs = FakeSQS()
        self.invocation = Invocation()
        self.log: list[str] = []

    def run(self, *payloads: bytes) -> dict[str, Any]:
        return self.handle(batch(*payloads))

    def handle(self, delivered: dict[str, Any]) -> dict[str, Any]:
        return self.processor.handle(delivered, self.invocation)

    @property
    def processor(self) -> Processor:
        pool = OneThread()
        return Processor(
            BatchWriter(self.dynamodb, "results", pool),
            RejectedQueue(self.sqs, QUEUE_URL, pool, shows_payload=self.redaction.keeps_all),
            self.redaction,
            stamps=self.stamps,
            clock=lambda: STARTED_AT,
            sleep=self.invocation.sleep,
            log=self.log.append,
        )

    @property
    def ids(self) -> set[str]:
        return {event_id for event_id, _ in self.dynamodb.rows}

    @property
    def calls(self) -> list[Puts]:
        return self.dynamodb.calls


@pytest.fixture
def bench() -> Bench:
    return Bench()
