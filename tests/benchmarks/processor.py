"""The processor: records a second and CPU with 5 ms a call, and the cold start, against the recipe's handler and boto3.

What is measured of ours is the package that is deployed, unpacked as Lambda unpacks it and without compiled files: each
cold start compiles it. The endpoint is answering_server.c, the events are the recipe's, a batch has 100.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.pipeline.package import package

from .answering import answering, environment
from .limiting import limited
from .measuring import run
from .report import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AREA = "processor"
DELAY_MS = 5
LAMBDA_CPUS = 0.29
"""Of a function with 512 MB: Lambda gives one CPU for 1,769 MB."""
LEAST_REQUESTS = 40
"""For 1,000 records, since BatchWriteItem takes 25 items."""
OURS = "processor.handler"
RECIPE, BOTO3 = "tests.benchmarks.processors.recipe", "tests.benchmarks.processors.batch_write_item"
RECIPE_NAME, BOTO3_NAME = "the recipe's handler, floats mended", "boto3 batch_write_item, 8 threads"

COLD = "import time; began = time.process_time()\n{}\nprint(time.process_time() - began)"
COLD_OURS = COLD.format("from processor import handler; handler._processor()")
COLD_BOTO3 = COLD.format('import boto3; boto3.client("dynamodb")')


@dataclass(frozen=True)
class Speed:
    """The best of several rounds: what others do on the machine only ever adds."""

    records_per_second: float
    cpu_ms: float
    """For 1,000 records."""
    requests: float
    """For 1,000 records."""


def figures(*, quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="streamctl-benchmarks-") as folder, answering(delay_ms=DELAY_MS) as url:
        with zipfile.ZipFile(io.BytesIO(package("processor").content)) as zipped:
            zipped.extractall(folder)
        surroundings = environment(url) | {
            "DYNAMODB_TABLE": "results",
            "REJECTED_QUEUE_URL": f"{url}/queue",
            "PYTHONPATH": os.pathsep.join((folder, str(Path.cwd()))),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return [
            *_free(surroundings, quick=quick),
            *_held(surroundings, quick=quick),
            _cold_start(surroundings, quick=quick),
        ]


def _free(surroundings: Mapping[str, str], *, quick: bool) -> list[Figure]:
    rounds = 2 if quick else 5
    ours = _speed(OURS, surroundings, rounds, 20)
    boto3 = _speed(BOTO3, surroundings, rounds, 20)
    recipe = _speed(RECIPE, surroundings, 1 if quick else 2, 2)
    return [
        _rate(f"{DELAY_MS} ms a call", ours, recipe, RECIPE_NAME, at_least=50),
        _rate(f"{DELAY_MS} ms a call", ours, boto3, BOTO3_NAME),
        _cpu(ours, boto3, BOTO3_NAME, at_most=1 / 3),
        _cpu(ours, recipe, RECIPE_NAME),
        _requests(ours, LEAST_REQUESTS, "the least that BatchWriteItem allows", at_most=1),
        _requests(ours, recipe.requests, RECIPE_NAME),
    ]


def _held(surroundings: Mapping[str, str], *, quick: bool) -> list[Figure]:
    with limited(LAMBDA_CPUS) as limit:
        if limit is None:
            print(
                f"{AREA}: no control group can be made here, and there is no cpulimit: nothing is measured with"
                f" {LAMBDA_CPUS} CPU.",
                file=sys.stderr,
            )
            return []
        rounds = 1 if quick else 3
        ours = _speed(OURS, surroundings, rounds, 40, limit.prefix)
        boto3 = _speed(BOTO3, surroundings, rounds, 20, limit.prefix)
        recipe = _speed(RECIPE, surroundings, 1, 2, limit.prefix)
        what = f"{DELAY_MS} ms a call, {LAMBDA_CPUS} CPU"
        return [
            _rate(what, ours, recipe, RECIPE_NAME, at_least=50, note=limit.how),
            _rate(what, ours, boto3, BOTO3_NAME, note=limit.how),
        ]


def _speed(
    handler: str, surroundings: Mapping[str, str], rounds: int, batches: int, prefix: Sequence[str] = ()
) -> Speed:
    invoking = [sys.executable, "-m", "tests.benchmarks.processors.invoking", handler, str(rounds), str(batches)]
    _, printed = run([*prefix, *invoking], environment=surroundings)
    costs = json.loads(printed)
    return Speed(
        records_per_second=max(cost["records"] / cost["wall_seconds"] for cost in costs),
        cpu_ms=min(1e6 * cost["cpu_seconds"] / cost["records"] for cost in costs),
        requests=max(1000 * cost["requests"] / cost["records"] for cost in costs),
    )


def _cold_start(surroundings: Mapping[str, str], *, quick: bool) -> Figure:
    """Without an endpoint of our own: what is made ready is a connection to AWS, certificates and all."""
    plain = {name: value for name, value in surroundings.items() if name != "AWS_ENDPOINT_URL"}
    ours, boto3 = [], []
    for _ in range(5 if quick else 15):
        for code, seconds in ((COLD_OURS, ours), (COLD_BOTO3, boto3)):
            seconds.append(float(run([sys.executable, "-c", code], environment=plain)[1]))
    return Figure(
        area=AREA,
        what="cold start",
        unit="CPU ms",
        ours=1000 * min(ours),
        peer='import boto3; boto3.client("dynamodb")',
        theirs=1000 * min(boto3),
        at_most=0.5,
        note="certificates loaded in ours, not yet in boto3's",
    )


def _rate(what: str, ours: Speed, theirs: Speed, peer: str, *, at_least: float | None = None, note: str = "") -> Figure:
    return Figure(
        area=AREA,
        what=what,
        unit="records/s",
        ours=ours.records_per_second,
        peer=peer,
        theirs=theirs.records_per_second,
        at_least=at_least,
        note=note,
    )


def _cpu(ours: Speed, theirs: Speed, peer: str, *, at_most: float | None = None) -> Figure:
    return Figure(
        area=AREA,
        what="1,000 records",
        unit="CPU ms",
        ours=ours.cpu_ms,
        peer=peer,
        theirs=theirs.cpu_ms,
        at_most=at_most,
    )


def _requests(ours: Speed, theirs: float, peer: str, *, at_most: float | None = None) -> Figure:
    return Figure(
        area=AREA, what="1,000 records", unit="API calls", ours=ours.requests, peer=peer, theirs=theirs, at_most=at_most
    )
