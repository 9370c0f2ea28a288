"""What is measured of our producer, in a process of its own: `python -m tests.benchmarks.producing URL EVENTS …`."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from streamctl.aws import Aws
from streamctl.traffic import lanes
from streamctl.traffic.generators import RecipeEvents, _head
from streamctl.traffic.order import Order
from streamctl.traffic.pacing import Batches
from streamctl.traffic.producer import Producer

from .answering import CREDENTIALS
from .measuring import measured, peak_mb

EVENT_BYTES = 350
HEAD = _head(datetime.now(UTC), "20261123T161154-k3f9") % (0, 1000, 100_000)
ROOM = EVENT_BYTES - len(HEAD) - len(b',"note":""')


class EvenEvents(RecipeEvents):
    """The recipe's events, each of 350 bytes."""

    @cached_property
    def doings(self) -> tuple[list[str], list[bytes]]:
        types, doings = RecipeEvents().doings
        return types, [doing[:-1] + b',"note":"' + b"x" * (ROOM - len(doing)) + b'"}' for doing in doings]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("events", type=int)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--aggregate", action="store_true")
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--spread", action="store_true")
    chosen = parser.parse_args()
    keys = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    order = Order(seed=1, spread_keys=chosen.spread)
    with tempfile.TemporaryDirectory() as folder:
        producer = Producer(
            aws=Aws(region=CREDENTIALS["AWS_REGION"], endpoint_url=chosen.url, credentials=keys),
            pipeline="benchmark",
            stream="benchmark",
            folder=Path(folder),
            connections=chosen.connections,
            aggregates=chosen.aggregate,
        )
        producer.run(order.made_by(EvenEvents(), "recipe"), Batches(1, 5000, 0))  # imports and tables are not counted
        with measured() as cost:
            if chosen.processes:
                produced = lanes.run(shared(producer, order, chosen.events, chosen.processes), lambda progress: None)
            else:
                produced = producer.run(order.made_by(EvenEvents(), "recipe"), Batches(1, chosen.events, 0))
    assert produced.progress.accepted == chosen.events
    assert produced.progress.bytes == chosen.events * EVENT_BYTES
    print(json.dumps({"cpu": cost.cpu_seconds, "wall": cost.wall_seconds, "peak_mb": peak_mb()}))


def shared(producer: Producer, order: Order, events: int, processes: int) -> list[lanes.Lane]:
    run_ids = producer.new_run_ids(processes)
    return [
        lanes.Lane(
            replace(producer, run_id=run_id, group=run_ids[0], share=1 / processes),
            partial(replace(order, seed=number).made_by, EvenEvents(), "recipe"),
            Batches(1, events // processes, 0),
        )
        for number, run_id in enumerate(run_ids)
    ]


if __name__ == "__main__":
    main()
