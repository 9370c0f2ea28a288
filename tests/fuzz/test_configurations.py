from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.config import Config, load
from streamctl.config.model import Section
from streamctl.config.starter import starter
from streamctl.errors import ConfigError

from .commands import examples, terminal_in, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECTIONS = {
    name: list(field.annotation.model_fields)
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
SCALARS = (
    st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["on_demand", "arm64", "LATEST", "python3.13", "", "recipe", 0, 1, -1, 100, 0.5])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


def toml(value: Any) -> str:
    """The value as TOML: JSON's notation but for what is not finite."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value).replace("\x7f", "\\u007f")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Sections and settings that there are, with values that need not fit."""
    lines = [
        f"{key} = {toml(draw(VALUES))}" for key in draw(st.sets(st.sampled_from(["name", "region", "profile", "x"])))
    ]
    for section in draw(st.sets(st.sampled_from([*SECTIONS, "features", "features.alarms", "features.none", "none"]))):
        lines.append(f"[{section}]")
        keys = st.sets(st.sampled_from([*SECTIONS.get(section, []), "enabled", "unknown"]), max_size=3)
        lines += [f"{key} = {toml(draw(VALUES))}" for key in draw(keys)]
    return "\n".join(lines)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """The file that `init` writes, with a hole or a piece of anything in it."""
    text = starter().encode()
    at, hole = draw(st.integers(0, len(text))), draw(st.integers(0, 60))
    return text[:at] + draw(st.binary(max_size=20)) + text[at + hole :]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("project")
    with terminal_in(made):
        yield made


def is_read_or_refused(folder: Path, content: bytes) -> bool:
    (folder / "streamctl.toml").write_bytes(content)
    try:
        load(folder)
    except ConfigError as error:
        assert "streamctl.toml" in error.message  # noqa: PT017  either end is right
        return False
    return True


@settings(max_examples=examples(250))
@given(document=documents())
def test_any_settings_are_taken_or_refused_by_name(document: str, folder: Path) -> None:
    is_read_or_refused(folder, document.encode())


@settings(max_examples=examples(200))
@given(content=mangled() | st.binary(max_size=200))
def test_any_file_is_read_or_refused_in_words(content: bytes, folder: Path) -> None:
    is_read_or_refused(folder, content)


@settings(max_examples=examples(150))
@given(document=documents(), command=st.sampled_from(["config show", "plan", "produce", "status", "init --force"]))
def test_a_command_over_any_settings_is_answered(document: str, command: str, folder: Path) -> None:
    (folder / "streamctl.toml").write_text(document, encoding="utf-8")

    type_in(command.split()).is_an_answer()
