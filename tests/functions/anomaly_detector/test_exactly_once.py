"""Whatever is delivered again, cut off, refused or lost, and whoever else is at work: every item counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.functions.aws.errors import CallError

from .bench import Bench, record

if TYPE_CHECKING:
    from collections.abc import Callable

LATENESS, WINDOW = 60, 60
PHASE = LATENESS - 1
"""What arrives within it may do so in any order without being late."""
TROUBLES = ["none", "none", "none", "refused", "lost", "dead before", "dead after", "overtaken"]


class Death(BaseException):
    """The container is gone."""


class World:
    """Deliveries on two shards, and trouble at every call."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.bench = Bench()
        self.bench.dynamodb.trouble = self.trouble
        self.draw = draw
        self.others: list[list[dict[str, Any]]] = []
        """What may be delivered while another invocation is at work."""
        self.sound = False

    def trouble(self, operation: str, when: str) -> None:
        if self.sound:
            return
        match when, self.draw(st.sampled_from(TROUBLES)):
            case "before", "refused":
                raise CallError("ThrottlingException", is_passing=True)
            case "after", "lost":
                raise CallError("TimeoutError", is_passing=True)
            case ("before", "dead before") | ("after", "dead after"):
                raise Death
            case "before", "overtaken":
                if self.others:
                    self.deliver(self.others.pop())

    def deliver(self, batch: list[dict[str, Any]]) -> None:
        """Until it is taken in, as Lambda does: again, or in two halves."""
        attempts = 0
        while batch:
            attempts += 1
            self.sound = self.sound or attempts > 5
            try:
                answer = self.bench.handle(*batch)
            except Death:
                if len(batch) > 1 and self.draw(st.booleans()):
                    self.deliver(batch[: len(batch) // 2])
                    batch = batch[len(batch) // 2 :]
                continue
            failed = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
            places = {each["dynamodb"]["SequenceNumber"]: place for place, each in enumerate(batch)}
            batch = batch[places[failed[0]] :] if failed else []


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_windows_and_findings_are_as_if_every_record_had_come_once(data):
    sizes = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=6))
    phases, number = [], 0
    for phase, size in enumerate(sizes):
        times = data.draw(st.lists(st.integers(0, PHASE), min_size=size, max_size=size))
        phases.append([record(number + place, 3 * WINDOW * phase + at) for place, at in enumerate(times)])
        number += size
    end = [record(10_000, 3 * WINDOW * (len(sizes) + 3))]

    once = Bench()
    for phase in [*phases, end]:
        for each in phase:
            once.handle(each)

    world = World(data.draw)
    old: list[list[dict[str, Any]]] = []
    for phase in phases:
        batches = [phase[place : place + 4] for place in range(0, len(phase), 4)]
        world.others = batches[1::2] + ([data.draw(st.sampled_from(old))] if old else [])
        for batch in batches[::2]:
            world.sound = False
            world.deliver(batch)
        world.sound = True
        while world.others:
            world.deliver(world.others.pop())
        old += batches
    world.sound = False
    world.deliver(end)
    world.sound = True
    world.deliver(end)

    assert world.bench.history() == once.history()
    assert world.bench.dynamodb.findings() == once.dynamodb.findings()
    assert len(set(world.bench.subjects)) == len(world.bench.subjects)
    assert set(world.bench.subjects) <= set(once.subjects)
    assert world.bench.metrics("LateRecords") == 0


def test_two_records_of_one_batch_and_of_one_event_count_once():
    bench = Bench()

    bench.handle(record(1, 0), record(1, 0), record(2, 300))

    assert bench.history() == [(0, 1.0), (60, 0.0), (120, 0.0), (180, 0.0)]
    assert "again=1" in bench.log[-1]
