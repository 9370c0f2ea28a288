"""Emulators of the sweep's own, since it looks at the whole account; and the table at the end."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamctl.emulator import process

from .commands import Streamctl
from .figures import added, figures, lines
from .harness import Sweep, all_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .faults import Fault

FIGURES = "sweep figures"
"""The property of a test's report that carries what it counted: it travels from every xdist worker."""


@contextmanager
def empty_account(folder: Path) -> Iterator[str]:
    """The endpoint of an emulator that nobody else uses."""
    yield process.start(folder, tied=True).endpoint_url
    process.stop(folder)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[str]:
    with empty_account(tmp_path / "emulator") as endpoint_url:
        yield endpoint_url


@pytest.fixture(scope="package")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sweep, list[Fault]]]:
    """streamctl in an account of its own, and every fault that its calls can meet."""
    folder = tmp_path_factory.mktemp("sweep")
    with empty_account(folder / "emulator") as endpoint_url:
        made = Sweep(endpoint_url, folder, Streamctl, name="s")
        yield made, all_faults(made.calls())


def expect_recovery(harness: Sweep, faults: list[Fault], record_property: Callable[[str, object], None]) -> None:
    """Let every fault happen once: nearly all are met, and whatever they hit is recovered from, with nothing left."""
    verdicts = list(harness.rounds(faults))

    record_property(FIGURES, json.dumps(figures(verdicts)))
    assert sum(verdict.met for verdict in verdicts) >= 0.95 * len(faults)
    assert [str(verdict) for verdict in verdicts if not verdict.recovered] == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = [
        json.loads(value)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, value in getattr(report, "user_properties", ())
        if name == FIGURES and report.when == "call"
    ]
    if counted:
        terminalreporter.section("faults")
        for line in lines(added(counted)):
            terminalreporter.write_line(line)
