"""What something costs: CPU, wall time, and memory."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass
class Cost:
    """Filled when what is measured is over."""

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of a block in this process, all threads together."""
    cost = Cost()
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        yield cost
    finally:
        cost.cpu_seconds, cost.wall_seconds = time.process_time() - cpu, time.perf_counter() - wall


def peak_mb() -> float:
    """The most memory that this program held: what the system tells of a child includes its parent's at the fork."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


class FailedError(RuntimeError):
    """A measured program ended with an error."""


def run(
    arguments: Sequence[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[Cost, str]:
    """The cost of a program from its start to its end, with its children that it waited for, and what it printed."""
    began = time.perf_counter()
    child = subprocess.Popen(
        arguments, cwd=cwd, env=None if environment is None else dict(environment), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise FailedError(f"{' '.join(arguments)} ended with {child.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, wall), printed


def least_cpu(arguments: Sequence[str], *, times: int = 5, environment: Mapping[str, str] | None = None) -> Cost:
    """The cheapest of several runs: what others do on the machine only ever adds."""
    costs = [run(arguments, environment=environment)[0] for _ in range(times)]
    return min(costs, key=lambda cost: cost.cpu_seconds)
