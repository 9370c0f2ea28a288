"""The emulator as a command sees it: start, running, stop.

Every command imports this, so what takes time to import is imported where it is needed.

Two locks in the emulator's folder: `start.lock` lets one start happen at a time; the child holds `server.lock` as long
as it lives, so that a folder never has two servers and its end can be waited for without trusting a process id.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from streamctl.errors import EmulatorError
from streamctl.files import write_atomically

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

MINISTACK_VERSION = "1.5.33"  # its internals are mended, so no other version will do
CREDENTIALS = ("test", "test")
ACCOUNT = "000000000000"
REGION = "us-east-1"

HEALTH_PATH = "/_streamctl/health"
STOP_PATH = "/_streamctl/stop"
NONCE_HEADER = "x-streamctl-nonce"
YES = b"yes"
NONCE_VARIABLE = "STREAMCTL_EMULATOR_NONCE"

SERVER_LOCK = "server.lock"

INSTALL_HINT = "Install it beside streamctl: pip install 'streamctl[local]'"
ANSWER_SECONDS = 5
BUSY_SECONDS = 30
STOP_SECONDS = 120
LOOK_SECONDS = 0.05
LAST_LOG_LINES = 15

# Functions inherit the server's environment, so nothing of the user's secrets may enter it.
_PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV"),
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "NUMBER_OF_PROCESSORS"),
    }
)


@dataclass(frozen=True)
class Emulator:
    """A running emulator. `keep`: started to stay; a command that started one for itself stops it only when false."""

    endpoint_url: str
    pid: int
    started_at: datetime
    folder: Path
    version: str
    keep: bool


def start(
    folder: Path, *, keep: bool = False, tied: bool = False, enforcing: bool = False, timeout_seconds: float = 30
) -> Emulator:
    """Start the emulator whose state lives in `folder`, or return the one that runs there. Raises EmulatorError.

    `tied`: it ends with the process that starts it, however that ends (not on Windows). `enforcing`: users and roles
    may do what their policies allow, as far as MiniStack knows; `CREDENTIALS` may do everything.
    """
    from filelock import FileLock, Timeout

    check_installation(_installed_version)
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(folder / "start.lock", timeout=timeout_seconds):
            found = running(folder, timeout_seconds)
            if found is None:
                _check_unused(folder, min(timeout_seconds, ANSWER_SECONDS))
                chosen = {"--keep": keep, f"--parent={os.getpid()}": tied, "--enforcing": enforcing}
                options = [option for option, wanted in chosen.items() if wanted]
                return _spawn(folder, options, timeout_seconds)
            return _kept(found) if keep and not found.keep else found
    except Timeout as error:
        raise EmulatorError(f"Another start of the emulator in {folder} has not finished.", "Try again.") from error


def running(
    folder: Path, busy_seconds: float = BUSY_SECONDS, answer_seconds: float = ANSWER_SECONDS
) -> Emulator | None:
    """The emulator of this folder, if it answers and proves to be ours.

    Raises EmulatorError when there is one, but it was too busy to answer for `busy_seconds`; after `answer_seconds`
    without an answer it is asked again.
    """
    deadline = time.monotonic() + busy_seconds
    while record := _read_record(folder):
        if _ask(record, "GET", HEALTH_PATH, min(answer_seconds, _left_until(deadline))):
            return _emulator(folder, record)
        if not _is_alive(folder):
            return None
        if time.monotonic() >= deadline:
            raise EmulatorError(
                f"The emulator in {folder} is there (process id {record['pid']}), but does not answer.",
                "It may be saving a large state: wait until it is less busy.",
            )
        time.sleep(LOOK_SECONDS)
    return None


def stop(folder: Path, timeout_seconds: float = STOP_SECONDS) -> bool:
    """Stop the emulator of this folder and wait until it has saved its state. False when none was running.

    Raises EmulatorError when it is still there after so long; it is never killed, since it may be saving.
    """
    record = _read_record(folder)
    if record is None or not _is_alive(folder):
        return False
    deadline = time.monotonic() + timeout_seconds
    asked = False
    while _is_alive(folder):
        asked = asked or _ask(record, "POST", STOP_PATH, min(ANSWER_SECONDS, _left_until(deadline)))
        if time.monotonic() >= deadline:
            raise EmulatorError(
                f"The emulator in {folder} (process id {record['pid']}) has not ended within {timeout_seconds:.0f} s.",
                "It goes on saving its state: wait for it, or kill it and lose what came since it was last saved.",
            )
        time.sleep(LOOK_SECONDS)
    _reap(record["pid"])
    _record_path(folder).unlink(missing_ok=True)
    return True


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write `emulator.json` so that a reader sees the old one or the new one, and nobody else sees either."""
    write_atomically(_record_path(folder), json.dumps(record, indent=2))


