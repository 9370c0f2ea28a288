"""All looks, side by side: none waits for another, none hides another, and none takes for ever."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from streamctl.aws.failures import explain, is_sdk_error
from streamctl.doctor import account, emulator, machine, permissions, quotas
from streamctl.doctor.finding import Finding, problem, warning
from streamctl.errors import AwsError, CredentialsError, EmulatorError, StreamctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamctl.doctor.patient import Patient

LOOK_SECONDS = 20.0

LOOKS: Mapping[str, Callable[[Patient], Finding]] = {
    "versions": machine.versions,
    "configuration": machine.configuration,
    "function runtime": machine.runtime,
    "folder": machine.folder,
    "state": machine.state,
    "emulator": emulator.emulator,
    "region": account.region,
    "credentials": account.credentials,
    "clock": account.clock,
    "shards": quotas.shards,
    "concurrency": quotas.concurrency,
    "code storage": quotas.code_storage,
    "permissions": permissions.permissions,
}
CULPRITS: Mapping[str, tuple[type[StreamctlError], ...]] = {
    "configuration": (UsageError,),
    "region": (CredentialsError,),
    "credentials": (AwsError,),
}
"""Which errors are a look's own: what stops many looks is told as a problem by one of them."""


def examine(
    patient: Patient,
    looks: Mapping[str, Callable[[Patient], Finding]] = LOOKS,
    seconds: float = LOOK_SECONDS,
) -> dict[str, Finding]:
    """Every look's finding, in their order; a look that has said nothing after so many seconds is given up."""
    found: dict[str, Finding] = {}

    def run(name: str, look: Callable[[Patient], Finding]) -> None:
        found[name] = _finding(name, look, patient)

    threads = [threading.Thread(target=run, args=look, daemon=True) for look in looks.items()]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = warning(f"Nothing could be said within {seconds:.0f} s.", "Check the network, and run again.")
    return {name: found.get(name, late) for name in looks}


def _finding(name: str, look: Callable[[Patient], Finding], patient: Patient) -> Finding:
    try:
        return look(patient)
    except Exception as raised:
        return _failure(name, raised)


def _failure(name: str, raised: Exception) -> Finding:
    """A look that could not be done is a problem at one place; the others only say that they were not done."""
    error = explain(raised, "look") if is_sdk_error(raised) else raised
    if isinstance(error, OSError):
        return problem(f"{error.strerror or error}: {error.filename or ''}", "Check the disk and its permissions.")
    if not isinstance(error, StreamctlError):
        return warning(f"Not looked at, by a mistake in streamctl: {type(raised).__name__}: {raised}", "Report it.")
    if isinstance(error, EmulatorError):
        return warning(f"Not looked at: {error.message}")
    if isinstance(error, CULPRITS.get(name, ())):
        return problem(error.message, error.hint or "")
    return warning(f"Not looked at: {error.message.splitlines()[0]}")
