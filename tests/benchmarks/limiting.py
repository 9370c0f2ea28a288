"""Holds a program to a share of one CPU, as Lambda does."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PERIOD_US = 20_000
CPU_V1 = Path("/sys/fs/cgroup/cpu")
ALL_V2 = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Limit:
    how: str
    prefix: tuple[str, ...]
    """What stands before the program's own arguments."""


@contextmanager
def limited(cpus: float) -> Iterator[Limit | None]:
    """A limit for programs started inside the block, by a control group or cpulimit; None where neither works here."""
    group = _group(cpus)
    if group:
        try:
            joining = f'echo $$ > {group}/cgroup.procs && exec "$@"'
            yield Limit("held by a control group", ("/bin/sh", "-c", joining, "sh"))
        finally:
            group.rmdir()
    elif program := shutil.which("cpulimit"):
        yield Limit("held by cpulimit", (program, "-f", "-q", "-l", str(round(100 * cpus)), "--"))
    else:
        yield None


def _group(cpus: float) -> Path | None:
    """A control group of our own, of version 1 or 2, with its share set."""
    quota = round(cpus * PERIOD_US)
    for parent, settings in (
        (CPU_V1, {"cpu.cfs_period_us": f"{PERIOD_US}", "cpu.cfs_quota_us": f"{quota}"}),
        (ALL_V2, {"cpu.max": f"{quota} {PERIOD_US}"}),
    ):
        group = parent / f"streamctl-benchmarks-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for name, value in settings.items():
                (group / name).write_text(value)
        except OSError:
            group.rmdir()
            continue
        return group
    return None
