"""Calls as commands of the aws CLI, in the words that versions 1 and 2 have in common."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.aws.models import parameters
from streamctl.errors import PluginError
from streamctl.exporters.recording import File
from streamctl.exporters.shell_text import Variable, document, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Resolve = Callable[[str], Iterable[str | Variable]]
    """Tells a text apart into what is written and what is in a variable."""

SERVICES = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
"""What the CLI calls by another name."""
OPTIONS = {("sns", "subscribe", "Endpoint"): "notification-endpoint"}
"""The same of parameters: the name would be that of an option of all commands."""
FETCHED = re.compile(r"(file|fileb|https?)://")
"""What the CLI takes for the place of a text, and not for the text: `http` in version 1 alone."""
LONGEST_IN_LINE = 100
"""Characters of a JSON document that stays in its line."""


class Command(NamedTuple):
    """The lines of one command, and those that put its long documents into variables before it."""

    documents: list[str]
    lines: list[str]

    def text(self, before: str = "", margin: str = "") -> str:
        """As it stands in the script; `before` is what runs it. Nothing else is moved: texts may have lines."""
        first, *others = self.lines
        return f" \\\n{margin}  ".join([margin + before + first, *others])


def command(service: str, operation: str, given: Mapping[str, Any], resolve: Resolve) -> Command:
    """Raises PluginError for what the CLI cannot be told."""
    if (service, operation) == ("s3", "create_bucket"):  # which only knows when AWS must not be told the region
        return Command([], [f"aws s3 mb {word(resolve('s3://' + given['Bucket']))}"])
    known = parameters(service, operation)
    made = Command([], [f"aws {SERVICES.get(service, service)} {operation.replace('_', '-')}"])
    as_is = {
        name: value for name, value in given.items() if (service, operation, name) not in OPTIONS and _is_fetched(value)
    }
    if as_is:
        made.lines.append(f"--cli-input-json {word(resolve(json.dumps(as_is, ensure_ascii=False)))}")
    for name, value in given.items():
        if name in as_is:
            continue
        said = OPTIONS.get((service, operation, name), known[name].option)
        option = _content_option(name, value) or _Option(said, known[name].type, value)
        if _holds_content(option.value):
            raise PluginError(f"The aws CLI cannot be told {name} of {service}:{operation} as a file.")
        made.lines.append(option.written(resolve, made.documents))
    return made


def _is_fetched(value: Any) -> bool:
    """A text, or the only one of a list."""
    alone = value[0] if isinstance(value, list) and len(value) == 1 else value
    return isinstance(alone, str) and FETCHED.match(alone) is not None


def _content_option(name: str, value: Any) -> _Option | None:
    """Of a function's code, which the CLI takes as a file wherever the SDK takes it."""
    content = value.get("ZipFile") if name == "Code" else value if name == "ZipFile" else None
    return _Option("zip-file", "string", f"fileb://{content.path}") if isinstance(content, File) else None


def _holds_content(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_content, value.values()))
    return isinstance(value, File | bytes) or (isinstance(value, list) and any(map(_holds_content, value)))


class _Option(NamedTuple):
    name: str
    type: str
    value: Any

    def written(self, resolve: Resolve, documents: list[str]) -> str:
        if self.type == "boolean":
            return f"--{self.name}" if self.value else f"--no-{self.name}"
        if self.type == "list" and self.value and all(map(_is_plain, self.value)):
            return " ".join([f"--{self.name}", *(word(resolve(each)) for each in self.value)])
        found = _json(self.value)
        if found is None:
            return self._text(resolve)
        if len(json.dumps(found)) <= LONGEST_IN_LINE:
            return f"--{self.name} {word(resolve(json.dumps(found, ensure_ascii=False)))}"
        variable = self.name.replace("-", "_")
        lines = document(resolve(json.dumps(found, indent=2, ensure_ascii=False)))
        documents.append(f"IFS= read -r -d '' {variable} <<JSON || true\n{lines}\nJSON")
        return f"--{self.name} {word([Variable(variable)])}"

    def _text(self, resolve: Resolve) -> str:
        """After a `=` where the CLI would take it for an option of its own."""
        text = str(self.value)
        between = "=" if text.startswith("-") else " "
        return f"--{self.name}{between}{word(resolve(text))}"


def _is_plain(value: Any) -> bool:
    """A text that the CLI takes neither for an option nor for a document."""
    return isinstance(value, str) and not value.startswith(("-", "[", "{"))


def _json(value: Any) -> Any | None:
    """The document that a value is, or that a text holds: neither AWS nor its policies mind how it is set out."""
    if isinstance(value, dict | list):
        return value
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return None
