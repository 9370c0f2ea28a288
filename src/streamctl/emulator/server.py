"""The child process of the emulator. Started by process.py, never by hand.

    python -m streamctl.emulator.server FOLDER [--keep] [--parent PID] [--enforcing]

MiniStack reads its settings when it is imported, so everything here happens before service.py is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from streamctl.emulator.process import (
    CREDENTIALS,
    MINISTACK_VERSION,
    NONCE_VARIABLE,
    REGION,
    SERVER_LOCK,
    write_record,
)
from streamctl.errors import StreamctlError
from streamctl.files import write_atomically

BACKLOG = 200
HIGHEST_PORT = 65_535
LOCK_SECONDS = 5  # `running` holds the lock for a moment when it looks whether we live


def main() -> None:
    parser = argparse.ArgumentParser(description="The AWS of streamctl --local.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--parent", type=int, help="end when this process, which started us, is gone")
    parser.add_argument("--enforcing", action="store_true", help="users and roles may do what their policies allow")
    arguments = parser.parse_args()
    try:
        with FileLock(arguments.folder / SERVER_LOCK, timeout=LOCK_SECONDS):
            os.environ["AUTH"] = str(arguments.enforcing).lower()
            serve(arguments.folder, keep=arguments.keep, parent=arguments.parent)
    except Timeout:
        sys.exit(f"Another emulator is using {arguments.folder}.")
    except StreamctlError as error:
        sys.exit(" ".join(filter(None, (error.message, error.hint))))


def serve(folder: Path, *, keep: bool, parent: int | None) -> None:
    """Serve the state in `folder` on a port of the system's choice until asked to stop."""
    listener = listen(folder / "port")
    port = listener.getsockname()[1]
    nonce = os.environ.pop(NONCE_VARIABLE, "") or secrets.token_hex(16)
    clear_temporary_files(folder)
    os.environ.update(settings(folder, port))
    from streamctl.emulator.service import Service

    record = {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "pid": os.getpid(),
        "started_at": datetime.now(UTC).isoformat(),
        "version": MINISTACK_VERSION,
        "keep": keep,
        "nonce": nonce,
    }
    service = Service(folder, port=port, nonce=nonce, parent=parent)
    try:
        asyncio.run(service.run(listener, ready=lambda: write_record(folder, record)))
    finally:
        (folder / "emulator.json").unlink(missing_ok=True)


def listen(last_port: Path) -> socket.socket:
    """A socket on the port of last time, since clients may know it; else on any that is free."""
    try:
        listener = socket.create_server(("127.0.0.1", _written(last_port)), backlog=BACKLOG)
    except OSError:  # somebody else has it now
        listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    write_atomically(last_port, str(listener.getsockname()[1]))
    return listener


def _written(last_port: Path) -> int:
    """The port of last time, or 0, which is any."""
    try:
        port = int(last_port.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never written, or by somebody else
        return 0
    return port if 0 < port <= HIGHEST_PORT else 0


def settings(folder: Path, port: int) -> dict[str, str]:
    """The environment for MiniStack and the functions it runs."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # no containers: functions run with this Python
        "AWS_ACCESS_KEY_ID": CREDENTIALS[0],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS[1],
        # The user's own profile must not leak into functions, nor change how the driver's clients behave.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def clear_temporary_files(folder: Path) -> None:
    """An emulator that was killed leaves the unpacked functions behind."""
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir(mode=0o700)


if __name__ == "__main__":
    main()
