"""The clients of producer and driver, and the network of the processor, each on the wire of its process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from streamctl.aws import Aws
from streamctl.emulator.driver.clients import Clients
from streamctl.emulator.process import ACCOUNT, CREDENTIALS, REGION
from streamctl.functions.aws.connections import Answer, Connections
from streamctl.functions.aws.errors import CallError

from ...cbor import refuse_cbor

if TYPE_CHECKING:
    from streamctl.functions.aws.connections import Request

    from .function import Function
    from .wire import DataWire


class DriverClients(Clients):
    """The driver's own clients, on the wire; for Lambda the function in this process."""

    def __init__(self, endpoint_url: str, wire: DataWire) -> None:
        super().__init__(endpoint_url)
        self._made = {name: wire.attach(self.of_account(name, ACCOUNT, REGION)) for name in ("kinesis", "sqs")}
        self.function: Function | None = None

    def of_role(self, service: str, account: str, region: str, role_arn: str) -> Any:
        return self._made[service]

    def of_account(self, service: str, account: str, region: str) -> Any:
        return self.function if service == "lambda" else super().of_account(service, account, region)


class ProducerAws(Aws):
    """The producer's clients, on its wire."""

    def __init__(self, endpoint_url: str, wire: DataWire) -> None:
        super().__init__(region=REGION, endpoint_url=endpoint_url, credentials=CREDENTIALS)
        wire.attach(self.client("kinesis"))
        wire.attach(self.once("kinesis"))
        refuse_cbor(self)  # what happens to a request reads its body as JSON


class ProcessorNetwork:
    """The processor's own connections, with the wire before them."""

    def __init__(self, url: str, wire: DataWire) -> None:
        self._connections = Connections(url)
        self._wire = wire

    def send(self, request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        sent = AWSRequest("POST", request.url, dict(request.headers), request.body).prepare()
        try:
            answer = self._wire.answer(operation, sent)
        except BotoCoreError as lost:
            raise CallError(type(lost).__name__, is_passing=True) from lost
        if answer is None:
            return self._connections.send(request)
        assert answer.content is not None
        return Answer(answer.status_code, answer.content, None)

    def close(self) -> None:
        self._connections.close()


class VirtualTime:
    """The producer's clock: its pauses pass at once."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def clock(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds
