from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamctl.cli.app import explained
from streamctl.cli.commands import COMMANDS, load

if TYPE_CHECKING:
    from typer.core import TyperCommand

COMMON = {"--name", "--profile", "--region", "--endpoint-url", "--json", "--quiet"}


def commands() -> list[tuple[str, TyperCommand]]:
    found = []
    for name, command in ((name, load(name)) for name in COMMANDS):
        found += [(f"{name} {inner}", value) for inner, value in getattr(command, "commands", {}).items()] or [
            (name, command)
        ]
    return found


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_takes_the_common_options_also_as_variables(name: str, command: TyperCommand) -> None:
    options = {option: parameter for parameter in command.params for option in parameter.opts}

    assert options.keys() >= COMMON
    for option in COMMON:
        assert options[option].envvar == "STREAMCTL_" + option.removeprefix("--").upper().replace("-", "_")


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_option_and_command_is_explained(name: str, command: TyperCommand) -> None:
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), (name, parameter.name)


def test_a_mistake_of_ours_is_one_line_and_a_log() -> None:
    error = explained(ZeroDivisionError("division by zero"))

    assert error.exit_code == 1
    assert "ZeroDivisionError" in error.message
    assert error.hint
    log = Path(error.hint.rpartition(": ")[2])
    assert "ZeroDivisionError: division by zero" in log.read_text(encoding="utf-8")
    log.unlink()
