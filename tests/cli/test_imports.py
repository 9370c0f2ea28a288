"""What a command imports beyond the standard library: the list, not the time, since the list is what takes it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TYPER = "annotated_doc shellingham typer"
PYDANTIC = "annotated_types pydantic pydantic_core typing_extensions typing_inspection"
AUDIENCES = ("alarms", "anomalies", "operator", "produce", "replay", "verify")
YAML = "cython_runtime yaml"
BOTOCORE = "botocore certifi configparser dateutil http jmespath six ssl urllib3 xml"
PLACE = "--name shop --account 123456789012 --region eu-central-1"
IMPORTED = {
    "--version": "",
    "--help": TYPER,
    "up --help": TYPER,
    "import --help": TYPER,
    "handover --help": TYPER,
    "produce --help": TYPER,
    "cost --help": TYPER,
    "policy operator --help": TYPER,
    "config schema --json": f"{TYPER} {PYDANTIC}",
    "config show --json": f"{TYPER} {PYDANTIC}",
    "config show": f"{TYPER} {PYDANTIC} rich",
    "init": f"{TYPER} {PYDANTIC} rich",
    "invoke --event event.json --json": f"{TYPER} {PYDANTIC}",
    "cost --json": f"{TYPER} {PYDANTIC}",
    "cost": f"{TYPER} {PYDANTIC} rich",
    "plugins --json": f"{TYPER} {PYDANTIC}",
    "export cloudformation --json": f"{TYPER} {PYDANTIC} {YAML}",
    "export bash --json": f"{TYPER} {PYDANTIC} {BOTOCORE}",  # it knows what the aws CLI calls each parameter
    "export terraform --json": f"{TYPER} {PYDANTIC}",
    "export cdk-python --json": f"{TYPER} {PYDANTIC}",
    **{
        f"policy {who} {PLACE}": f"{TYPER} {PYDANTIC}"
        for who in ("alarms", "anomalies", "operator", "produce", "replay", "scale", "trace", "verify")
    },
}
"""Command line to packages. Where stderr is no terminal, talk needs no rich."""
COMPLETED = ("streamctl ", "streamctl pro", "streamctl produce --ba", "streamctl policy ")
HEAVY = {"asyncio", "ssl", "multiprocessing", "http", "xml", "sqlite3", "unittest", "configparser"}
"""Of the standard library: no command without AWS imports one of them."""

PROGRAM = """
import atexit, sys
def tell():
    found = {name.partition(".")[0] for name, module in sys.modules.items() if module is not None}
    print("\\n" + " ".join(found), file=sys.stderr)
atexit.register(tell)
from streamctl.__main__ import main
main()
"""


def imported(folder: Path, *arguments: str, **variables: str) -> set[str]:
    """The packages that a command imports, ours and the standard library's small ones left out."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG", "LC_ALL") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=kept | {"HOME": str(folder)} | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    packages = set(done.stderr.splitlines()[-1].split())
    small = {each for each in packages if each.startswith("_") or each in sys.stdlib_module_names - HEAVY}
    return packages - small - _start() - {"streamctl"}


@functools.cache
def _start() -> set[str]:
    """What the interpreter itself has imported before any command, such as the hooks of installed packages."""
    program = "import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("command", IMPORTED)
def test_a_command_without_aws_imports_these_packages_and_no_other(tmp_path: Path, command: str) -> None:
    (tmp_path / "event.json").write_text("{}", encoding="utf-8")
    assert imported(tmp_path, *command.split()) == set(IMPORTED[command].split())


@pytest.mark.parametrize("typed", COMPLETED)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_completion_imports_no_more_than_the_help(tmp_path: Path, typed: str, shell: str) -> None:
    variables = {
        "_STREAMCTL_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": typed,
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }

    assert imported(tmp_path, **variables) == set(TYPER.split())
