"""`python theirs.py paginate|load PROJECTION NAMES`: the table read with boto3's paginator, and what it cost as JSON.

Imports nothing of ours: it runs in the peers' environment. `paginate` looks at every item and lets go of it; `load`
keeps all of them in a dictionary by id, as one does who wants to compare them. An empty PROJECTION is none.
"""

import json
import sys
import time
from pathlib import Path

import boto3


def main(what: str, projection: str, names: str) -> None:
    dynamodb = boto3.client("dynamodb")
    arguments = {"TableName": "results", "ConsistentRead": True}
    if projection:
        arguments |= {"ProjectionExpression": projection, "ExpressionAttributeNames": json.loads(names)}
    kept: dict[str, object] = {}
    items = 0
    cpu, wall = time.process_time(), time.perf_counter()
    for page in dynamodb.get_paginator("scan").paginate(**arguments):
        for item in page["Items"]:
            items += 1
            if what == "load":
                kept[item["eventId"]["S"]] = item
    cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    sys.stdout.write(json.dumps({"items": items, **cost, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """As `ours.py` reads it."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
