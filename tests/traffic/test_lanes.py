"""A run sent by several processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from streamctl import ledger
from streamctl.aws import Aws
from streamctl.emulator.process import CREDENTIALS, REGION
from streamctl.errors import PluginError
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.lanes import Lane, run
from streamctl.traffic.order import Order
from streamctl.traffic.pacing import Batches, Pace, Rate
from streamctl.traffic.producer import Producer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from streamctl.emulator.process import Emulator
    from streamctl.traffic.progress import Progress


class Broken:
    """A generator with a mistake in it."""

    def event(self, *_: Any) -> dict[str, Any]:
        raise KeyError("price")


@pytest.fixture
def producer(emulator: Emulator, tmp_path: Path) -> Iterator[Producer]:
    aws = Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=CREDENTIALS)
    name = f"lanes-{tmp_path.name}"
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    yield Producer(aws=aws, pipeline="lanes", stream=name, folder=tmp_path)
    aws.client("kinesis").delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def lanes(producer: Producer, *paces: Pace, generator: object = RecipeEvents) -> list[Lane]:
    run_ids = producer.new_run_ids(len(paces))
    return [
        Lane(
            replace(producer, run_id=run_id, group=run_ids[0], share=1 / len(paces)),
            partial(Order(seed=number).made_by, generator(), "recipe"),  # type: ignore[operator]
            pace,
        )
        for number, (run_id, pace) in enumerate(zip(run_ids, paces, strict=True))
    ]


def test_each_process_has_a_run_and_together_they_are_a_group(producer: Producer) -> None:
    heard: list[int] = []

    def observe(progress: Progress) -> None:
        heard.append(progress.accepted)

    production = run(lanes(producer, Batches(1, 300), Batches(1, 200)), observe)

    runs = ledger.together(producer.folder)
    assert [each.run_id for each in runs] == [info.run_id for info in production.runs]
    assert [list(each.read().outcomes) for each in runs] == [[1] * 300, [1] * 200]
    assert production.progress.accepted == sum(production.progress.by_shard.values()) == heard[-1] == 500
    assert not production.interrupted
    assert ledger.together(producer.folder, production.runs[1].run_id) == runs


def test_ctrl_c_ends_every_process_with_its_events_settled(producer: Producer) -> None:
    going = threading.Event()

    def observe(progress: Progress) -> None:
        if progress.accepted > 20:
            going.set()

    def interrupt() -> None:
        going.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    production = run(lanes(producer, Rate(100), Rate(100)), observe)

    assert production.interrupted
    assert production.progress.accepted > 20
    runs = ledger.together(producer.folder, production.run.run_id)
    assert [each.run_id for each in runs] == [info.run_id for info in production.runs]  # one may not have begun yet
    for each in runs:
        assert each.ended_at is not None
        assert set(each.read().outcomes) <= {ledger.Outcome.ACCEPTED, ledger.Outcome.UNSENT}


def test_what_a_process_raises_is_raised_here(producer: Producer) -> None:
    with pytest.raises(PluginError, match=r"The generator recipe failed on event 0: KeyError"):
        run(lanes(producer, Batches(1, 1), Batches(1, 1), generator=Broken), lambda progress: None)


def test_together_they_keep_to_what_the_shards_take(producer: Producer) -> None:
    began = time.monotonic()

    production = run(lanes(producer, Batches(1, 1500, 0), Batches(1, 1500, 0)), lambda progress: None)

    assert production.progress.accepted == 3000
    assert production.progress.paced_seconds > 0.5  # a shard gets 750 from each, at 500 a second
    assert time.monotonic() - began > 0.5
