"""`python -m tests.benchmarks.verifying.ours scan|reconcile|nothing PIPELINE_FOLDER`: does it, and prints what it cost as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(what: str, folder: str) -> None:
    counted = {"scan": scan, "reconcile": reconcile, "nothing": lambda _: {}}[what](Path(folder))
    print(json.dumps(counted | {"peak_mb": peak_mb()}))


def scan(_: Path) -> dict[str, float]:
    """The rows, each as a dictionary."""
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
    cost = {"items": account.stored, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    if not account.holds:
        raise SystemExit(f"the reconciliation does not hold: {account}")
    return cost


def peak_mb() -> float:
    """Of this program alone: what getrusage tells includes the parent's memory at the time of the fork."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
