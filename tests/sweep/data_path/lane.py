"""Lives of a data pipeline, one after another: events go out, meet one fault, and everything settles.

Real are the producer, the emulator's driver and the processor, each in this process with clients on a wire of its own;
stream, table and queues stand in the emulator, new ones for every life.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl import ledger
from streamctl.aws import Aws
from streamctl.emulator.driver.checkpoints import SHARD_END, Checkpoints
from streamctl.emulator.driver.clients import Clients
from streamctl.emulator.driver.delivery import Policy
from streamctl.emulator.driver.driver import RunningMapping
from streamctl.emulator.driver.filters import Filter
from streamctl.emulator.driver.mapping import Mapping
from streamctl.emulator.driver.wake import Wake
from streamctl.emulator.process import ACCOUNT, CREDENTIALS, REGION
from streamctl.errors import StreamctlError
from streamctl.functions.processor import clients as processor_clients
from streamctl.functions.processor.handler import Processor
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.table import BatchWriter
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.pacing import Batches
from streamctl.traffic.producer import Producer
from streamctl.traffic.sources import LineEvents

from ..faults import Killed
from . import truth
from .faults import DataFault, Where
from .function import Function, Handler
from .wire import DataWire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamctl.ledger import Run

SETTLE_SECONDS = 45
LOOK_SECONDS = 0.02
ONE_FOR_EACH_SHARD = ("user_0", "user_1")
UUID = "00000000-0000-0000-0000-000000000000"


"""A container of the function, with clients, a table and the URL of a queue for what is rejected."""


def real_processor(pool: ThreadPoolExecutor) -> Callable[[dict[str, Any], str, str], Handler]:
    """streamctl's own; its pauses pass at once."""

    def make(clients: dict[str, Any], table: str, queue_url: str) -> Handler:
        writer, queue = BatchWriter(clients["dynamodb"], table, pool), RejectedQueue(clients["sqs"], queue_url, pool)
        return lambda event, context: Processor(writer, queue, sleep=context.sleep, log=lambda line: None).handle(
            event, context
        )

    return make


class DriverClients(Clients):
    """The driver's own clients, on the wire; for Lambda the function in this process."""

    def __init__(self, endpoint_url: str, wire: DataWire) -> None:
        super().__init__(endpoint_url)
        self._wire = wire
        self._made: dict[str, Any] = {}
        self.function: Function | None = None

    def prepare(self) -> None:
        for service in ("kinesis", "sqs"):
            self._made[service] = self._wire.attach(self.of_account(service, ACCOUNT, REGION))

    def of_role(self, service: str, account: str, region: str, role_arn: str) -> Any:
        return self._made[service]

    def of_account(self, service: str, account: str, region: str) -> Any:
        return self.function if service == "lambda" else super().of_account(service, account, region)


@dataclass
class Life:
    """What happened to one pipeline."""

    fault: DataFault
    handed: list[bytes]
    """Payloads that the producer was given, in order."""
    runs: list[Run] = field(default_factory=list)
    stream: list[bytes] = field(default_factory=list)
    """Payloads that the stream holds."""
    unsent: list[bytes] = field(default_factory=list)
    """Payloads that the producer kept for later."""
    killed: bool = False
    met: int = 0
    tracebacks: list[str] = field(default_factory=list)
    settled: bool = False
    seconds: float = 0.0


class VirtualTime:
    """The producer's clock: its pauses pass at once."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def clock(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds


class ProducerAws(Aws):
    """The producer's clients, on its wire."""

    def __init__(self, endpoint_url: str, wire: DataWire) -> None:
        super().__init__(region=REGION, endpoint_url=endpoint_url, credentials=CREDENTIALS)
        wire.attach(self.client("kinesis"))
        wire.attach(self.once("kinesis"))


