"""How a resource stands in CloudFormation's language, which two of the exports share."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

REF = "Ref"
"""Among a kind's `cloudformation_attributes`: what CloudFormation's `Ref` answers, and not an attribute of `GetAtt`."""


class Declaration(NamedTuple):
    """One resource as CloudFormation declares it; its values may have holes."""

    type: str
    """`AWS::Kinesis::Stream`"""
    properties: Mapping[str, Any]
    part: str = ""
    """What it is of the whole, where a kind is declared in several parts: `Policy`. Empty for the thing itself."""
    identity: Mapping[str, str] = MappingProxyType({})
    """By what CloudFormation finds one that is there, to import it: property to value. Empty where it finds none."""
