from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from .commands import examples, terminal_in, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# Those that start processes or build are typed by the end-to-end tests; with odd options they would take minutes.
COMMANDS = [
    "init", "plan", "produce", "verify", "metrics", "status", "ls", "down", "teardown", "config", "config show",
    "config schema", "local", "local status", "",
]  # fmt: skip
LOOKS = ["plan", "status", "metrics", "ls", "config show", "verify", "down"]
OPTIONS = [
    "--name", "--profile", "--region", "--json", "--quiet", "-q", "--yes", "-y", "--batches", "--batch-size",
    "--interval", "--rate", "--duration", "--seed", "--file", "--run", "--all", "--event-type", "--deadline",
    "--since", "--period", "--force", "--help", "--version", "--", "-", "--no-such-option",
]  # fmt: skip
VALUES = [
    "", "-", "0", "-1", "1", "1e9999", "nan", "inf", "99999999999999999999", "5m", "1h30m", "eu-central-1", "mars",
    "fuzz", "/", "..", "/dev/null", "streamctl.toml", "${stream.arn}", "%s", "{}", "[red]", "\N{SNOWMAN}",
]  # fmt: skip
# What a shell can hand over: any bytes but NUL; those that are no UTF-8 come as halves of surrogate pairs.
TYPED = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.binary(
    max_size=8
).filter(lambda raw: b"\0" not in raw).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
WORDS = st.sampled_from(OPTIONS) | st.sampled_from(VALUES) | TYPED


def line(commands: list[str], words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[list[str]]:
    return st.builds(
        lambda command, rest: [*command.split(), *rest], st.sampled_from(commands), st.lists(words, max_size=5)
    )


def is_for_programs(arguments: list[str]) -> bool:
    return "--json" in arguments and not {"--help", "--version"} & {*arguments}


@pytest.fixture(scope="module")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with terminal_in(tmp_path_factory.mktemp("empty")):
        yield


@settings(max_examples=examples(400))
@given(arguments=line(COMMANDS), stdin=st.binary(max_size=40))
def test_any_command_line_is_answered(arguments: list[str], stdin: bytes, empty_folder: None) -> None:
    type_in(arguments, stdin).is_an_answer(as_json=is_for_programs(arguments))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Half a pipeline, as `provision` leaves it, on an AWS in this process."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}
    with terminal_in(tmp_path_factory.mktemp("project"), **keys), mock_aws():
        assert type_in(["provision", "--name", "fuzz"]).code == 0
        yield


@settings(max_examples=examples(120))
@given(arguments=line(LOOKS, st.sampled_from(OPTIONS).filter(lambda word: word not in {"--yes", "-y"}) | TYPED))
def test_any_look_at_a_pipeline_is_answered(arguments: list[str], pipeline: None) -> None:
    type_in(arguments).is_an_answer(as_json=is_for_programs(arguments))
