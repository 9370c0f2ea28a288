"""This machine: versions, configuration, folder and state files."""

from __future__ import annotations

import os
import platform
import shutil
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from streamctl import __version__
from streamctl.blueprint import blueprint
from streamctl.config import load
from streamctl.doctor.finding import Finding, problem, warning
from streamctl.engine.state import StateFile
from streamctl.errors import StreamctlError
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue
from streamctl.traffic.makers import Maker

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.doctor.patient import Patient

RUNTIME_ENDS = {
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
}
"""When Lambda deprecates a runtime, as its documentation projects it (2026); the dates move now and then."""
NOTICE = timedelta(days=180)
ROOM_WARNING_BYTES = 500_000_000
ROOM_PROBLEM_BYTES = 50_000_000


def versions(_patient: Patient) -> Finding:
    found = [f"streamctl {__version__}", f"Python {platform.python_version()}"]
    found += [f"{package} {installed(package) or 'not installed'}" for package in ("boto3", "ministack")]
    return Finding(", ".join(found) + ".")


def configuration(patient: Patient) -> Finding:
    """The file, and whether the pipeline can be drawn up from it: a feature may refuse, or break, only then."""
    project, catalogue = load(patient.start, patient.request.overrides()), Catalogue()
    features = catalogue.features(project.config, project.source)
    blueprint(project, catalogue, Names(project.config.name or "any"), patient.home.folder)
    Maker.configured(project).load()
    where = f"{project.file} is valid" if project.file else "No streamctl.toml: the recipe's defaults hold"
    return Finding(f"{where}; features: {', '.join(features) or 'none'}.")


def runtime(patient: Patient, today: date | None = None) -> Finding:
    name = load(patient.start).config.function.runtime
    ends = RUNTIME_ENDS.get(name)
    mend = f"Set function.runtime in streamctl.toml to a later one, up to {max(RUNTIME_ENDS)}."
    today = today or datetime.now(UTC).date()
    if ends is None:
        return warning(f"Nothing is known of the runtime {name}.", mend)
    if today >= ends:
        return problem(f"{name} is deprecated since {ends}: Lambda soon takes no such function any more.", mend)
    if today >= ends - NOTICE:
        return warning(f"Lambda deprecates {name} on {ends}.", mend)
    return Finding(f"{name}, which Lambda supports until {ends}.")


def folder(patient: Patient) -> Finding:
    """Where state, runs and emulator are kept, or are going to be."""
    home = patient.home.folder
    place = home if home.exists() else home.parent
    if not os.access(place, os.W_OK | os.X_OK):
        return problem(f"{place} cannot be written to.", "Work in a folder of your own, or change its permissions.")
    free = shutil.disk_usage(place).free
    seen = f"{place} can be written to; {free / 1e9:,.1f} GB are free."
    if free < ROOM_PROBLEM_BYTES:
        return problem(seen, "Make room: a full disk stops every command.")
    return warning(seen, "Make room, before events are sent.") if free < ROOM_WARNING_BYTES else Finding(seen)


def state(patient: Patient) -> Finding:
    """The state file of every pipeline known here."""
    files = sorted((patient.home.folder / "pipelines").glob("*/state.json"))
    if not files:
        return Finding("No pipeline is known here.")
    damaged = {file: reason for file in files if (reason := _damage(file))}
    if damaged:
        return problem(" ".join(damaged.values()), "Delete it and name the pipeline with --name: its tags are enough.")
    open_to_others = [file for file in files if os.name == "posix" and file.stat().st_mode & 0o077]
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        return warning(f"Others on this machine can read {names}.", f"chmod 600 {names}")
    return Finding(f"Readable, and by you alone: {', '.join(file.parent.name for file in files)}.")


def _damage(file: Path) -> str:
    try:
        StateFile.load(file)
    except StreamctlError as error:
        return error.message
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}."
    return ""


def installed(package: str) -> str | None:
    """The version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
