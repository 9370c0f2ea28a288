"""The zip as Lambda gets it, with nothing of streamctl beside it, and without what is dear to import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest

from streamctl.emulator.process import CREDENTIALS, REGION
from streamctl.pipeline.package import package

from .lambda_events import batch, event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.emulator.process import Emulator

INVOKE = """
import json, sys

from processor import handler

class Context:
    def get_remaining_time_in_millis(self):
        return 30_000

print(json.dumps(handler.handle(json.load(sys.stdin), Context())))
dear = {"boto3", "botocore", "urllib3", "dataclasses", "streamctl"} & set(sys.modules)
assert not dear, f"the processor imports {dear}"
"""


@pytest.fixture
def places(emulator: Emulator) -> Iterator[dict[str, str]]:
    """The environment of a function on the emulator, with a table and a queue of its own."""
    access_key, secret_key = CREDENTIALS
    environment = {
        "AWS_ENDPOINT_URL": emulator.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "DYNAMODB_TABLE": "shipped",
    }
    settings = {
        "endpoint_url": emulator.endpoint_url,
        "region_name": REGION,
        "aws_access_key_id": access_key,
        "aws_secret_access_key": secret_key,
    }
    dynamodb, sqs = boto3.client("dynamodb", **settings), boto3.client("sqs", **settings)
    key = [("eventId", "HASH", "S"), ("timestamp", "RANGE", "N")]
    dynamodb.create_table(
        TableName="shipped",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind, _ in key],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": letter} for name, _, letter in key],
        BillingMode="PAY_PER_REQUEST",
    )
    url = sqs.create_queue(QueueName="shipped")["QueueUrl"]
    yield environment | {"REJECTED_QUEUE_URL": url}
    dynamodb.delete_table(TableName="shipped")
    sqs.delete_queue(QueueUrl=url)


def test_the_zipped_folder_handles_a_batch_on_its_own(tmp_path, places):
    zipped = tmp_path / "function.zip"
    zipped.write_bytes(package("processor").content)

    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", INVOKE],
        input=json.dumps(batch(event(eventId="a", eventType="purchase", amount=10.99), b"bad")),
        env=own | {"PYTHONPATH": str(zipped)} | places,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    *metrics, line, answer = done.stdout.splitlines()
    assert [json.loads(metric).get("EventsProcessed") for metric in metrics] == [1, 1]
    assert line.startswith("processed records=2 stored=1 rejected=1 retried=0 duration_ms=")
    assert json.loads(answer) == {"batchItemFailures": []}
