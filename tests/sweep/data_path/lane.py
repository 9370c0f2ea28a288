"""Lives of a data pipeline, one after another: events go out, meet one fault, and everything settles.

Real are the producer, the emulator's driver and the processor, each in this process with clients on a wire of its own;
stream, table and queues stand in the emulator, new ones for every life.
"""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.emulator.process import CREDENTIALS, REGION
from streamctl.functions.aws.service import JsonService
from streamctl.functions.processor.handler import CALLS_AT_A_TIME, Processor
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.table import BatchWriter

from .clients import DriverClients, ProcessorNetwork, ProducerAws
from .driving import Driving
from .faults import DataFault, Where
from .function import Function, Handler
from .life import Life, payloads
from .sending import Sending
from .stage import Stage
from .wire import DataWire

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[[str, str], Handler]

SETTLE_SECONDS = 60
CLIENTS = ("kinesis", "dynamodb", "sqs")


class Container:
    """What a function has beside its code: threads, and AWS on a wire. Where AWS is, is the environment's business."""

    def __init__(self, endpoint_url: str, wire: DataWire) -> None:
        self.wire = wire
        self.pool = ThreadPoolExecutor(CALLS_AT_A_TIME)
        self.network = ProcessorNetwork(endpoint_url, wire)

    def close(self) -> None:
        self.pool.shutdown()
        self.network.close()


def real_processor(container: Container) -> Make:
    """streamctl's own; its pauses pass at once."""
    dynamodb, sqs = (JsonService(service, network=container.network) for service in ("dynamodb", "sqs"))

    def make(table: str, queue_url: str) -> Handler:
        writer, queue = BatchWriter(dynamodb, table, container.pool), RejectedQueue(sqs, queue_url, container.pool)
        return lambda event, context: Processor(writer, queue, sleep=context.sleep, log=lambda line: None).handle(
            event, context
        )

    return make


class Lane:
    """Lives one life at a time. `make` puts the function into a container: for a table, and the URL of a queue."""

    def __init__(
        self,
        endpoint_url: str,
        folder: Path,
        name: str,
        make: Callable[[Container], Make] = real_processor,
    ) -> None:
        self._name = name
        self._folder = folder / name
        self._lives = 0
        self.aws = Aws(region=REGION, endpoint_url=endpoint_url, credentials=CREDENTIALS)
        self._wires = {where: DataWire() for where in Where}
        self._producer_aws = ProducerAws(endpoint_url, self._wires[Where.PRODUCER])
        self._driver_clients = DriverClients(endpoint_url, self._wires[Where.DRIVER])
        self._container = Container(endpoint_url, self._wires[Where.PROCESSOR])
        self._make = make(self._container)

    def close(self) -> None:
        self._container.close()

    def live(self, fault: DataFault) -> Life:
        """One fault, from the first event until nothing more happens."""
        began = time.monotonic()
        self._lives += 1
        stage = Stage({name: self.aws.client(name) for name in CLIENTS}, f"{self._name}-{self._lives}")
        life = Life(fault, stage, payloads(fault.events, seed=self._lives))
        folder = self._folder / str(self._lives)
        with Driving(stage, self._driver_clients, fault.maximum_retries) as driving:
            sending = Sending(self._producer_aws, stage.name, folder, driving.wake)
            function = self._function(stage, driving, fault)
            self._lay_wires(fault, stage, driving, sending)
            self._produce(life, sending, driving)
            last = {shard: records[-1][0] for shard, records in stage.records().items() if records}
            life.settled = driving.settle(last, SETTLE_SECONDS)
        life.met = life.met or self._wires[fault.where].met
        life.tracebacks = [*sending.tracebacks, *function.tracebacks]
        life.seconds = time.monotonic() - began
        return life

    def clear(self, life: Life) -> None:
        life.stage.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _function(self, stage: Stage, driving: Driving, fault: DataFault) -> Function:
        function = Function(
            lambda: self._make(stage.name, stage.rejected_url),
            self._wires[Where.INVOCATION],
            self._wires[Where.PROCESSOR],
            driving.restart,
            broken=fault.broken,
        )
        self._driver_clients.function = function
        return function

    def _lay_wires(self, fault: DataFault, stage: Stage, driving: Driving, sending: Sending) -> None:
        def reshard(how: str) -> None:
            stage.reshard(how)
            driving.wake()

        for where, wire in self._wires.items():
            mine = fault if where is fault.where else None
            wire.start(mine, reshard=reshard)
        self._wires[Where.PRODUCER].note_death = sending.remember

    def _produce(self, life: Life, sending: Sending, driving: Driving) -> None:
        """A run; and as its hint says, another one of what it kept as unsent."""
        sending.send(life.handed, life.fault.pieces)
        driving.save()
        life.met = self._wires[life.fault.where].met
        life.killed = sending.killed
        if not life.killed:
            life.handed = life.handed[: sending.runs()[0].info.events]  # Ctrl-C and a mistake end the reading, too
            life.unsent = sending.unsent()
        if life.unsent:
            self._wires[Where.PRODUCER].start(None)
            sending.send(life.unsent, 1)
        life.runs, life.stream = sending.runs(), life.stage.payloads()
