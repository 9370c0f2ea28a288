"""Who runs which commands, and what these need. What a resource's life needs is declared beside its kind.

To add a command, declare what it calls as `PERMISSIONS` in the module that calls, and name the module here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamctl.observe import alarms, inventory, metrics
from streamctl.replay import replay
from streamctl.traffic import canary, producer
from streamctl.verify import backlog, checks, notifications, search
from streamctl.workspace import workspace

Permissions = Mapping[str, tuple[str, ...]]
"""IAM actions by what they are for: the id or the kind of a resource, an ARN, or `*` where AWS ties them to none."""


@dataclass(frozen=True)
class Audience:
    """`commands` are those that are run by it; `builds`: it makes, changes and deletes the resources."""

    commands: str
    permissions: tuple[Permissions, ...]
    builds: bool = False


AUDIENCES: Mapping[str, Audience] = {
    "alarms": Audience("alarms and alarms test", (alarms.PERMISSIONS, metrics.PERMISSIONS, notifications.PERMISSIONS)),
    "operator": Audience(
        "plan, up, provision, deploy, status, metrics, ls and down",
        (canary.PERMISSIONS, inventory.PERMISSIONS, metrics.PERMISSIONS),
        builds=True,
    ),
    "produce": Audience("produce", (producer.PERMISSIONS,)),
    "replay": Audience("replay", (replay.PERMISSIONS, workspace.PERMISSIONS)),
    "verify": Audience("verify", (backlog.PERMISSIONS, checks.PERMISSIONS, search.PERMISSIONS, workspace.PERMISSIONS)),
}
