from __future__ import annotations

import pytest

from streamctl.engine.references import fill, filled, is_open, references

from .cloud import thing


def test_a_hole_is_found_wherever_it_stands() -> None:
    value = {"Statement": [{"Resource": ["${table.arn}", "${log_group.arn}:*"]}], "${stream.name}": ("plain",)}

    assert set(references(value)) == {("table", "arn"), ("log_group", "arn"), ("stream", "name")}


def test_a_known_hole_is_filled_and_an_unknown_one_stays() -> None:
    value = ["x-${a.arn}-y", {"k": "${b.arn}"}]

    assert fill(value, {"a": {"arn": "A"}}) == ["x-A-y", {"k": "${b.arn}"}]


def test_a_resource_is_filled_field_by_field_and_stays_itself_where_nothing_is_open() -> None:
    other = thing("b", note="made after ${a.arn}")

    assert filled(other, {"a": {"arn": "A"}}).note == "made after A"
    assert filled(thing("a"), {}) == thing("a")


def test_a_value_is_open_while_a_hole_is_left() -> None:
    assert is_open("${a.arn}")
    assert not is_open("$a.arn ${A.arn} {a.arn}")


def test_a_resource_refers_to_its_own_attributes_only() -> None:
    assert thing("a").ref("arn") == "${a.arn}"
    with pytest.raises(ValueError, match="thing has no attribute url"):
        thing("a").ref("url")


def test_an_arn_is_known_before_the_resource_exists() -> None:
    surroundings = {"aws": {"partition": "aws", "region": "eu-central-1", "account": "1"}}

    assert fill(thing("a").arn, surroundings) == "arn:aws:things:eu-central-1:1:a-demo01"
