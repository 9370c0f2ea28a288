"""Two designs side by side under one demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamctl.cost.design import published
from streamctl.cost.estimate import TABLE_WRITES, Line, bill, stored_gb
from streamctl.cost.flow import Flow, needed_shards
from streamctl.cost.limits import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.cost.demand import Demand
    from streamctl.cost.design import Design
    from streamctl.cost.prices import Prices

TARGET = 0.1
"""What it costs besides the table's writes, which any design has, in parts of the recipe's."""


@dataclass(frozen=True)
class Cost:
    """What one design costs a month."""

    flow: Flow
    lines: Mapping[str, Line]

    @property
    def dollars(self) -> float:
        return sum(line.dollars for line in self.lines.values())

    @property
    def besides_table(self) -> float:
        return sum(line.dollars for what, line in self.lines.items() if what != TABLE_WRITES)

    def of(self, what: str) -> float:
        """The dollars of a line; 0 where the design has none."""
        return self.lines[what].dollars if what in self.lines else 0.0


@dataclass(frozen=True)
class Comparison:
    """The configured design, and the recipe's at the same rate."""

    demand: Demand
    prices: Prices
    ours: Cost
    recipe: Cost
    limits: tuple[str, ...]

    @property
    def whats(self) -> list[str]:
        """Every line that either has."""
        return list(dict.fromkeys([*self.ours.lines, *self.recipe.lines]))

    @property
    def unconfirmed(self) -> list[str]:
        """The prices in it that nobody has looked up."""
        used = {line.price for each in (self.ours, self.recipe) for line in each.lines.values()}
        return sorted(used & self.prices.unconfirmed)

    @property
    def ratio(self) -> float:
        """Ours in parts of the recipe's, besides the table's writes."""
        return self.ours.besides_table / self.recipe.besides_table

    @property
    def storage(self) -> tuple[float, float]:
        """The GB that a month adds to the table, and what each month of keeping them costs."""
        gb = stored_gb(self.ours.flow)
        return gb, gb * self.prices["dynamodb_storage_gb_month"]

    def per_million(self, dollars: float) -> float:
        """A month's dollars for a million events."""
        return dollars / self.demand.events * 1e6


def compare(demand: Demand, design: Design, prices: Prices) -> Comparison:
    """Both bills. The recipe sends each event alone, so it gets the shards that this needs. Raises UsageError."""
    alone = replace(demand, aggregate=False)
    recipe = published(needed_shards(alone))
    return Comparison(
        demand,
        prices,
        Cost(Flow(demand, design), bill(demand, design, prices)),
        Cost(Flow(alone, recipe), bill(alone, recipe, prices)),
        tuple(limits(demand, design)),
    )