def _record_path(folder: Path) -> Path:
    return folder / "emulator.json"


def _read_record(folder: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(_record_path(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, or not ours: either way nothing we can talk to
        return None
    expected = {"endpoint_url", "pid", "started_at", "version", "keep", "nonce"}
    return record if isinstance(record, dict) and expected <= record.keys() else None


def _emulator(folder: Path, record: dict[str, Any]) -> Emulator:
    return Emulator(
        endpoint_url=record["endpoint_url"],
        pid=record["pid"],
        started_at=datetime.fromisoformat(record["started_at"]),
        folder=folder.absolute(),
        version=record["version"],
        keep=record["keep"],
    )


def _is_alive(folder: Path, patience_seconds: float = 0) -> bool:
    """Whether a server holds its lock, still after so long."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / SERVER_LOCK, timeout=patience_seconds):
            return False
    except Timeout:
        return True


def _kept(emulator: Emulator) -> Emulator:
    write_record(emulator.folder, (_read_record(emulator.folder) or {}) | {"keep": True})
    return replace(emulator, keep=True)


def _left_until(deadline: float) -> float:
    """Seconds, and never none: a socket that may not wait at all finds nobody."""
    return max(deadline - time.monotonic(), LOOK_SECONDS)


def _ask(record: dict[str, Any], method: str, path: str, timeout_seconds: float) -> bool:
    """Whether the server itself answers, and says yes: not nothing, nor something else. Proxies are left out."""
    from http.client import HTTPConnection, HTTPException
    from urllib.parse import urlsplit

    address = urlsplit(record.get("endpoint_url", ""))
    if address.hostname != "127.0.0.1":
        return False
    connection = HTTPConnection(address.hostname, address.port, timeout=timeout_seconds)
    try:
        connection.request(method, path, headers={NONCE_HEADER: record["nonce"]})
        answer = connection.getresponse()
        return answer.status == 200 and answer.read(1000) == YES
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def check_installation(installed_version: Callable[[], str | None]) -> None:
    """Raise EmulatorError unless exactly the MiniStack is there that is mended here."""
    found = installed_version()
    if found is None:
        raise EmulatorError("The local emulator is not installed: MiniStack is missing.", INSTALL_HINT)
    if found != MINISTACK_VERSION:
        raise EmulatorError(
            f"The local emulator needs MiniStack {MINISTACK_VERSION}, but {found} is installed.", INSTALL_HINT
        )


def _installed_version() -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ministack")
    except PackageNotFoundError:
        return None


def _check_unused(folder: Path, patience_seconds: float) -> None:
    """A server that is ending is waited for; one that lives but does not answer must not lose its record."""
    if _is_alive(folder, patience_seconds):
        pid = (_read_record(folder) or {}).get("pid", "not known")
        raise EmulatorError(
            f"An emulator is running in {folder}, but it does not answer.",
            f"Wait until it is less busy, or end it: its process id is {pid}.",
        )


def _spawn(folder: Path, options: list[str], timeout_seconds: float) -> Emulator:
    import subprocess

    _record_path(folder).unlink(missing_ok=True)
    command = [sys.executable, "-m", "streamctl.emulator.server", str(folder), *options]
    with (folder / "server.log").open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **_detached(),
        )
    return _await_answer(child, folder, timeout_seconds)


def _await_answer(child: subprocess.Popen[bytes], folder: Path, timeout_seconds: float) -> Emulator:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise EmulatorError(f"The emulator ended while starting:\n{_last_lines(folder)}", _log_hint(folder))
        emulator = running(folder)
        if emulator is not None:
            child.returncode = 0  # it outlives us on purpose: without this Popen warns of a child left running
            return emulator
        time.sleep(LOOK_SECONDS)
    child.kill()
    child.wait()
    raise EmulatorError(
        f"The emulator did not answer within {timeout_seconds:.0f} s:\n{_last_lines(folder)}", _log_hint(folder)
    )


def _environment(folder: Path) -> dict[str, str]:
    import secrets

    kept = {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON}
    temporary = str(folder / "tmp")
    return kept | {
        NONCE_VARIABLE: secrets.token_hex(16),
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary),
    }


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        import subprocess

        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _last_lines(folder: Path) -> str:
    with suppress(OSError):
        lines = (folder / "server.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LOG_LINES:]) or "(it said nothing)"
    return "(it left no log)"


def _log_hint(folder: Path) -> str:
    return f"The whole log is {folder / 'server.log'}."


def _reap(pid: int) -> None:
    """Collect the ended child if it was ours, so that no zombie stays."""
    if hasattr(os, "waitpid") and sys.platform != "win32":
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
