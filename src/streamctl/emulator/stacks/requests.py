"""A template's properties as the input of an operation: those that it knows, in its types.

A template may have numbers, true and false as text, tags as a list of keys and values, and policies as objects, where
the API wants the number, a map and JSON text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import Shape

Properties = dict[str, Any]
NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def send(client: Any, method: str, properties: Mapping[str, Any] | None = None, **explicit: Any) -> Any:
    """Call `method` with those properties that the operation has under the same name, and what is explicit."""
    shape = input_shape(client, method)
    taken = {name: value for name, value in (properties or {}).items() if name in shape.members}
    return getattr(client, method)(**typed(shape, taken | explicit))


def input_shape(client: Any, method: str) -> Any:
    return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape


def typed(shape: Shape, value: Any) -> Any:
    """The value as the shape has it. What does not fit stays as it is: the SDK or the service says what is wrong."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members: Mapping[str, Any] = shape.members
        return {name: typed(members[name], each) if name in members else each for name, each in value.items()}
    if kind == "list" and isinstance(value, list):
        return [typed(shape.member, each) for each in value]
    if kind == "map":
        return {name: typed(shape.value, each) for name, each in as_map(value).items()}
    if kind == "string":
        return text(value)
    if kind == "boolean" and isinstance(value, str):
        return is_true(value)
    return NUMBERS[kind](value) if kind in NUMBERS else value


def as_map(value: Mapping[str, Any] | Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Tags, which a template has as a list of keys and values."""
    if isinstance(value, dict):
        return dict(value)
    return {each["Key"]: each["Value"] for each in value or ()}  # type: ignore[index]


def as_pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def text(value: Any) -> str:
    """JSON of whatever is no text."""
    return value if isinstance(value, str) else json.dumps(value)


def attributes(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Those of the names that are among the properties, as SQS and SNS want attributes."""
    return {name: text(properties[name]) for name in names if name in properties}


def is_true(value: Any) -> bool:
    """Of a flag, which a template may have as text."""
    return str(value).lower() == "true"


def dropped(defaults: Mapping[str, Any], old: Properties, new: Properties) -> Properties:
    """What a template no longer says: it is as if it had never been said."""
    return {key: value for key, value in defaults.items() if key in old and key not in new}


def retag(
    client: Any, old: Any, new: Any, tag: str = "tag_resource", untag: str = "untag_resource", **which: str
) -> None:
    """Change a template's tags, and leave alone those that others put beside them."""
    before, now = as_map(old), as_map(new)
    if gone := sorted(before.keys() - now.keys()):
        send(client, untag, {"TagKeys": gone, "tagKeys": gone}, **which)
    if given := {key: value for key, value in now.items() if before.get(key) != value}:
        tags = given if _takes_a_map(client, tag) else as_pairs(given)
        send(client, tag, {"Tags": tags, "tags": tags}, **which)


def _takes_a_map(client: Any, method: str) -> bool:
    members = input_shape(client, method).members
    return bool(members["Tags" if "Tags" in members else "tags"].type_name == "map")
