"""The table of a sweep: what was injected, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .harness import Verdict

COLUMNS = (
    "injected",
    "absorbed",
    "recovered",
    "leaked",
    "touched",
    "tracebacks",
    "single",
    "single absorbed",
    "missed",
)
TITLES = (
    "command",
    "fault",
    "injected",
    "absorbed in the same run",
    "recovered",
    "leaked",
    "foreign touched",
    "tracebacks",
)

Figures = dict[str, dict[str, int]]
"""Command and kind of fault, as `up|throttled x1`, to column to count."""


def figures(verdicts: Iterable[Verdict]) -> Figures:
    counted: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        fault = verdict.fault
        if fault is None and verdict.recovered:
            continue
        row = f"{fault.command}|{fault.kind.value} x{fault.times}" if fault else f"{verdict.command}|later in the round"
        counted.setdefault(row, Counter()).update(_counts(verdict))
    return {row: dict(counts) for row, counts in counted.items()}


def _counts(verdict: Verdict) -> dict[str, int]:
    found = {"leaked": len(verdict.leaked), "touched": len(verdict.touched), "tracebacks": len(verdict.tracebacks)}
    if verdict.fault is None:
        return found
    if not verdict.met:
        return {**found, "missed": 1}
    single = verdict.fault.times == 1 and not verdict.fault.kind.is_kill
    return {
        **found,
        "injected": 1,
        "absorbed": int(verdict.absorbed),
        "recovered": int(verdict.recovered),
        "single": int(single),
        "single absorbed": int(single and verdict.absorbed),
    }


def added(parts: Iterable[Figures]) -> Figures:
    """The sum of what several processes counted."""
    total: dict[str, Counter[str]] = {}
    for part in parts:
        for row, counts in part.items():
            total.setdefault(row, Counter()).update(counts)
    return {row: dict(counts) for row, counts in sorted(total.items())}


def lines(all_figures: Figures) -> list[str]:
    """The table as text."""
    rows = [(*row.split("|"), *_cells(counts)) for row, counts in all_figures.items()]
    total = Counter[str]()
    for counts in all_figures.values():
        total.update(counts)
    table = [TITLES, *rows, ("all", "", *_cells(total))]
    widths = [max(len(row[column]) for row in table) for column in range(len(TITLES))]
    return [
        *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table),
        f"single passing faults absorbed in the same run: {total['single absorbed']} of {total['single']}; "
        f"calls that did not come up again: {total['missed']}",
    ]


def _cells(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(str(counts.get(column, 0)) for column in COLUMNS[:6])
