"""A figure, its target, and the table of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing measured for us and for a peer, in the same run."""

    area: str
    what: str
    unit: str
    ours: float
    peer: str
    """Who or what it is held against: a named program, or a limit."""
    theirs: float
    at_least: float | None = None
    """The target, where more is better: ours is to be so many times the peer's."""
    at_most: float | None = None
    """The target, where less is better: ours is to be at most so many times the peer's."""
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours in multiples of the peer's."""
        return self.ours / self.theirs if self.theirs else float("inf")

    @property
    def holds(self) -> bool | None:
        """The target is met; None where there is none."""
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return None if self.at_most is None else self.ratio <= self.at_most

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g} x"
        return "" if self.at_most is None else f"<= {self.at_most:g} x"


def document(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    return [asdict(figure) | {"ratio": figure.ratio, "holds": figure.holds} for figure in figures]


def table(figures: Iterable[Figure]) -> str:
    """Aligned columns, a line a figure."""
    rows = [("area", "what", "unit", "ours", "theirs", "ratio", "target", "", "peer, note")]
    rows += [
        (
            figure.area,
            figure.what,
            figure.unit,
            _number(figure.ours),
            _number(figure.theirs),
            f"{_number(figure.ratio)} x",
            figure.target,
            {True: "holds", False: "MISSED", None: ""}[figure.holds],
            "; ".join(filter(None, (figure.peer, figure.note))),
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = {3, 4, 5, 6}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
