"""Every fault on the way of events from `produce`: each event ends in one row, or is set aside with its reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.emulator.process import CREDENTIALS

from .choice import FIFTHS, belongs_to, chosen_parts, skip_unless_asked_for
from .commands import REGION
from .conftest import FIGURES, empty_account
from .data_path.faults import DataFault, Where, every_fault
from .data_path.judging import DataVerdict, judge
from .data_path.lane import Lane
from .data_path.naive import naive_processor
from .figures import data_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = skip_unless_asked_for

LANES = 4
"""Lives at a time: most of a life is waiting."""


class Lanes:
    """Several lanes on one emulator, whose clients find it by the environment, as in Lambda."""

    def __init__(self, endpoint_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        self._endpoint_url = endpoint_url
        self._folder = tmp_path_factory.mktemp("lanes")
        self._made: list[Lane] = []

    def lane(self, **settings: Any) -> Lane:
        made = Lane(self._endpoint_url, self._folder, f"l{len(self._made)}", **settings)
        self._made.append(made)
        return made

    def close(self) -> None:
        for lane in self._made:
            lane.close()


@pytest.fixture(scope="module")
def lanes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lanes]:
    with (
        empty_account(tmp_path_factory.mktemp("account") / "emulator") as endpoint_url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("AWS_ENDPOINT_URL", endpoint_url)
        environment.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS[0])
        environment.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS[1])
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        made = Lanes(endpoint_url, tmp_path_factory)
        yield made
        made.close()


def lived(lanes: Sequence[Lane], faults: Sequence[DataFault]) -> list[DataVerdict]:
    """Every fault in a life of its own, several lives at a time."""
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def live(fault: DataFault) -> DataVerdict:
        lane = free.get()
        try:
            life = lane.live(fault)
            verdict = judge(lane.aws, life)
            lane.clear(life)
            return verdict
        finally:
            free.put(lane)

    with ThreadPoolExecutor(len(lanes)) as pool:
        return list(pool.map(live, faults))


@pytest.mark.parametrize("part", chosen_parts(FIFTHS))
def test_no_event_is_lost_or_stored_twice(
    part: int, lanes: Lanes, record_property: Callable[[str, object], None]
) -> None:
    faults = [fault for fault in every_fault() if belongs_to(part, fault, FIFTHS)]

    verdicts = lived([lanes.lane() for _ in range(LANES)], faults)

    record_property(FIGURES, json.dumps(data_figures(verdicts)))
    assert sum(verdict.met for verdict in verdicts) >= 0.95 * len(faults)
    assert [str(verdict) for verdict in verdicts if not verdict.recovered] == []


def test_a_processor_that_swallows_what_fails_loses_events(lanes: Lanes) -> None:
    faults = [
        fault for fault in every_fault() if fault.where is Where.PROCESSOR and fault.operation == "BatchWriteItem"
    ]

    verdicts = [verdict for verdict in lived([lanes.lane(make=naive_processor)], faults[:12]) if verdict.met]

    assert verdicts
    assert all(verdict.lost for verdict in verdicts)
    assert not any("verify does not see" in wrong for verdict in verdicts for wrong in verdict.wrong)
