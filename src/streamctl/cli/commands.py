"""Every command there is: its name, its module and its line in the help.

Only the module of the command that is asked for is imported; the help and the completion of names need none. Commands
of plugins come after ours: only a name that is none of ours, the help and the completion look for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from streamctl.cli import plugged

if TYPE_CHECKING:
    from typer._click import Command, Context


class Entry(NamedTuple):
    """`module` has a `register(app)`; `summary` is the command's own first sentence, which a test compares."""

    module: str
    summary: str


COMMANDS = {
    "demo": Entry("demo", "Run the recipe for real on the local emulator: up, produce, verify, metrics, down."),
    "init": Entry("init", "Write a streamctl.toml with every setting, its default and its limits."),
    "plan": Entry("plan", "Show what `up` would change."),
    "up": Entry(
        "up", "Build the whole pipeline, or bring it up to date; returns when a record has really come through."
    ),
    "import": Entry(
        "importing", "Take over a pipeline that an export, or the published recipe's own commands, made elsewhere."
    ),
    "provision": Entry("provision", "Make what holds data and rights: table, role, log group, queues, stream."),
    "deploy": Entry("deploy", "Package and deploy the function, its event source mapping and what watches them."),
    "produce": Entry(
        "produce", "Send events: made-up ones, or your own from a file or standard input; with faults, where asked for."
    ),
    "invoke": Entry(
        "invoke",
        "Run the processor, as it is packed, on an event: no AWS, no emulator. Exit code 5 where it is set aside.",
    ),
    "verify": Entry(
        "verify",
        "Prove that every event sent is stored once, as it was sent, or set aside with a reason. "
        "Exit code 5 otherwise.",
    ),
    "trace": Entry(
        "trace",
        "Show one event's way, with times: sent, arrived, batch, processed, stored. Exit code 5 where it is nowhere.",
    ),
    "replay": Entry("replay", "List what was set aside or given up; show it, repair it, send it again."),
    "scale": Entry("scale", "Say how many shards the stream has and needs, or change their number while it is in use."),
    "metrics": Entry("metrics", "Show the recipe's metrics and those of Lambda, Kinesis and DynamoDB."),
    "alarms": Entry("alarms", "List the alarms: state, since when and why, what each watches, and whom they tell."),
    "anomalies": Entry(
        "anomalies", "List what the anomaly detector found, and plot each series with the range that was expected."
    ),
    "status": Entry("status", "Show every resource of the pipeline and its state."),
    "ls": Entry("listing", "List the pipelines of this account and region, those of exports too."),
    "down": Entry("down", "Delete the pipeline with all its data, and prove that nothing is left."),
    "teardown": Entry("down", "The same as down."),
    "export": Entry(
        "export",
        "Write the pipeline as infrastructure code: CloudFormation, Terraform, CDK or a shell script. Needs no AWS.",
    ),
    "handover": Entry(
        "handover",
        "Export the pipeline that runs, and print the commands by which the other tool takes it over. Changes nothing.",
    ),
    "cost": Entry(
        "cost",
        "Say what the pipeline costs at a rate, line by line, and what the published recipe would. Needs no AWS.",
    ),
    "policy": Entry("policy", "The least privileges for each command, as IAM policies."),
    "doctor": Entry(
        "doctor",
        "Look at versions, settings, folder, emulator, credentials, quotas and permissions. Exit code 5 on a problem.",
    ),
    "plugins": Entry("plugins", "List the plugins that are installed: whose they are, and which of them are on."),
    "config": Entry("config", "The settings in force, and all there are."),
    "local": Entry("local", "The AWS emulator on this machine."),
}
"""In the order of the help. A new command is a line here and a module beside this one."""


def load(name: str) -> "Command":
    """The command itself, its module imported. Raises KeyError for a name that is none of ours."""
    app = typer.Typer(rich_markup_mode=None)
    import_module(f"streamctl.cli.{COMMANDS[name].module}").register(app)
    return get_group(app).commands[name]


class Commands(TyperGroup):
    """The commands as their lines in the help, until one of them is asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands.update({name: TyperCommand(name, help=entry.summary) for name, entry in COMMANDS.items()})

    def list_commands(self, ctx: "Context") -> list[str]:
        """Those of plugins, too: for the help, and where a shell completes their names."""
        for name, origin in plugged.names().items():
            self.commands.setdefault(name, TyperCommand(name, help=f"From {origin}."))
        return super().list_commands(ctx)

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        """What is run, or completed, is the command itself."""
        if args and args[0] not in COMMANDS and (theirs := plugged.load(args[0])):
            return args[0], theirs, args[1:]
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and command else None, rest
