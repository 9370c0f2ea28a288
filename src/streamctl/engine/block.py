"""How a resource stands in Terraform's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOUD_CONTROL = "aws_cloudcontrolapi_resource"
"""The type of whatever CloudFormation can declare."""


class Block(NamedTuple):
    """One resource as Terraform declares it; the texts among its arguments may have holes."""

    type: str
    """`aws_kinesis_stream`"""
    arguments: Mapping[str, Any]
    """A mapping is a map or an object; a `Nested`, or a list of them, is a block within the block."""
    part: str = ""
    """What tells it from others of its type, where a kind has several of them: the name of a policy."""
    identity: str = ""
    """The id by which Terraform imports one that is there. Empty where it imports none."""
    awaited: bool = False
    """Whoever refers to the thing itself waits for this part of it, too."""


@dataclass(frozen=True)
class Nested:
    """A block within a block, `ttl { … }`."""

    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One of Terraform's functions, `jsonencode({ … })`."""

    function: str
    argument: Any


@dataclass(frozen=True)
class Code:
    """An expression as it stands, `aws_kinesis_stream.stream.arn`."""

    text: str


def json_document(document: Any) -> Call:
    """What AWS takes as a text of JSON."""
    return Call("jsonencode", document)
