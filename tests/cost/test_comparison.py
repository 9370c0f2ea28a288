from __future__ import annotations

import pytest

from streamctl.cost.comparison import TARGET, compare
from streamctl.cost.demand import Demand
from streamctl.cost.prices import prices

from .examples import DESIGN, PRICES, with_

REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("rate", [50, 100, 1000])
def test_it_costs_at_most_a_tenth_of_the_recipe_besides_the_table(region: str, rate: float) -> None:
    assert compare(Demand(rate), DESIGN, prices(region)).ratio <= TARGET


def test_at_a_trickle_the_shards_cost_most_on_both_sides() -> None:
    compared = compare(Demand(0.1), DESIGN, prices("us-east-1"))

    assert 0.5 < compared.ratio < 2
    for each in (compared.ours, compared.recipe):
        assert max(each.lines.values(), key=lambda line: line.dollars).what == "shards"


def test_the_recipes_cost_at_a_thousand_a_second_is_what_was_found_of_its_code() -> None:
    """$12.70 a million events besides the table, nearly all of it PutMetricData."""
    recipe = compare(Demand(1000), DESIGN, prices("us-east-1")).recipe

    assert recipe.besides_table / 2628 == pytest.approx(12.70, abs=0.05)
    assert recipe.of("PutMetricData") / recipe.besides_table > 0.94


def test_the_recipe_sends_every_event_alone_and_gets_the_shards_for_it() -> None:
    compared = compare(Demand(5000, aggregate=True), DESIGN, PRICES)

    assert compared.recipe.lines["shards"].quantity == 5 * 730
    assert compared.recipe.lines["PUT payload units"].quantity == compared.demand.events


def test_the_table_is_left_out_of_the_comparison_and_nothing_else_is() -> None:
    compared = compare(Demand(1000), DESIGN, PRICES)

    assert compared.ours.dollars - compared.ours.besides_table == pytest.approx(compared.ours.of("table writes"))
    assert compared.ratio == compared.ours.besides_table / compared.recipe.besides_table
    assert compared.ours.of("no such line") == 0


def test_a_price_that_nobody_has_looked_up_is_told_where_it_is_used() -> None:
    on_demand = with_(shards=None, retention_hours=48)

    assert compare(Demand(1000), DESIGN, prices("us-east-1")).unconfirmed == []
    assert compare(Demand(1000), on_demand, prices("us-east-1")).unconfirmed == ["kinesis_on_demand_extended_gb_month"]
    assert compare(Demand(1000), DESIGN, prices("eu-west-1")).unconfirmed == [
        "kinesis_million_put_units",
        "kinesis_shard_hour",
    ]


def test_a_month_adds_its_items_to_the_table() -> None:
    gb, dollars = compare(Demand(1000), DESIGN, PRICES).storage

    assert gb == pytest.approx(2628e6 * 606 / 1e9)
    assert dollars == pytest.approx(gb * 0.3)


def test_lines_of_either_side_are_shown_once() -> None:
    whats = compare(Demand(1000), with_(shards=None), PRICES).whats

    assert len(whats) == len(set(whats))
    assert {"data in", "shards", "PutMetricData"} <= set(whats)
