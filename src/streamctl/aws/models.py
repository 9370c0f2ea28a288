"""What the SDK knows of a service's requests, without a client."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Parameter(NamedTuple):
    """One parameter of an operation."""

    type: str
    """`string`, `integer`, `boolean`, `list`, `map`, `structure`, `blob`, …"""
    option: str
    """What the aws CLI calls it: `stream-name`."""


@cache
def parameters(service: str, operation: str) -> Mapping[str, Parameter]:
    """Those of an operation that is named as a client calls it, by the names that the SDK takes."""
    from botocore import xform_name
    from botocore.session import get_session

    model = get_session().get_service_model(service)
    (named,) = [each for each in model.operation_names if xform_name(each) == operation]
    members = model.operation_model(named).input_shape.members
    return {name: Parameter(shape.type_name, xform_name(name, "-")) for name, shape in members.items()}
