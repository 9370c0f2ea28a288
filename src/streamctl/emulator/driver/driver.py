"""Follows the event source mappings and runs each enabled one."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from streamctl.emulator.driver import ministack
from streamctl.emulator.driver.checkpoints import SHARD_END
from streamctl.emulator.driver.clients import Clients
from streamctl.emulator.driver.link import Link
from streamctl.emulator.driver.shard import Shard
from streamctl.emulator.driver.streams import stream_of

if TYPE_CHECKING:
    from collections import abc

    from streamctl.emulator.driver.checkpoints import Checkpoints
    from streamctl.emulator.driver.mapping import Mapping
    from streamctl.emulator.driver.wake import Wake

LOOK_SECONDS = 0.2
SHARD_LOOK_SECONDS = 5.0  # a shard that ends is noticed at once
FAILURE_LOOK_SECONDS = 0.5
STOP_SECONDS = 3.0

logger = logging.getLogger(__name__)


class Driver:
    """Runs from `start` to `stop`."""

    def __init__(self, endpoint_url: str, checkpoints: Checkpoints, wake: Wake) -> None:
        self._clients = Clients(endpoint_url)
        self._checkpoints = checkpoints
        self._wake = wake
        self._running: dict[str, RunningMapping] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="driver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and wait a moment for running invocations; records of longer ones will be delivered again."""
        self._stopping.set()
        self._thread.join()
        for each in self._running.values():
            each.stop()
        deadline = time.monotonic() + STOP_SECONDS
        while any(each.is_alive() for each in self._running.values()) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _follow(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look()
            except Exception:  # a mistake of ours in one look must not be the last one
                logger.exception("The event source mappings could not be followed")

    def _look(self) -> None:
        wanted = ministack.enabled_mappings()
        for uuid, each in list(self._running.items()):
            if each.is_stopping or each.mapping != wanted.get(uuid):
                each.stop()
                if not each.is_alive():
                    del self._running[uuid]
        for uuid, mapping in wanted.items():
            if uuid not in self._running:
                self._running[uuid] = RunningMapping(mapping, self._clients, self._checkpoints, self._wake)
        for uuid in set(self._checkpoints.mappings()) - ministack.existing_mappings() - self._running.keys():
            self._checkpoints.forget(uuid)
        self._clients.forget_roles_but({each.mapping.role_arn for each in self._running.values()})


class RunningMapping:
    """One enabled mapping: starts a shard when its parents are done, until stopped."""

    def __init__(self, mapping: Mapping, clients: Clients, checkpoints: Checkpoints, wake: Wake) -> None:
        self.mapping = mapping
        self._link = Link(mapping, clients, checkpoints, wake)
        self._stream = stream_of(self._link)
        self._shards: dict[str, Shard] = {}
        self._thread = self._link.thread("the shard list", self._follow)

    def stop(self) -> None:
        """Ask the threads to end; `is_alive` tells when they have."""
        self._link.stopping.set()
        self._link.wake.set()
        for shard in list(self._shards.values()):
            shard.notice_stop()

    @property
    def is_stopping(self) -> bool:
        return self._link.stopping.is_set()

    def is_alive(self) -> bool:
        return self._thread.is_alive() or any(shard.is_alive() for shard in list(self._shards.values()))

    def _follow(self) -> None:
        next_look = 0.0
        while not self._link.stopping.wait(LOOK_SECONDS / 2):
            ended = [shard for shard in self._shards.values() if not shard.is_alive()]
            if not ended and time.monotonic() < next_look:
                continue
            for shard in ended:
                del self._shards[shard.shard_id]
            try:
                self._start_shards(self._describe())
                next_look = time.monotonic() + SHARD_LOOK_SECONDS
            except (ClientError, BotoCoreError) as error:
                logger.warning("%s cannot be read: %s", self.mapping.stream_arn, error)
                ministack.note_result(self.mapping, f"PROBLEM: {error}")
                next_look = time.monotonic() + FAILURE_LOOK_SECONDS

    def _start_shards(self, shards: abc.Sequence[abc.Mapping[str, Any]]) -> None:
        positions = {each["ShardId"]: self._link.checkpoints.get(self.mapping.uuid, each["ShardId"]) for each in shards}
        for each in shards:
            shard_id = each["ShardId"]
            parents = {each.get("ParentShardId"), each.get("AdjacentParentShardId")} & positions.keys()
            if (
                shard_id not in self._shards
                and positions[shard_id] != SHARD_END
                and all(positions[parent] == SHARD_END for parent in parents)
            ):
                self._shards[shard_id] = Shard(self._link, self._stream, shard_id)

    def _describe(self) -> list[abc.Mapping[str, Any]]:
        """All shards of the stream."""
        shards = self._stream.shards()
        self._link.checkpoints.belong_to(self.mapping.uuid, self._stream.identity())
        return shards
