"""Who runs which commands, and what these need. What a resource's life needs is declared beside its kind.

To add a command, declare what it calls as `PERMISSIONS` in the module that calls, and name the module here. Only the
modules of the audience that is asked for are imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

Permissions = Mapping[str, tuple[str, ...]]
"""IAM actions by what they are for: the id or the kind of a resource, an ARN, or `*` where AWS ties them to none."""


@dataclass(frozen=True)
class Audience:
    """`commands` are those that are run by it, `modules` those that call AWS for them; `builds`: it makes, changes and
    deletes the resources; `looks`: it takes the looks of the features.
    """

    commands: str
    modules: tuple[str, ...]
    builds: bool = False
    looks: bool = False

    @property
    def permissions(self) -> tuple[Permissions, ...]:
        """What each of the modules declares."""
        return tuple(import_module(f"streamctl.{module}").PERMISSIONS for module in self.modules)


AUDIENCES: Mapping[str, Audience] = {
    "alarms": Audience("alarms and alarms test", ("observe.alarms", "observe.metrics", "verify.notifications")),
    "anomalies": Audience("anomalies", ("observe.anomalies",)),
    "operator": Audience(
        "plan, up, import, handover, provision, deploy, status, metrics, ls and down",
        ("adoption.stacks", "traffic.canary", "observe.inventory", "observe.metrics"),
        builds=True,
    ),
    "produce": Audience("produce", ("traffic.producer",)),
    "replay": Audience("replay", ("replay.replay", "workspace.workspace")),
    "scale": Audience("scale", ("scaling.steps",)),
    "trace": Audience("trace", ("tracing.trace", "workspace.workspace")),
    "verify": Audience(
        "verify", ("verify.backlog", "verify.checks", "verify.search", "workspace.workspace"), looks=True
    ),
}
