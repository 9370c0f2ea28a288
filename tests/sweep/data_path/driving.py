"""The emulator's driver in this process, on the stream of one life; it can be restarted in the middle."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamctl.emulator.driver.checkpoints import SHARD_END, Checkpoints
from streamctl.emulator.driver.delivery import Policy
from streamctl.emulator.driver.driver import RunningMapping
from streamctl.emulator.driver.filters import Filter
from streamctl.emulator.driver.mapping import Mapping
from streamctl.emulator.driver.wake import Wake
from streamctl.emulator.process import ACCOUNT, REGION

if TYPE_CHECKING:
    from .clients import DriverClients
    from .stage import Stage

UUID = "00000000-0000-0000-0000-000000000000"
LOOK_SECONDS = 0.02


class Driving:
    """A context manager: it drives until the end, however often it is restarted."""

    def __init__(self, stage: Stage, clients: DriverClients, maximum_retries: int) -> None:
        self._clients = clients
        self._wake = Wake()
        self._checkpoints = Checkpoints()
        self._older = self._checkpoints.copy()
        self._saved: dict[str, dict[str, str]] | None = None
        self._mapping = Mapping(
            uuid=UUID,
            account=ACCOUNT,
            region=REGION,
            stream_arn=stage.arn("kinesis", f"stream/{stage.name}"),
            function_arn=stage.arn("lambda", f"function:{stage.name}"),
            role_arn=stage.arn("iam", f"role/{stage.name}"),
            starting_at=None,
            starting_after=None,
            batch_size=100,
            window_seconds=0.03,
            lanes=1,
            policy=Policy(bisect=True, partial=True, maximum_retries=maximum_retries),
            filter=Filter.of(None),
            destination_arn=stage.arn("sqs", f"{stage.name}-failures"),
        )

    def __enter__(self) -> Driving:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.stop()
        while self._running.is_alive():
            time.sleep(LOOK_SECONDS / 4)

    def wake(self) -> None:
        """There is something new in the stream."""
        self._wake.set()

    def save(self) -> None:
        """The checkpoints of now are the older ones later."""
        self._older = self._checkpoints.copy()

    def restart(self, what: str) -> None:
        """End now; `settle` starts it again, with the checkpoints that the emulator had saved."""
        saved = {"driver restarted with older checkpoints": self._older, "driver restarted without checkpoints": {}}
        self._saved = saved.get(what)
        self._running.stop()

    def settle(self, last: dict[str, str], timeout_seconds: float) -> bool:
        """Wait until every record is finished, as far as the checkpoints say; `last` is each shard's last one."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self._running.is_stopping and not self._running.is_alive():
                self._start_again()
            positions = {shard: self._checkpoints.get(UUID, shard) for shard in last}
            if all(positions[shard] in {last[shard], SHARD_END} for shard in last):
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _start(self) -> None:
        self._running = RunningMapping(self._mapping, self._clients, self._checkpoints, self._wake)

    def _start_again(self) -> None:
        if self._saved is not None:
            self._checkpoints = Checkpoints(self._saved)
            self._saved = None
        self._start()
