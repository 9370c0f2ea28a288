"""`streamctl local start|stop|status`: the emulator itself."""

from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.options import Session, command, group

if TYPE_CHECKING:
    from streamctl.emulator.process import Emulator


def register(app: typer.Typer) -> None:
    commands = group(app, "local", "The AWS emulator on this machine.")
    command(commands, "start")(start)
    command(commands, "stop")(stop)
    command(commands, "status")(status)


def start(session: Session) -> None:
    """Start the emulator of this project; what was in it is there again."""
    from streamctl.emulator import process

    home = _home()
    home.prepare()
    with session.terminal.waiting("Starting the emulator"):
        running = process.start(home.emulator, keep=True)
    session.terminal.result(_document(running), lambda: _where(session, running))
    session.terminal.next("streamctl up --local", "streamctl local status")


def stop(session: Session) -> None:
    """Stop the emulator; its state is kept for the next start."""
    from streamctl.emulator import process

    stopped = process.stop(_home().emulator)
    text = "The emulator is stopped; its state is kept." if stopped else "The emulator was not running."
    session.terminal.result({"running": False, "stopped": stopped}, lambda: session.terminal.show(text))


def status(session: Session) -> None:
    """Show where the emulator is, what it emulates and where that differs from AWS."""
    from streamctl.emulator import process

    running = process.running(_home().emulator)
    session.terminal.result(_document(running), lambda: _show(session, running))


def _home() -> Any:
    from streamctl.config import current_folder, load
    from streamctl.workspace import Home

    return Home(load(current_folder()).folder)


def _document(running: "Emulator | None") -> dict[str, Any]:
    from streamctl.emulator import DIFFERENCES

    document: dict[str, Any] = {"running": running is not None, "differences": list(DIFFERENCES)}
    if running:
        document |= {
            "endpoint_url": running.endpoint_url,
            "environment": _environment(running),
            "pid": running.pid,
            "started_at": running.started_at,
            "folder": running.folder,
            "version": running.version,
        }
    return document


def _show(session: Session, running: "Emulator | None") -> None:
    from streamctl.emulator import DIFFERENCES

    terminal = session.terminal
    if running is None:
        terminal.show("The emulator is not running.")
        terminal.next("streamctl local start")
    else:
        _where(session, running)
    terminal.show("Where it differs from AWS:")
    for line in DIFFERENCES:
        terminal.show(f"  · {line}")


def _where(session: Session, running: "Emulator") -> None:
    session.terminal.show(
        f"The emulator (MiniStack {running.version}) answers at {running.endpoint_url}, pid {running.pid}."
    )
    session.terminal.show(f"Its state lies in {running.folder}; `streamctl local stop` keeps it.")
    settings = " ".join(f"{name}={value}" for name, value in _environment(running).items())
    session.terminal.show(f"For the aws CLI: export {settings}")


def _environment(running: "Emulator") -> dict[str, str]:
    from streamctl.aws import Aws
    from streamctl.emulator import process

    credentials = process.CREDENTIALS
    return Aws(region=process.REGION, endpoint_url=running.endpoint_url, credentials=credentials).environment
