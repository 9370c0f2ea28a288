"""What a million events cost besides the table's own writes, against the recipe's design; and the estimate behind it.

The dollars are computed, not measured: what is measured is the CPU of a batch, which the estimate takes for granted.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import streamctl.functions
from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.cost.comparison import TARGET, compare
from streamctl.cost.demand import Demand
from streamctl.cost.design import Design, configured
from streamctl.cost.flow import needed_shards
from streamctl.cost.prices import prices
from streamctl.cost.processing import STREAMCTL
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue

from .answering import answering, environment
from .measuring import run
from .report import Figure

AREA = "cost"
RECIPE = "the published recipe"
FAIR_RATE = 10
"""Events a second from which on shards and alarms, which cost the same for none at all, no longer decide."""
RATES = (1, 10, 100, 1000, 10_000)
BATCH = 100
MEASURING = """
import base64, json, os, random, sys, time
from datetime import UTC, datetime
from streamctl.traffic.generators import RecipeEvents
from processor.handler import handle

class Context:
    def get_remaining_time_in_millis(self):
        return 300_000

rng, events, at, said = random.Random(1), RecipeEvents(), datetime.now(UTC), sys.stdout

def delivery(number):
    event = {"eventId": f"run-{number:012d}", **events.event(rng, number, at)}
    payload = json.dumps(event).encode()
    kinesis = {"sequenceNumber": str(number), "partitionKey": "user", "approximateArrivalTimestamp": at.timestamp(),
               "data": base64.b64encode(payload + b" " * max(0, 350 - len(payload))).decode()}
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/analytics"
    return {"eventSourceARN": arn, "eventID": f"shardId-000000000000:{number}", "kinesis": kinesis}

batches = [{"Records": [delivery(each * 100 + i) for i in range(100)]} for each in range(int(sys.argv[1]))]
sys.stdout = open(os.devnull, "w")
handle(batches[0], Context())
best = []
for round in range(5):
    began = time.process_time()
    for batch in batches:
        handle(batch, Context())
    best.append(time.process_time() - began)
print(min(best) / len(batches) * 1000, file=said)
"""


def figures(*, quick: bool) -> list[Figure]:
    design = default_design()
    return [
        *(_dollars(design, Demand(rate)) for rate in RATES),
        _dollars(design, Demand(1000, aggregate=True)),
        _estimate(quick=quick),
    ]


def default_design() -> Design:
    """What `streamctl init` writes."""
    project = Project(Path(), Config())
    return configured(blueprint(project, Catalogue(), Names("any"), Path()))


def _dollars(design: Design, demand: Demand) -> Figure:
    """Where the default's two shards are too few, as many as are needed, on both sides."""
    enough = replace(design, shards=max(design.shards or 0, needed_shards(demand)))
    compared = compare(demand, enough, prices("us-east-1"))
    packed = ", aggregated" if demand.aggregate else ""
    return Figure(
        area=AREA,
        what=f"a million events besides the table, {demand.events_per_second:,} a second{packed}",
        unit="$",
        ours=compared.per_million(compared.ours.besides_table),
        peer=RECIPE,
        theirs=compared.per_million(compared.recipe.besides_table),
        at_most=TARGET if demand.events_per_second >= FAIR_RATE else None,
        note=f"us-east-1, {enough.shards} shards, prices of {compared.prices.read_at}",
    )


def _estimate(*, quick: bool) -> Figure:
    """The CPU of a batch as it is, against what the bill is made with."""
    paths = Path(streamctl.functions.__file__).parent
    with answering({"BatchWriteItem": b'{"UnprocessedItems":{}}'}) as url:
        variables = {"DYNAMODB_TABLE": "results", "REJECTED_QUEUE_URL": f"{url}/queue", "PYTHONPATH": str(paths)}
        _, printed = run(
            [sys.executable, "-c", MEASURING, "10" if quick else "50"], environment=environment(url) | variables
        )
    return Figure(
        area=AREA,
        what=f"CPU of a batch of {BATCH}",
        unit="CPU ms",
        ours=float(printed),
        peer="what `streamctl cost` takes it to be",
        theirs=STREAMCTL.batch_cpu_ms + STREAMCTL.event_cpu_ms * BATCH,
        at_most=1.25,
        note="far below: streamctl.cost.processing should be brought up to date",
    )
