"""The model as statements of a language: what all languages of CDK have in common, and how one differs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from streamctl.exporters.cdk.layout import free, inside, listed
from streamctl.exporters.cdk.model import ASSETS, Interpolation, Parameter, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamctl.exporters.cdk.model import Construct, Model

    Items = Iterable[tuple[str, str]]
    """Names and expressions."""


class Writer(ABC):
    """Writes the body of a stack."""

    step: ClassVar[str]
    """By how much a block is indented."""
    this: ClassVar[str]
    """The stack itself."""
    let: ClassVar[str]
    """What begins an assignment to a new variable."""
    end: ClassVar[str]
    """What ends a statement."""
    space: ClassVar[str]
    """What stands inside of the braces of a mapping on one line."""
    quotes: ClassVar[tuple[str, str]]
    """Around a text with expressions in it."""
    braces: ClassVar[tuple[str, str]]
    """Around such an expression."""
    taken: ClassVar[frozenset[str]]
    """What no variable may be called: words of the language, and what the stack has already."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._plain = {each.id for each in model.constructs if not each.module}
        self._variables: dict[str, str] = {}
        for each in model.constructs:
            for name in filter(None, (each.id, each.asset_id)):
                self._variables[name] = free(self.variable(name), self.taken | set(self._variables.values()))

    def body(self) -> str:
        """Every construct, then the outputs."""
        outputs = [
            self.construct("cdk.CfnOutput", name, [("value", self.value(told))]) + self.end
            for name, told in self._model.outputs.items()
        ]
        constructs = (self._construct(each) for each in self._model.constructs)
        return inside(["\n".join(lines) + "\n" for lines in [*constructs, outputs]], self.step * 2)

    def value(self, told: Any) -> str:
        """The expression, on as many lines as it takes."""
        if isinstance(told, Reference):
            return self._referred(told)
        if isinstance(told, Parameter):
            name = self.member(told.name)
            return name if told.name == "pipelineName" else f"{self.this}.{name}"
        if isinstance(told, Interpolation):
            opening, closing = self.quotes
            return opening + "".join(map(self._inside, told.pieces)) + closing
        if isinstance(told, dict):
            return self._mapping((key, self.value(each)) for key, each in told.items())
        if isinstance(told, list):
            return listed("[", [self.value(each) for each in told], "]", step=self.step)
        return self.literal(told)

    def _construct(self, each: Construct) -> list[str]:
        """Its statements. Only what is spoken of again has a variable."""
        variable, lines = self._variables[each.id], []
        items = self._arguments(each.properties) if each.module else self._as_declared(each)
        if each.asset:
            code = self._variables[each.asset_id]
            made = self.construct(f"{ASSETS}.Asset", each.asset_id, [("path", self.path(each.asset))])
            lines.append(f"{self.let}{code} = {made}{self.end}")
            place = [(key, f"{code}.{self.member(told)}") for key, told in PLACE.items()]
            items.append(("code", self._mapping(place)))
        made = self.construct(self._class(each), each.id, items)
        assigned = f"{self.let}{variable} = " if each.id in self._model.referred else ""
        lines.append(f"{assigned}{made}{self.end}")
        if each.holds_data:
            options = f"{variable}.{self.member('cfnOptions')}"
            lines.append(f"{options}.{self.member('deletionPolicy')} = cdk.CfnDeletionPolicy.DELETE{self.end}")
            lines.append(f"{options}.{self.member('updateReplacePolicy')} = cdk.CfnDeletionPolicy.RETAIN{self.end}")
        depend = f"{variable}.{self.member('addResourceDependency')}"
        return [*lines, *(f"{depend}({self._variables[other]}){self.end}" for other in each.needs)]

    def _class(self, each: Construct) -> str:
        return f"{self.module(each.module)}.{each.cls}" if each.module else each.cls

    def _arguments(self, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(self.member(key), self.value(told)) for key, told in properties.items()]

    def _as_declared(self, each: Construct) -> list[tuple[str, str]]:
        return [("type", self.literal(each.type)), ("properties", self.value(each.properties))]

    def _mapping(self, items: Items) -> str:
        written = [f"{self.key(key)}: {expression}" for key, expression in items]
        return listed("{", written, "}", step=self.step, inner=self.space)

    def _referred(self, told: Reference) -> str:
        """Only constructs of a type's own class have members for its attributes."""
        variable = self._variables[told.construct]
        if not told.attribute:
            return f"{variable}.ref"
        if told.construct in self._plain:
            asked = f"{self.member('getAtt')}('{told.attribute}')"  # single quotes: it may stand inside of a text
            return f"{variable}.{asked}.{self.member('toString')}()"
        return f"{variable}.{self.member('attr' + told.attribute.replace('.', ''))}"

    def _inside(self, piece: str | Reference | Parameter) -> str:
        opening, closing = self.braces
        return self.escaped(piece) if isinstance(piece, str) else f"{opening}{self.value(piece)}{closing}"

    @abstractmethod
    def variable(self, name: str) -> str:
        """The variable of a construct: `AlarmsTopic` → `alarms_topic`."""

    @abstractmethod
    def member(self, name: str) -> str:
        """As the language calls what TypeScript calls `cfnOptions`."""

    @abstractmethod
    def module(self, name: str) -> str:
        """As the stack calls a module of CDK's."""

    @abstractmethod
    def construct(self, cls: str, name: str, items: Items) -> str:
        """The expression that makes one."""

    @abstractmethod
    def path(self, place: str) -> str:
        """The path of a file of the export."""

    @abstractmethod
    def key(self, key: str) -> str:
        """In a mapping."""

    @abstractmethod
    def literal(self, value: Any) -> str:
        """A text, a number, a truth or nothing."""

    @abstractmethod
    def escaped(self, text: str) -> str:
        """Within a text with expressions."""


PLACE = {"s3Bucket": "s3BucketName", "s3Key": "s3ObjectKey"}
"""Where a function's code is, by the asset that knows it."""
