"""The emulator of this machine: installed, running, answering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.doctor.finding import Finding, problem, warning
from streamctl.doctor.machine import installed
from streamctl.emulator import process
from streamctl.errors import EmulatorError

if TYPE_CHECKING:
    from streamctl.doctor.patient import Patient

BUSY_SECONDS = 5


def emulator(patient: Patient) -> Finding:
    """A problem only where it is needed: asked for, or a pipeline lives in it."""
    needed = patient.request.local or patient.home.has_local_pipelines()
    try:
        process.check_installation(lambda: installed("ministack"))
    except EmulatorError as error:
        bad = problem if needed else warning
        return bad(error.message, f"{error.hint} Only --local needs it.")
    running = process.running(patient.home.emulator, BUSY_SECONDS)
    if running:
        return Finding(f"MiniStack {running.version} answers at {running.endpoint_url}, pid {running.pid}.")
    if needed and patient.home.has_local_pipelines():
        return warning("It is not running, and a pipeline of this folder lives in it.", "streamctl local start")
    return Finding(f"MiniStack {process.MINISTACK_VERSION} is installed; it is not running in this folder.")
