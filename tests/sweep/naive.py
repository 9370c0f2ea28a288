"""The order that a script of creates and deletes has: what is there already, or gone already, ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..foreign import TRUST, await_function, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from .commands import Clients


class CreateOrDie:
    """The recipe's steps one after another, none of them looking first. Its memory is the mapping's id, noted down."""

    def __init__(self, folder: Path, name: str, clients: Clients) -> None:
        self.name = name
        self.disk = folder / f"{name}.mapping"
        self._clients = clients
        folder.mkdir(parents=True, exist_ok=True)

    def _call(self, service: str, operation: str, **arguments: Any) -> Any:
        return getattr(self._clients.client(service), operation)(**arguments)

    def up(self) -> None:
        name = self.name
        self._call(
            "dynamodb",
            "create_table",
            TableName=f"analytics-results-{name}",
            AttributeDefinitions=[{"AttributeName": "eventId", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "eventId", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        role = self._call(
            "iam",
            "create_role",
            RoleName=f"kinesis-lambda-role-{name}",
            AssumeRolePolicyDocument=json.dumps(TRUST),
        )["Role"]["Arn"]
        self._call("kinesis", "create_stream", StreamName=f"analytics-stream-{name}", ShardCount=2)
        stream = self._call("kinesis", "describe_stream_summary", StreamName=f"analytics-stream-{name}")
        self._function(role)
        mapping = self._call(
            "lambda",
            "create_event_source_mapping",
            EventSourceArn=stream["StreamDescriptionSummary"]["StreamARN"],
            FunctionName=f"kinesis-processor-{name}",
            StartingPosition="LATEST",
        )
        self.disk.write_text(mapping["UUID"], encoding="utf-8")

    def _function(self, role: str) -> None:
        self._call(
            "lambda",
            "create_function",
            FunctionName=f"kinesis-processor-{self.name}",
            Runtime="python3.11",
            Handler="module.handle",
            Role=role,
            Code={"ZipFile": zipped("def handle(event, context): pass")},
        )
        await_function(self._clients.client("lambda"), f"kinesis-processor-{self.name}")

    def deploy(self) -> None:
        self._call(
            "lambda",
            "update_function_code",
            FunctionName=f"kinesis-processor-{self.name}",
            ZipFile=zipped("def handle(event, context): pass"),
        )
        await_function(self._clients.client("lambda"), f"kinesis-processor-{self.name}")

    def down(self) -> None:
        name = self.name
        self._call("lambda", "delete_event_source_mapping", UUID=self.disk.read_text(encoding="utf-8"))
        self._call("lambda", "delete_function", FunctionName=f"kinesis-processor-{name}")
        self._call("kinesis", "delete_stream", StreamName=f"analytics-stream-{name}")
        self._call("dynamodb", "delete_table", TableName=f"analytics-results-{name}")
        self._call("iam", "delete_role", RoleName=f"kinesis-lambda-role-{name}")
