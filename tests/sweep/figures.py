"""The table of a sweep: what was injected, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .data_path.judging import DataVerdict
    from .harness import Verdict

COLUMNS = {
    "injected": "injected",
    "recovered": "recovered",
    "absorbed": "absorbed in the same run",
    "leaked": "leaked",
    "touched": "foreign touched",
    "lost": "lost",
    "duplicates": "duplicate rows",
    "tracebacks": "tracebacks",
}
"""What is counted, and its title in the table."""

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


def data_figures(verdicts: Iterable[DataVerdict]) -> Figures:
    counted: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        row = f"{verdict.fault.where.value}|{verdict.fault.sort}"
        counts = {
            "injected": int(verdict.met),
            "missed": int(not verdict.met),
            "recovered": int(verdict.met and verdict.recovered),
            "absorbed": int(verdict.met and verdict.recovered and verdict.in_one_run),
            "lost": len(verdict.lost),
            "duplicates": len(verdict.duplicates),
            "tracebacks": len(verdict.tracebacks),
        }
        counted.setdefault(row, Counter()).update(counts)
    return {row: dict(counts) for row, counts in counted.items()}


def added(parts: Iterable[Figures]) -> Figures:
    """The sum of what several processes counted."""
    total: dict[str, Counter[str]] = {}
    for part in parts:
        for row, counts in part.items():
            total.setdefault(row, Counter()).update(counts)
    return {row: dict(counts) for row, counts in sorted(total.items())}


def lines(all_figures: Figures) -> list[str]:
    """The table as text."""
    titles = ("where", "fault", *COLUMNS.values())
    rows = [(*row.split("|"), *_cells(counts)) for row, counts in all_figures.items()]
    total = Counter[str]()
    for counts in all_figures.values():
        total.update(counts)
    table = [titles, *rows, ("all", "", *_cells(total))]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    return [
        *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table),
        f"single passing faults of the control plane absorbed in the same run: {total['single absorbed']} of "
        f"{total['single']}; faults whose call did not come up: {total['missed']}",
    ]


def _cells(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(str(counts.get(column, 0)) for column in COLUMNS)
