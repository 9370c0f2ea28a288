"""What the child process serves: MiniStack, mended and behind the gate, the driver, and the saving of both."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import concurrency, lambda_runtime

from streamctl.emulator import mends, snapshot
from streamctl.emulator.capture import capture
from streamctl.emulator.driver.checkpoints import Checkpoints
from streamctl.emulator.driver.clients import Clients
from streamctl.emulator.driver.driver import Driver
from streamctl.emulator.driver.wake import Wake
from streamctl.emulator.gate import Gate
from streamctl.emulator.mends import alarms
from streamctl.emulator.repeating import repeat

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.emulator.gate import Message, Receive, Scope, Send

SHORTEST_PAUSE_SECONDS = 2.0
PAUSE_PER_SAVE = 10  # saving takes a tenth of the time at most, however large the state has grown
ALARM_SECONDS = 5.0
LOOK_AROUND_SECONDS = 2.0
KEEP_ALIVE_SECONDS = 75  # longer than clients keep idle connections
GRACE_SECONDS = 3


class Service:
    """One emulator, from the first request to the last save."""

    def __init__(self, folder: Path, *, port: int, nonce: str, parent: int | None = None) -> None:
        self._path = folder / "snapshot.json"
        self._parent = parent
        self._changed = True
        self._writer = ThreadPoolExecutor(1, "snapshot")  # one by one: an older state never replaces a newer one
        self._started = asyncio.Event()
        self._asked_to_stop = asyncio.Event()
        self._gate = Gate(
            self._ministack, port=port, nonce=nonce, stop=self._asked_to_stop.set, changed=self._note_change
        )
        saved = snapshot.load(self._path)
        wake = Wake(also=concurrency.esm_wake.set)
        endpoint_url = f"http://127.0.0.1:{port}"
        mends.apply(saved["services"], wake, Clients(endpoint_url))
        self._checkpoints = Checkpoints(saved["checkpoints"])
        self._saved_checkpoints = self._checkpoints.copy()
        self._driver = Driver(endpoint_url, self._checkpoints, wake)

    async def run(self, listener: socket.socket, *, ready: Callable[[], None]) -> None:
        """Serve on `listener` until stopped; `ready` is called when the saved state is loaded and served."""
        self._stop_on_signals()
        try:
            await self._work(listener, ready)
        finally:
            if self._started.is_set() and self._path.parent.exists():  # else what is saved was never loaded
                await self._save()

    async def _work(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(self._serve(listener))
            await self._started.wait()
            self._driver.start()
            ready()
            beside = [
                tasks.create_task(repeat(self._save_if_changed, SHORTEST_PAUSE_SECONDS, "Saving")),
                tasks.create_task(repeat(self._evaluate_alarms, ALARM_SECONDS, "Evaluating the alarms")),
                tasks.create_task(self._stop_when_needless()),
            ]
            await serving
            for task in beside:
                task.cancel()

    async def _serve(self, listener: socket.socket) -> None:
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        config.loglevel = "WARNING"
        config.accesslog = None
        config.graceful_timeout = GRACE_SECONDS
        await serve(self._gate, config, shutdown_trigger=self._end)  # type: ignore[arg-type]

    async def _end(self) -> None:
        """Return when serving should end: the driver needs it until its last invocation is over.

        Functions that still run then are ended: nobody would hear their answer, and they would outlive the emulator.
        """
        await self._asked_to_stop.wait()
        await asyncio.to_thread(self._driver.stop)
        await asyncio.to_thread(lambda_runtime.reset)

    async def _ministack(self, scope: Scope, receive: Receive, send: Send) -> None:
        """MiniStack itself; it loads the saved state in its start."""

        async def noticing(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._started.set()

        await ministack.app(scope, receive, noticing if scope["type"] == "lifespan" else send)

    async def _save_if_changed(self) -> float:
        changed = self._changed or self._checkpoints.copy() != self._saved_checkpoints
        if changed and self._path.parent.exists():
            return max(SHORTEST_PAUSE_SECONDS, PAUSE_PER_SAVE * await self._save())
        return SHORTEST_PAUSE_SECONDS

    async def _save(self) -> float:
        """Save everything; returns the seconds it took. Copying happens between requests, writing beside them."""
        begun = time.monotonic()
        self._changed = False
        services = ministack._build_persistence_save_dict()
        try:
            state = await capture(self._checkpoints.copy, services)
            await asyncio.get_running_loop().run_in_executor(self._writer, snapshot.write, self._path, state)
        except Exception:
            self._changed = True
            raise
        self._saved_checkpoints = state["checkpoints"]
        return time.monotonic() - begun

    async def _stop_when_needless(self) -> None:
        """End where nobody can find us any more: the folder was deleted, or who we were tied to is gone."""
        while self._path.parent.exists() and self._parent in {None, os.getppid()}:
            await asyncio.sleep(LOOK_AROUND_SECONDS)
        self._asked_to_stop.set()

    async def _evaluate_alarms(self) -> float:
        alarms.evaluate_all()
        return ALARM_SECONDS

    def _note_change(self) -> None:
        self._changed = True

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(name, self._asked_to_stop.set)
            except NotImplementedError:  # Windows: process.stop asks through the gate instead
                signal.signal(name, lambda *_: loop.call_soon_threadsafe(self._asked_to_stop.set))
