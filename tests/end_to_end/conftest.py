"""A user's project for every test, with a pipeline name of its own; the emulator is shared."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from streamctl.pipeline.names import Names

from ..shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.emulator.process import Emulator

REGION = "us-east-1"
AT_ONCE = "event_source.batch_size = 10\nevent_source.batching_window_seconds = 0\n"
"""Nothing waits for more records. By default everything waits five seconds, and AWS wants a window above 10 a batch."""
LARGE_BATCHES = "[event_source]\nbatching_window_seconds = 1\n"
"""For hundreds of events: by tens, each an invocation of its own, they would take longer than this waits."""


@dataclass(frozen=True)
class Project:
    """A user's project: a shell in its folder, and the emulator seen from beside it."""

    shell: Shell
    names: Names
    endpoint_url: str

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def rows(self) -> list[dict[str, Any]]:
        """The table as DynamoDB tells it, types and all."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.names.table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def items(self) -> list[dict[str, Any]]:
        """The table, numbers exact."""
        plain = TypeDeserializer().deserialize
        return [{name: plain(value) for name, value in row.items()} for row in self.rows()]

    def configure(self, text: str) -> None:
        (self.shell.folder / "streamctl.toml").write_text(text, encoding="utf-8")

    def everything_named_so(self) -> list[str]:
        """What carries the pipeline's suffix, listed without any of streamctl's code."""
        mappings = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        found = [
            *self.client("kinesis").list_streams()["StreamNames"],
            *self.client("dynamodb").list_tables()["TableNames"],
            *(function["FunctionName"] for function in self.client("lambda").list_functions()["Functions"]),
            *(mapping["FunctionArn"] for mapping in mappings),
            *(role["RoleName"] for role in self.client("iam").list_roles()["Roles"]),
            *(group["logGroupName"] for group in self.client("logs").describe_log_groups()["logGroups"]),
            *(bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]),
            *self.client("sqs").list_queues().get("QueueUrls", []),
            *(alarm["AlarmName"] for alarm in self.client("cloudwatch").describe_alarms()["MetricAlarms"]),
            *(each["DashboardName"] for each in self.client("cloudwatch").list_dashboards()["DashboardEntries"]),
            *(topic["TopicArn"] for topic in self.client("sns").list_topics()["Topics"]),
            *(each["SubscriptionArn"] for each in self.client("sns").list_subscriptions()["Subscriptions"]),
        ]
        return [name for name in found if self.names.suffix in name]


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Iterator[Project]:
    """A project in an empty folder that uses the shared emulator by `--endpoint-url`, taken down afterwards."""
    name = f"t{secrets.token_hex(4)}"
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "STREAMCTL_NAME": name,
        "STREAMCTL_ENDPOINT_URL": emulator.endpoint_url,
    }
    made = Project(Shell(tmp_path, environment), Names(name), emulator.endpoint_url)
    made.configure(AT_ONCE)
    yield made
    made.shell.run("down", "--yes", check=False)
