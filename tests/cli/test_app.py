from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from streamctl.cli.app import app, explained

if TYPE_CHECKING:
    from typer.core import TyperCommand

COMMON = {"--name", "--profile", "--region", "--endpoint-url", "--json", "--quiet"}


def commands() -> list[tuple[str, TyperCommand]]:
    found = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
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


def test_help_and_version_load_neither_the_sdk_nor_pydantic_nor_rich() -> None:
    program = (
        "import sys; from streamctl.cli.app import run; run(['--help']); run(['up', '--help']); run(['--version']);"
        "sys.exit(' '.join({'boto3', 'botocore', 'pydantic', 'rich'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_mistake_of_ours_is_one_line_and_a_log() -> None:
    error = explained(ZeroDivisionError("division by zero"))

    assert error.exit_code == 1
    assert "ZeroDivisionError" in error.message
    assert error.hint
    log = Path(error.hint.rpartition(": ")[2])
    assert "ZeroDivisionError: division by zero" in log.read_text(encoding="utf-8")
    log.unlink()