class Lane:
    """Made in one thread, used by one at a time."""

    def __init__(
        self,
        endpoint_url: str,
        folder: Path,
        name: str,
        make: Callable[[ThreadPoolExecutor], Callable[[dict[str, Any], str, str], Handler]] = real_processor,
    ) -> None:
        self.name = name
        self._folder = folder / name
        self.aws = Aws(region=REGION, endpoint_url=endpoint_url, credentials=CREDENTIALS)
        self.plain = {service: self.aws.client(service) for service in ("kinesis", "dynamodb", "sqs")}
        self._wires = {where: DataWire() for where in Where}
        self._producer_aws = ProducerAws(endpoint_url, self._wires[Where.PRODUCER])
        self._driver_clients = DriverClients(endpoint_url, self._wires[Where.DRIVER])
        self._driver_clients.prepare()
        # The processor's own way to its clients; where they lead to is the environment's business, as in Lambda.
        self._processor_clients = {
            service: self._wires[Where.PROCESSOR].attach(processor_clients.client(service))
            for service in ("dynamodb", "sqs")
        }
        self._pool = ThreadPoolExecutor(processor_clients.CALLS_AT_A_TIME)
        self._make = make(self._pool)
        self._count = 0

    def live(self, fault: DataFault) -> Life:
        """One fault, from the first event until nothing more happens."""
        began = time.monotonic()
        self._prepare()
        life = Life(fault, payloads(fault.events, seed=self._count))
        for where, wire in self._wires.items():
            wire.start(
                fault if where is fault.where else None, reshard=self._reshard, note_death=lambda: self._remember(life)
            )
        function = Function(
            lambda: self._make(self._processor_clients, self.stream, self.rejected_url),
            self._wires[Where.INVOCATION],
            self._wires[Where.PROCESSOR],
            self._restart,
            broken=fault.broken,
        )
        self._driver_clients.function = function
        with self._driver(fault):
            self._produce(life)
            self._settle(life)
        life.tracebacks += function.tracebacks
        life.met = max(life.met, self._wires[fault.where].met)
        life.seconds = time.monotonic() - began
        return life

    def close(self) -> None:
        self._pool.shutdown()

    # The stage

    def _prepare(self) -> None:
        self._count += 1
        self.stream = f"{self.name}-{self._count}"
        self.folder = self._folder / str(self._count)
        self.plain["kinesis"].create_stream(StreamName=self.stream, ShardCount=2)
        self.plain["dynamodb"].create_table(
            TableName=self.stream,
            KeySchema=[
                {"AttributeName": "eventId", "KeyType": "HASH"},
                {"AttributeName": "timestamp", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "eventId", "AttributeType": "S"},
                {"AttributeName": "timestamp", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        sqs = self.plain["sqs"]
        self.rejected_url, self.failures_url = (
            sqs.create_queue(QueueName=f"{self.stream}-{queue}")["QueueUrl"] for queue in ("rejected", "failures")
        )

    def clear(self) -> None:
        """The emulator need not keep what was judged."""
        self.plain["kinesis"].delete_stream(StreamName=self.stream)
        self.plain["dynamodb"].delete_table(TableName=self.stream)
        for url in (self.rejected_url, self.failures_url):
            self.plain["sqs"].delete_queue(QueueUrl=url)
        shutil.rmtree(self.folder, ignore_errors=True)

    # The driver

    @contextmanager
    def _driver(self, fault: DataFault) -> Iterator[None]:
        self._wake = Wake()
        self._checkpoints = Checkpoints()
        self._older = self._checkpoints.copy()
        self._mapping = Mapping(
            uuid=UUID,
            account=ACCOUNT,
            region=REGION,
            stream_arn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{self.stream}",
            function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.stream}",
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/{self.stream}",
            starting_at=None,
            batch_size=100,
            window_seconds=0.03,
            lanes=1,
            policy=Policy(bisect=True, partial=True, maximum_retries=fault.maximum_retries),
            filter=Filter.of(None),
            destination_arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.stream}-failures",
        )
        self._start_driver()
        try:
            yield
        finally:
            self._stop_driver()

    def _start_driver(self) -> None:
        self._running = RunningMapping(self._mapping, self._driver_clients, self._checkpoints, self._wake)

    def _stop_driver(self) -> None:
        self._running.stop()
        while self._running.is_alive():
            time.sleep(LOOK_SECONDS / 4)

    def _restart(self, what: str) -> None:
        """The driver ends; `_keep_driving` starts it again, with the checkpoints that the emulator had saved."""
        saved = {"driver restarted with older checkpoints": self._older, "driver restarted without checkpoints": {}}
        self._saved = saved.get(what)
        self._running.stop()

    def _keep_driving(self) -> None:
        if self._running.is_stopping and not self._running.is_alive():
            if (saved := getattr(self, "_saved", None)) is not None:
                self._checkpoints = Checkpoints(saved)
                self._saved = None
            self._start_driver()

    # The producer

    def _produce(self, life: Life) -> None:
        lines = b"".join(payload + b"\n" for payload in life.handed)
        pieces = life.fault.pieces
        self._send(life, lines, Batches(pieces, -(-len(life.handed) // pieces), 0.0))
        life.met = self._wires[life.fault.where].met
        life.stream = [data for shard in self._records().values() for _, data in shard]
        if life.killed:
            return
        life.handed = life.handed[: life.runs[0].info.events]  # Ctrl-C and a mistake end the reading, too
        for file in sorted(self.folder.glob("runs/*/unsent.jsonl")):  # as its hint says: send them again
            life.unsent += file.read_bytes().splitlines()
        if life.unsent:
            self._wires[Where.PRODUCER].start(None)
            self._send(life, b"".join(payload + b"\n" for payload in life.unsent), Batches(1, len(life.unsent), 0.0))
            life.stream = [data for shard in self._records().values() for _, data in shard]

    def _send(self, life: Life, lines: bytes, pace: Batches) -> None:
        passing = VirtualTime()
        producer = Producer(
            aws=self._producer_aws,
            pipeline=self.name,
            stream=self.stream,
            folder=self.folder,
            observe=lambda progress: self._wake.set(),
            clock=passing.clock,
            sleep=passing.sleep,
            rng=random.Random(self._count * 1000 + len(life.runs)),
        )
        try:
            producer.run(LineEvents(io.BytesIO(lines), name="lines"), pace)
        except Killed:
            self._resurrect(life)
        except StreamctlError:
            pass  # said; what was not sent is kept
        except Exception as error:
            life.tracebacks.append(f"{type(error).__name__}: {error}")
        self._older = self._checkpoints.copy()
        self._wake.set()
        life.runs = [ledger.load(self.folder, path.name) for path in sorted(self.folder.glob("runs/*"))]

    def _remember(self, life: Life) -> None:
        """A kill leaves the disk as it is at this moment."""
        life.killed = True
        self._at_death = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def _resurrect(self, life: Life) -> None:
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for path, content in self._at_death.items():
            path.write_bytes(content)

    # The stream

    def _records(self) -> dict[str, list[tuple[str, bytes]]]:
        return truth.records(self.plain["kinesis"], self.stream)

    def _reshard(self, how: str) -> None:
        kinesis = self.plain["kinesis"]
        shards = kinesis.list_shards(StreamName=self.stream)["Shards"]
        open_shards = [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
        first, second, *_ = sorted(open_shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
        if how == "split":
            low, high = (int(first["HashKeyRange"][end]) for end in ("StartingHashKey", "EndingHashKey"))
            kinesis.split_shard(
                StreamName=self.stream, ShardToSplit=first["ShardId"], NewStartingHashKey=str((low + high) // 2)
            )
        elif how == "merge":
            kinesis.merge_shards(
                StreamName=self.stream, ShardToMerge=first["ShardId"], AdjacentShardToMerge=second["ShardId"]
            )
        else:
            count = 4 if how == "double" else 1
            kinesis.update_shard_count(StreamName=self.stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        self._wake.set()

    def _settle(self, life: Life) -> None:
        """Wait until every record is finished, as far as the checkpoints say."""
        last = {shard: records[-1][0] for shard, records in self._records().items() if records}
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and not life.settled:
            self._keep_driving()
            positions = {shard: self._checkpoints.get(UUID, shard) for shard in last}
            life.settled = all(positions[shard] in {last[shard], SHARD_END} for shard in last)
            time.sleep(LOOK_SECONDS)


def payloads(count: int, seed: int) -> list[bytes]:
    """Events of the recipe; two of them are never processable, and one is sent twice."""
    rng, at = random.Random(seed), datetime.now(UTC)
    made = [
        {"eventId": f"e{seed}-{number:03d}", **RecipeEvents().event(rng, number, at)} for number in range(count - 3)
    ]
    poison = [{"eventId": {"number": number}, "userId": user} for number, user in enumerate(ONE_FOR_EACH_SHARD)]
    mixed = [*made[:3], poison[0], made[1], *made[3:], poison[1]]
    return [json.dumps(event).encode() for event in mixed]
