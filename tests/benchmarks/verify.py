"""The verifier: memory and CPU of a reconciliation, and the scan of the table held against the aws CLI and boto3.

Every program is a process of its own. CPU and wall time are those of the work alone, without starting Python and
making a client; of the aws CLI, whose start-up is not to be had apart, a run over a table of one item is taken off.
Every scan is the better of two, ours and theirs: what others do on the machine only ever adds.
"""

from __future__ import annotations

import json
import sys
import tempfile
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamctl.verify.table import projection

from . import peers
from .answering import answering, environment
from .measuring import run
from .report import Figure
from .verifying.table import Laid, lay

if TYPE_CHECKING:
    from collections.abc import Sequence

AREA = "verify"
LIMIT_MB = 100
BYTES_AN_EVENT = 45
EVENTS_FOR_A_SLOPE = 500_000
"""Between fewer, what the pages happen to take at their peak weighs as much as the books."""
PAGE_DELAY_MS = 50
ROUNDS = 2
THEIRS = Path(__file__).with_name("verifying") / "theirs.py"


def figures(*, quick: bool) -> list[Figure]:
    small, large = (50_000, 200_000) if quick else (100_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="streamctl-benchmarks-") as temporary:
        table = lay(Path(temporary) / "small", small, for_peers=True)
        one = lay(Path(temporary) / "one", 1, for_peers=True)
        return [
            *_reconciliations(table, lay(Path(temporary) / "large", large, for_peers=False)),
            _scan_per_cpu(table, one),
            *_scan_per_second(table),
        ]


def _reconciliations(small: Laid, large: Laid) -> list[Figure]:
    bare = _ours("nothing", large, large.segments)["peak_mb"]
    ours, fewer = (_ours("reconcile", laid, laid.segments) for laid in (large, small))
    theirs = _theirs("load", small.projected, projected=True)
    each = (ours["peak_mb"] - fewer["peak_mb"]) * 1024 * 1024 / (large.events - small.events)
    return [
        _figure(
            f"memory to reconcile {large.events:,} events, beyond the interpreter",
            "MB",
            ours["peak_mb"] - bare,
            "the limit",
            LIMIT_MB,
            at_most=1,
            note=f"the interpreter has {bare:.0f} MB",
        ),
        _figure(
            f"the same for {small.events:,} events",
            "MB",
            fewer["peak_mb"] - bare,
            "boto3's paginator into a dictionary by id",
            theirs["peak_mb"] - bare,
        ),
        _figure(
            "memory for each event more",
            "bytes",
            each,
            "the books at their fullest",
            BYTES_AN_EVENT,
            at_most=1 if large.events - small.events >= EVENTS_FOR_A_SLOPE else None,
        ),
        _figure(
            f"reconciling {large.events:,} events, from the ledger to the result",
            "events/CPU s",
            ours["items"] / ours["cpu"],
            f"boto3's paginator into a dictionary by id, {small.events:,} events, comparing nothing",
            theirs["items"] / theirs["cpu"],
        ),
    ]


def _scan_per_cpu(table: Laid, one: Laid) -> Figure:
    ours = min((_ours("scan", table, table.segments) for _ in range(ROUNDS)), key=itemgetter("cpu"))
    cpu = min(_aws_cpu(table) for _ in range(ROUNDS)) - min(_aws_cpu(one) for _ in range(ROUNDS))
    return _figure(
        f"scan of {table.events:,} items, with a projection",
        "items/CPU s",
        ours["items"] / ours["cpu"],
        "aws dynamodb scan, without its start-up",
        table.events / cpu,
        at_least=20,
    )


def _scan_per_second(table: Laid) -> list[Figure]:
    rounds = (_ours("scan", table, table.segments, delay_ms=PAGE_DELAY_MS) for _ in range(ROUNDS))
    ours = min(rounds, key=itemgetter("wall"))
    lines = []
    for folder, projected, at_least in ((table.projected, True, 8), (table.whole, False, None)):
        rounds = (_theirs("paginate", folder, projected=projected, delay_ms=PAGE_DELAY_MS) for _ in range(ROUNDS))
        theirs = min(rounds, key=itemgetter("wall"))
        what = "the same projection" if projected else "no projection"
        lines.append(
            _figure(
                f"scan of {table.events:,} items, {PAGE_DELAY_MS} ms a page",
                "items/s",
                ours["items"] / ours["wall"],
                f"boto3's paginator, {what}",
                theirs["items"] / theirs["wall"],
                at_least=at_least,
            )
        )
    return lines


def _figure(
    what: str,
    unit: str,
    ours: float,
    peer: str,
    theirs: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    note: str = "",
) -> Figure:
    return Figure(
        area=AREA,
        what=what,
        unit=unit,
        ours=ours,
        peer=peer,
        theirs=theirs,
        at_least=at_least,
        at_most=at_most,
        note=note,
    )


def _ours(what: str, laid: Laid, folder: Path, *, delay_ms: float = 0) -> dict[str, float]:
    program = [sys.executable, "-m", f"{__package__}.verifying.ours", what, str(laid.ledger)]
    return _cost(program, folder, delay_ms)


def _theirs(what: str, folder: Path, *, projected: bool, delay_ms: float = 0) -> dict[str, float]:
    return _cost([peers.python(), str(THEIRS), what, *_projection(projected)], folder, delay_ms)


def _cost(program: Sequence[str], folder: Path, delay_ms: float) -> dict[str, float]:
    with answering(folder=folder, delay_ms=delay_ms) as url:
        _, printed = run(program, environment=environment(url))
    cost: dict[str, Any] = json.loads(printed)
    return cost


def _aws_cpu(laid: Laid) -> float:
    """CPU seconds of the CLI's scan. It writes to a file, as one does with so many items."""
    expression, names = _projection(True)
    scan = [peers.program("aws"), "dynamodb", "scan", "--table-name", "results", "--consistent-read"]
    scan += ["--projection-expression", expression, "--expression-attribute-names", names, "--output", "json"]
    into_a_file = ["sh", "-c", 'exec "$@" > "$0"', str(laid.folder / "items.json"), *scan]
    with answering(folder=laid.projected) as url:
        cost, _ = run(into_a_file, environment=environment(url))
    found = (laid.folder / "items.json").read_text().count('"rawData"')
    if found != laid.events:
        raise SystemExit(f"the aws CLI wrote {found:,} of {laid.events:,} items")
    return cost.cpu_seconds


def _projection(projected: bool) -> tuple[str, str]:
    arguments = projection()
    if not projected:
        return "", "{}"
    return arguments["ProjectionExpression"], json.dumps(arguments["ExpressionAttributeNames"])
