"""The program: its commands, and the one place where an error becomes output and an exit code."""

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from streamctl import __version__
from streamctl.cli.commands import Commands
from streamctl.cli.terminal import Terminal
from streamctl.errors import INTERRUPTED, StreamctlError, UsageError

app = typer.Typer(
    name="streamctl",
    cls=Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Build, run and prove a Kinesis → Lambda → DynamoDB pipeline, on AWS or on this machine.",
    epilog="A first look without an AWS account: streamctl demo",
)


@app.callback(invoke_without_command=True)
def _program(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"streamctl {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    if "_STREAMCTL_COMPLETE" in os.environ:  # typer would import rich, to strip markup that our texts do not have
        sys.modules["rich"] = None  # type: ignore[assignment]
    terminal = Terminal(as_json="--json" in arguments or bool(os.environ.get("STREAMCTL_JSON")))
    try:
        code = int(
            app(arguments, prog_name="streamctl", standalone_mode=False, obj=terminal) or 0
        )  # typer makes an exit code of Ctrl-C
    except StreamctlError as error:
        terminal.error(error)
        return error.exit_code
    except Exception as raised:
        reported = explained(raised)
        terminal.error(reported)
        return reported.exit_code
    if code == INTERRUPTED:
        terminal.interrupted()
    return code


def explained(error: Exception) -> StreamctlError:
    """A wrong option is the user's; what the SDK raised unexplained is AWS's; the rest is a bug of ours."""
    if isinstance(error, TyperException):
        context = getattr(error, "ctx", None)
        return UsageError(error.format_message(), f"See: {context.command_path} --help" if context else None)
    if isinstance(error, OSError):
        place = f" {error.filename}" if error.filename else " a file"
        hint = "Make room on the disk, or give the permission that is missing, and run the same command again."
        return UsageError(f"Could not use{place}: {error.strerror or error}.", hint)
    from streamctl.aws.failures import explain, is_sdk_error

    if is_sdk_error(error):
        return explain(error, "finish")
    from streamctl.plugins import Catalogue

    return Catalogue().culprit(error) or _bug(error)


def _bug(error: Exception) -> StreamctlError:
    import tempfile
    import traceback

    message = f"A mistake in streamctl: {type(error).__name__}: {error}."
    try:
        handle, path = tempfile.mkstemp(prefix="streamctl-", suffix=".log", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(f"streamctl {__version__}, Python {sys.version}\n")
            traceback.print_exception(error, file=log)
    except OSError:
        return StreamctlError(message, "Please report it; there was no room for a log.")
    return StreamctlError(message, f"Please report it with the log: {path}")
