"""Invokes a handler with batches of 100 of the recipe's events, and prints a JSON list with what each round cost.

python -m tests.benchmarks.processors.invoking MODULE ROUNDS BATCHES

The first batch warms up and is not measured; what the handler prints goes nowhere.
"""

from __future__ import annotations

import base64
import json
import os
import random
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from streamctl.traffic.generators import RecipeEvents

from ..answering import requests
from ..measuring import measured

RECORDS_PER_BATCH = 100
SHARD = "shardId-000000000000"


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def batches(count: int) -> list[dict[str, Any]]:
    rng, at = random.Random(7), datetime.now(UTC)
    return [
        {"Records": [delivery(rng, batch * RECORDS_PER_BATCH + place, at) for place in range(RECORDS_PER_BATCH)]}
        for batch in range(count)
    ]


def delivery(rng: random.Random, number: int, at: datetime) -> dict[str, Any]:
    """One entry of `Records`, as far as a handler reads it."""
    event = {"eventId": f"run-{number:09d}", **RecipeEvents().event(rng, number, at)}
    return {
        "kinesis": {
            "partitionKey": event["userId"],
            "sequenceNumber": f"4959033827149025660855969253836157109592157598913{number:07d}",
            "data": base64.b64encode(json.dumps(event).encode()).decode(),
            "approximateArrivalTimestamp": at.timestamp(),
        },
        "eventID": f"{SHARD}:{number}",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/analytics",
    }


def main() -> None:
    handle, rounds, count = import_module(sys.argv[1]).handle, int(sys.argv[2]), int(sys.argv[3])
    told, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: PTH123, SIM115  as long as the process
    first, *rest = batches(1 + count)
    handle(first, Context())
    costs, url = [], os.environ["AWS_ENDPOINT_URL"]
    for _ in range(rounds):
        before = requests(url)
        with measured() as cost:
            for batch in rest:
                answer = handle(batch, Context())
                if answer != {"batchItemFailures": []}:
                    raise SystemExit(f"{sys.argv[1]} answered {answer}")
        costs.append(asdict(cost) | {"records": count * RECORDS_PER_BATCH, "requests": requests(url) - before})
    json.dump(costs, told)


if __name__ == "__main__":
    main()
