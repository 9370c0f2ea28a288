"""The bill as it is read: without credentials, without a pipeline, in an empty folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.cli.cost import amount, dollars

from ..shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from ..shell import Said


def lines(said: Said) -> dict[str, float]:
    """The dollars of a month by line."""
    return {line["what"]: line["dollars_per_month"] for line in said.document["lines"]}


def test_a_bill_needs_neither_credentials_nor_a_pipeline_and_leaves_nothing(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("cost", "--rate", "1000", "--region", "us-east-1", "--json")

    document = said.document
    assert document["region"] == "us-east-1"
    assert document["events_per_month"] == 2_628_000_000
    assert lines(said)["shards"] == pytest.approx(21.90)
    assert lines(said)["table writes"] == pytest.approx(1642.50)
    assert document["besides_table_writes"]["ratio"] < 0.1
    assert document["total"]["dollars_per_month"] == pytest.approx(sum(lines(said).values()))
    assert document["total"]["dollars_per_million_events"] == pytest.approx(sum(lines(said).values()) / 2628)
    assert said.err == ""
    assert not list(tmp_path.iterdir())


def test_the_table_shows_every_line_with_the_recipes_beside_it(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("cost", "--rate", "1000", "--region", "us-east-1")

    rows = {line.split("  ")[0]: line.split() for line in said.out.splitlines()}
    assert rows["PutMetricData"][-4:] == ["-", "-", "$32,850", "$12.50"]
    assert rows["table writes"][-4:] == ["$1,642", "$0.625", "$1,642", "$0.625"]
    assert rows["besides the table's writes"][-1] == "$12.68"
    assert "at most a tenth" in said.out
    assert "keeps up with 109 events a second only" in said.out
    for caveat in ("Free tiers", "not fetched", "invoice is the truth", "https://aws.amazon.com/lambda/pricing/"):
        assert caveat in said.err


def test_where_no_region_is_set_it_says_which_one_it_takes(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("cost")

    assert "in us-east-1" in said.out
    assert "No region is set: us-east-1 is taken; --region takes another." in said.err


def test_a_region_without_prices_is_an_error_that_names_those_with(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("cost", "--region", "sa-east-1", check=False)

    assert said.code == 2
    assert "sa-east-1" in said.err
    assert "--region takes eu-central-1, eu-west-1, us-east-1" in said.err


def test_prices_that_nobody_has_looked_up_are_named(tmp_path: Path) -> None:
    shell = Shell(tmp_path)

    said = shell.run("cost", "--region", "eu-west-1")

    assert "nobody has looked up: kinesis_million_put_units, kinesis_shard_hour." in said.err
    assert "looked up" not in shell.run("cost", "--region", "eu-central-1").err
    assert len(shell.run("cost", "--region", "eu-west-1", "--json").document["prices"]["unconfirmed"]) == 2


def test_the_configuration_and_its_features_are_what_is_billed(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"AWS_REGION": "us-east-1"})
    plain = lines(shell.run("cost", "--json"))
    (tmp_path / "streamctl.toml").write_text(
        "[function]\narchitecture = 'arm64'\n[features.alarms]\nenabled = false\n", encoding="utf-8"
    )

    changed = lines(shell.run("cost", "--json"))

    assert plain["alarms"] == pytest.approx(1.0)
    assert "alarms" not in changed or changed["alarms"] == 0
    assert changed["running time"] == pytest.approx(plain["running time"] * 0.0000133334 / 0.0000166667)
    assert changed["shards"] == plain["shards"]


def test_with_retention_nobody_says_that_nothing_expires(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"AWS_REGION": "us-east-1"})
    kept = shell.run("cost").out
    (tmp_path / "streamctl.toml").write_text("[features.retention]\ndays = 2\n", encoding="utf-8")

    expiring = shell.run("cost").out

    assert "nothing expires by itself" in kept
    assert "they expire by themselves" in expiring


def test_what_does_not_fit_is_said_and_the_bill_printed_all_the_same(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"AWS_REGION": "us-east-1"})

    said = shell.run("cost", "--rate", "20000")

    assert "[stream] shards = 20" in said.err
    assert "parallelization_factor" in said.err
    assert len(shell.run("cost", "--rate", "20000", "--json").document["limits"]) == 3


@pytest.mark.parametrize("typed", [("cost", "--rate", "nan"), ("produce", "--rate", "10", "--duration", "nan")])
def test_what_is_no_number_is_refused(tmp_path: Path, typed: tuple[str, ...]) -> None:
    said = Shell(tmp_path).run(*typed, check=False)

    assert said.code == 2
    assert "nan is no number to count with." in said.err


def test_what_the_producer_is_configured_to_do_is_counted(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "streamctl.toml").write_text("[producer]\naggregate = true\n")

    assert shell.run("cost", "--json").document["aggregate"] is True
    assert shell.run("cost", "--no-aggregate", "--json").document["aggregate"] is False


def test_aggregates_make_the_stream_cheaper(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"AWS_REGION": "us-east-1"})

    alone = lines(shell.run("cost", "--rate", "1000", "--json"))
    packed = lines(shell.run("cost", "--rate", "1000", "--aggregate", "--json"))

    assert packed["PUT payload units"] == pytest.approx(alone["PUT payload units"] / 71)


@pytest.mark.parametrize("options", [("--rate", "0"), ("--hours", "800"), ("--event-bytes", "400000")])
def test_a_rate_that_cannot_be_is_refused(tmp_path: Path, options: tuple[str, str]) -> None:
    assert Shell(tmp_path).run("cost", *options, check=False).code == 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "$0.00"),
        (0.000123, "$0.000123"),
        (0.0000000812, "$0.0000000812"),
        (0.0140, "$0.0140"),
        (0.2, "$0.200"),
        (0.9999, "$1.000"),
        (1, "$1.00"),
        (21.9, "$21.90"),
        (999.994, "$999.99"),
        (32850, "$32,850"),
    ],
)
def test_a_small_price_does_not_show_as_none(value: float, shown: str) -> None:
    assert dollars(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.01234, "0.0123"),
        (12.34, "12.3"),
        (17_520, "17,520"),
        (26_280_000, "26.3 million"),
        (2.628e9, "2,628 million"),
    ],
)
def test_a_quantity_has_as_many_digits_as_it_is_known_to(value: float, shown: str) -> None:
    assert amount(value) == shown
