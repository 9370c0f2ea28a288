"""Every argument that Terraform is given is one that the AWS provider's schema has, of its type; none that it requires
is missing.

`aws_provider_6_25.json` holds the arguments of the resources that we use, by the provider's version 6.25: a type, or
the block's own arguments; `!` marks what is required.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamctl.engine.block import Call, Code, Nested
from streamctl.resources import KinesisStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamctl.pipeline.design import Design

SCHEMA = json.loads((Path(__file__).parent / "aws_provider_6_25.json").read_text(encoding="utf-8"))
OF_TERRAFORM = {"lifecycle", "depends_on"}
"""Arguments that every resource takes, whatever its provider."""


def mistakes(place: str, arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    known = {name.rstrip("!"): told for name, told in schema.items()}
    missing = {name.rstrip("!") for name in schema if name.endswith("!")} - arguments.keys()
    yield from (f"{place} lacks {name}" for name in sorted(missing))
    for name, value in arguments.items():
        if name in OF_TERRAFORM:
            continue
        told = known.get(name)
        blocks = value if isinstance(value, list) and value and isinstance(value[0], Nested) else [value]
        if all(isinstance(each, Nested) for each in blocks) and isinstance(told, dict):
            for each in blocks:
                yield from mistakes(f"{place}.{name}", each.arguments, told)
        elif told is None or isinstance(told, dict) or not fits(value, told):
            yield f"{place}.{name} is {value!r}, not {'a block' if isinstance(told, dict) else told}"


def fits(value: Any, told: str) -> bool:
    kinds = {"boolean": bool, "number": int | float, "string": str | Call | Code}
    if told in kinds:
        return isinstance(value, kinds[told]) and (told == "boolean" or not isinstance(value, bool))
    outer, inner = told.removesuffix(")").split("(", 1)
    items = value.values() if outer == "map" and hasattr(value, "values") else value
    return hasattr(value, "values") == (outer == "map") and all(fits(each, inner) for each in items)


def test_every_kind_says_what_the_provider_takes(all_kinds: Design) -> None:
    blocks = [(resource.id, each) for resource in all_kinds.resources for each in resource.terraform()]

    assert [wrong for of, each in blocks for wrong in mistakes(of, each.arguments, SCHEMA[each.type])] == []
    assert {each.type for _, each in blocks} <= SCHEMA.keys()


def test_a_mistake_is_found() -> None:
    (block,) = KinesisStream(id="stream", name="events").terraform()
    schema = SCHEMA["aws_kinesis_stream"]
    shards, unknown = {**block.arguments, "shard_count": "1"}, {**block.arguments, "shards": 1}
    nameless = {name: value for name, value in block.arguments.items() if name != "name"}
    nested = {**block.arguments, "stream_mode_details": {"stream_mode": "PROVISIONED"}}

    assert list(mistakes("stream", block.arguments, schema)) == []
    assert list(mistakes("stream", shards, schema)) == ["stream.shard_count is '1', not number"]
    assert list(mistakes("stream", unknown, schema)) == ["stream.shards is 1, not None"]
    assert list(mistakes("stream", nameless, schema)) == ["stream lacks name"]
    assert [each.split(" is ")[0] for each in mistakes("stream", nested, schema)] == ["stream.stream_mode_details"]


def test_what_is_optional_in_a_kind_is_taken_too() -> None:
    on_demand = replace(KinesisStream(id="stream", name="events"), mode="on_demand", scaled_elsewhere=True)
    (block,) = on_demand.terraform()

    assert list(mistakes("stream", block.arguments, SCHEMA["aws_kinesis_stream"])) == []
