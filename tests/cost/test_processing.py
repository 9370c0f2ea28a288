"""The figures of a batch, held against what the processor does."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from streamctl.cost.design import CHECKSUM_BYTES, RAW_DATA_BYTES
from streamctl.cost.processing import LINE_BYTES, PLATFORM_BYTES, PLATFORM_LINES, RECIPE, STREAMCTL
from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.metrics import DEVICE_TYPES, EVENT_TYPES
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.redaction import KEEP_ALL, Redaction
from streamctl.functions.processor.table import ITEMS_PER_CALL
from streamctl.traffic.generators import RecipeEvents

from ..functions.processor.conftest import Bench
from .examples import PROCESSING

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def payloads(number: int) -> list[bytes]:
    rng, events = random.Random(1), RecipeEvents()
    return [
        json.dumps({"eventId": f"20261123-abcdef-{i:08d}", **events.event(rng, i, AT)}, separators=(",", ":")).encode()
        for i in range(number)
    ]


def mean_item_bytes(redaction: Redaction) -> float:
    """What items have beside a payload."""
    sizes = []
    for payload in payloads(1000):
        record = Record("s", "shardId-000000000000", "4" * 56, "user_1", 1_790_000_000_000, payload)
        item = prepare(record, 1_790_000_000_123, redaction)
        assert isinstance(item, Item)
        sizes.append(item.size_bytes - (len(payload) if redaction.keeps_raw_data else 0))
    return sum(sizes) / len(sizes)


def test_an_item_is_as_large_as_the_processor_makes_it() -> None:
    assert mean_item_bytes(KEEP_ALL) == pytest.approx(STREAMCTL.item_bytes, rel=0.01)


def test_a_payload_that_is_not_kept_leaves_a_checksum() -> None:
    omitted = mean_item_bytes(Redaction.from_environment({"RAW_DATA": "omit"}))

    assert omitted == pytest.approx(STREAMCTL.item_bytes - RAW_DATA_BYTES + CHECKSUM_BYTES, rel=0.01)


@pytest.mark.parametrize("batch", [1, 10, 100, 400])
def test_a_batch_logs_as_much_as_the_processor_does(bench: Bench, batch: int) -> None:
    events = payloads(2000)
    batches = [events[start : start + batch] for start in range(0, len(events), batch)]

    for each in batches:
        bench.run(*each)

    own = sum(len(line) + 1 + LINE_BYTES for line in bench.log) / len(batches)
    platform = PLATFORM_BYTES + PLATFORM_LINES * LINE_BYTES
    assert own + platform == pytest.approx(STREAMCTL.logged_bytes(batch), rel=0.06)


def test_the_metrics_are_those_the_processor_can_make() -> None:
    assert STREAMCTL.metrics == 3 + (len(EVENT_TYPES) + 1) * (len(DEVICE_TYPES) + 1)


def test_the_calls_that_are_waited_for_together_are_the_processors() -> None:
    assert STREAMCTL.events_per_wait == ITEMS_PER_CALL * 8


def test_a_batch_takes_its_cpu_at_the_memorys_share_and_its_waiting() -> None:
    # 100 events at 1,769 MB: 0.75 + 9 ms of CPU, one wave of 5 ms: 14.75, billed as 15.
    assert PROCESSING.seconds(100, 1769) == 0.015
    # More memory gives a second core, which one batch does not use.
    assert PROCESSING.seconds(100, 3538) == 0.015
    # 512 MB are 0.289 of a core: 33.7 + 5 ms.
    assert PROCESSING.seconds(100, 512) == 0.039
    # The recipe waits for 225 calls of 5 ms one after the other: 1,125 + 203.75 ms.
    assert RECIPE.seconds(100, 1769) == 1.329
