from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

import streamctl.cost
from streamctl.cost.prices import prices
from streamctl.errors import UsageError

FILE = Path(streamctl.cost.__file__).with_name("prices.toml")
EVERY_NAME = set(prices("us-east-1").dollars)
ONLY_ON_DEMAND_OR_KEPT_LONGER = {
    name for name in EVERY_NAME if "on_demand" in name or "extended" in name or "long" in name
}


def test_the_file_says_where_its_prices_are_from_and_when_they_were_read() -> None:
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))

    assert isinstance(data["read_at"], date)
    assert data["source"]
    assert all(page.startswith("https://aws.amazon.com/") for page in data["pages"])


def test_us_east_1_costs_what_aws_publishes() -> None:
    known = prices("us-east-1")

    assert known["kinesis_shard_hour"] == 0.015
    assert known["kinesis_million_put_units"] == 0.014
    assert known["lambda_million_requests"] == 0.20
    assert known["lambda_x86_64_gb_second"] == 0.0000166667
    assert known["dynamodb_million_writes"] == 0.625
    assert known["thousand_metric_requests"] == 0.01
    assert known["logs_gb"] == 0.50


@pytest.mark.parametrize("region", ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1"])
def test_every_region_has_what_the_defaults_need(region: str) -> None:
    known = set(prices(region).dollars)

    assert known <= EVERY_NAME
    assert EVERY_NAME - known <= ONLY_ON_DEMAND_OR_KEPT_LONGER
    assert all(price > 0 for price in prices(region).dollars.values())


def test_no_region_is_in_two_groups_with_the_same_price() -> None:
    groups = tomllib.loads(FILE.read_text(encoding="utf-8"))["group"]
    seen = [(region, name) for group in groups for region in group["regions"] for name in group.keys() & EVERY_NAME]

    assert len(seen) == len(set(seen))


def test_a_price_that_nobody_has_looked_up_is_marked() -> None:
    assert prices("us-east-1").unconfirmed == {"kinesis_on_demand_extended_gb_month"}
    assert prices("eu-west-1").unconfirmed == {"kinesis_shard_hour", "kinesis_million_put_units"}
    assert prices("eu-central-1").unconfirmed == set()
    assert "dynamodb_million_writes" in prices("us-west-2").unconfirmed


def test_an_unknown_region_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="mars-north-1") as raised:
        prices("mars-north-1")

    assert "eu-central-1, eu-west-1, us-east-1" in (raised.value.hint or "")


def test_a_price_nobody_has_seen_is_an_error_only_when_it_is_needed() -> None:
    with pytest.raises(UsageError, match="kinesis_on_demand_gb_in of eu-central-1"):
        prices("eu-central-1")["kinesis_on_demand_gb_in"]
