"""`python -m tests.benchmarks.verifying.ours scan|reconcile|nothing FOLDER`: does it, and prints what it cost as JSON.

FOLDER is the pipeline's, with one run in it. `nothing` is the bare interpreter.
"""

import json
import sys
import time
from pathlib import Path


def main(what: str, folder: str) -> None:
    cost = {"scan": scan, "reconcile": reconcile, "nothing": nothing}[what](Path(folder))
    sys.stdout.write(json.dumps(cost | {"peak_mb": peak_mb()}))


def scan(_: Path) -> dict[str, float]:
    """Look at every row as a dictionary, and let go of it."""
    from streamctl.aws import Aws
    from streamctl.verify.scan import scan

    dynamodb = Aws().direct("dynamodb")
    cpu, wall = time.process_time(), time.perf_counter()
    items = sum(1 for _ in scan(dynamodb, "results"))
    return {"items": items, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def reconcile(folder: Path) -> dict[str, float]:
    """From the ledger to the result."""
    from streamctl import ledger
    from streamctl.aws import Aws
    from streamctl.verify.reconcile import Places, reconcile

    aws = Aws()
    aws.direct("dynamodb")
    cpu, wall = time.process_time(), time.perf_counter()
    account = reconcile([ledger.load(folder)], aws, Places(table="results"), settle_seconds=30)
    if not account.holds:
        raise SystemExit(f"the reconciliation does not hold: {account}")
    return {"items": account.stored, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def nothing(_: Path) -> dict[str, float]:
    return {}


def peak_mb() -> float:
    """Of this program alone: what getrusage tells of a child includes its parent's memory at the time of the fork."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
