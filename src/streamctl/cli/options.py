"""The options every command has, and the decorator that gives them to a function.

A command is a function of a `Session` and its own options; `command` adds the common ones to its signature, opens the
session and registers it.
"""

# Typer reads annotations at run time, so they are not postponed here and in the command files.
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import isfinite
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from streamctl.cli.terminal import Terminal
from streamctl.errors import StreamctlError, UsageError

if TYPE_CHECKING:
    from streamctl.workspace import Request, Workspace

COMMON: dict[str, tuple[Any, Any]] = {
    "name": (
        Annotated[str | None, typer.Option(envvar="STREAMCTL_NAME", help="The pipeline, where there are several.")],
        None,
    ),
    "profile": (
        Annotated[str | None, typer.Option(envvar="STREAMCTL_PROFILE", help="Profile of the AWS configuration.")],
        None,
    ),
    "region": (Annotated[str | None, typer.Option(envvar="STREAMCTL_REGION", help="AWS region.")], None),
    "endpoint_url": (
        Annotated[
            str | None,
            typer.Option(envvar="STREAMCTL_ENDPOINT_URL", help="Send requests to this URL instead of AWS."),
        ],
        None,
    ),
    "local": (
        Annotated[
            bool, typer.Option("--local", envvar="STREAMCTL_LOCAL", help="The emulator on this machine is meant.")
        ],
        False,
    ),
    "as_json": (
        Annotated[bool, typer.Option("--json", envvar="STREAMCTL_JSON", help="Print one JSON document to stdout.")],
        False,
    ),
    "quiet": (
        Annotated[bool, typer.Option("--quiet", "-q", envvar="STREAMCTL_QUIET", help="Say only results and errors.")],
        False,
    ),
}

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True)
class Session:
    """One run of a command: how to talk, and what was asked for."""

    terminal: Terminal
    name: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    local: bool = False

    @property
    def request(self) -> "Request":
        from streamctl.workspace import Request

        return Request(self.name, self.profile, self.region, self.endpoint_url, self.local)

    def open(self, *, create: bool = False, wake: bool = False) -> "Workspace":
        """The pipeline this command is about. Raises StreamctlError when there is none.

        `create` is for whoever builds it, which takes all plugins that are on; others go on without one that is broken.
        """
        from streamctl.config import current_folder
        from streamctl.plugins import refuse
        from streamctl.workspace import open_workspace

        broken = refuse if create else self.go_without
        opened = open_workspace(current_folder(), self.request, create=create, wake=wake or create, broken=broken)
        if not create and not opened.is_remembered:
            self.terminal.place = self._place()
        return opened

    def _place(self) -> str:
        """The common options, to be typed again."""
        given = {key: value for key, value in vars(self.request).items() if isinstance(value, str)}
        options = [f" --{key.replace('_', '-')} {quote(value)}" for key, value in given.items()]
        return "".join([*options, *([" --local"] if self.local else [])])

    def go_without(self, error: StreamctlError) -> None:
        """Say that a plugin cannot be used: whoever builds nothing goes on without it."""
        self.terminal.say(f"Without a plugin: {error.message} {error.hint or ''}".rstrip(), "yellow")


def refuse_endless(**given: float | None) -> None:
    """Raises UsageError for an option that is no number, or an endless one: a range lets both pass."""
    for name, value in given.items():
        if value is not None and not isfinite(value):
            raise UsageError(f"--{name} {value} is no number to count with.", "Give a finite number.")


def group(app: typer.Typer, name: str, text: str) -> typer.Typer:
    """A command with commands of its own; without one it prints its help."""
    made = typer.Typer(help=text)

    @made.callback(invoke_without_command=True)
    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            print(context.get_help())

    app.add_typer(made, name=name)
    return made


def command(app: typer.Typer, name: str, **settings: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `function(session, …)` with the common options added to its own."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name, **settings)(_with_common_options(function))
        return function

    return decorate


def command_with_more(app: typer.Typer, name: str, function: Callable[..., None]) -> typer.Typer:
    """A command like any other that has commands of its own, too; `function(session)` runs where none is named."""
    made = typer.Typer()
    run = _with_common_options(function)

    @wraps(run)
    def alone(context: typer.Context, **arguments: Any) -> None:
        if context.invoked_subcommand is None:
            run(context, **arguments)
        elif any(_is_typed(context, key) for key in arguments):
            raise UsageError(f"Options stand behind {context.invoked_subcommand!r}, not before it.")

    alone.__signature__ = inspect.signature(run)  # type: ignore[attr-defined]
    made.callback(invoke_without_command=True)(alone)
    app.add_typer(made, name=name)
    return made


def _is_typed(context: typer.Context, key: str) -> bool:
    """It stands on the command line, and does not come from a variable or a default."""
    source = context.get_parameter_source(key)
    return source is not None and source.name == "COMMANDLINE"


def _with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    """`function(session, …)` as Typer wants it, with the common options added to its own."""
    hints = get_type_hints(function, include_extras=True)
    session_name, *own = inspect.signature(function).parameters.values()
    hints.pop(session_name.name)

    @wraps(function)
    def run(context: typer.Context, **arguments: Any) -> None:
        common = {key: arguments.pop(key) for key in COMMON}
        terminal: Terminal = context.obj
        terminal.as_json, terminal.quiet = common.pop("as_json"), common.pop("quiet")
        try:
            function(Session(terminal, **common), **arguments)
        except (BrokenPipeError, SystemExit):  # rich ends the program where the reader of a pipe has gone
            raise typer.Exit from None

    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)

    added = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for key, (annotation, default) in COMMON.items()
    ]
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[p.name]) for p in own]
    run.__signature__ = inspect.Signature([context, *own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = (
        hints | {"context": typer.Context} | {key: annotation for key, (annotation, _) in COMMON.items()}
    )
    del run.__wrapped__  # or its signature would be read instead
    return run
