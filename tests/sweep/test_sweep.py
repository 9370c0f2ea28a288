"""Every call of `up`, `deploy` and `down` fails, gets lost or is the last one before a kill: nothing is lost or left.

STREAMCTL_SWEEP=3 pytest tests/sweep       the fourth fifth of the faults
STREAMCTL_SWEEP=all pytest tests/sweep     all of them

Without the variable the sweep is skipped, for its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .choice import FIFTHS, belongs_to, chosen_parts, skip_unless_asked_for
from .commands import Streamctl
from .conftest import expect_recovery
from .faults import Call, Fault, Kind
from .harness import Sweep, all_faults
from .naive import CreateOrDie

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = skip_unless_asked_for

PARTS = 4 * FIFTHS  # so that several processes share a fifth

EVERYTHING = {
    "stream": 1,
    "table": 1,
    "function": 1,
    "mapping": 1,
    "role": 1,
    "log group": 1,
    "queue": 1,
    "bucket": 1,
    "alarm": 9,
    "dashboard": 1,
    "topic": 1,
    "subscription": 1,
    "key": 1,
}


@pytest.mark.parametrize("part", chosen_parts(PARTS))
def test_every_fault_is_recovered_from_and_nothing_is_left(
    part: int, sweep: tuple[Sweep, list[Fault]], record_property: Callable[[str, object], None]
) -> None:
    harness, every_fault = sweep

    expect_recovery(harness, [fault for fault in every_fault if belongs_to(part, fault, PARTS)], record_property)


def test_an_undisturbed_up_makes_everything_exactly_once(sweep: tuple[Sweep, list[Fault]]) -> None:
    harness, _ = sweep

    assert harness.kinds_after("up") == EVERYTHING
    assert harness.kinds_after("deploy") == EVERYTHING


class Greedy(Streamctl):
    """Its `down` takes a name that only begins with ours for our own."""

    def down(self) -> None:
        super().down()
        ours = f"/aws/lambda/kinesis-processor-{self.name}"
        logs = self._clients.client("logs")
        for group in logs.describe_log_groups(logGroupNamePrefix=ours)["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


def test_a_neighbour_that_is_touched_is_seen(account: str, tmp_path: Path) -> None:
    harness = Sweep(account, tmp_path, Greedy, name="g")
    harness.calls()

    verdicts = harness.rounds([Fault("down", Call("sqs", "DeleteQueue", 1), Kind.THROTTLED)])

    assert next(name for verdict in verdicts for name in verdict.touched).startswith("log group")


def test_an_order_that_creates_or_dies_does_not_get_through(account: str, tmp_path: Path) -> None:
    harness = Sweep(account, tmp_path, CreateOrDie, name="n")
    writes = [fault for fault in all_faults(harness.calls()) if not fault.call.is_read]

    verdicts = [verdict for verdict in harness.rounds(writes[::8]) if verdict.met]

    assert verdicts
    assert sum(verdict.recovered for verdict in verdicts) < len(verdicts) / 2
    assert any(verdict.leaked for verdict in verdicts)
