"""The folder as Lambda gets it: in a zip, under its own name, with nothing of streamctl beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import streamctl.functions.processor

from .lambda_events import batch, event

FOLDER = Path(streamctl.functions.processor.__file__).parent
INVOKE = """
import json, os, sys

from processor import handler

assert "boto3" not in sys.modules, "importing the handler imports boto3"
from moto import mock_aws

class Context:
    def get_remaining_time_in_millis(self):
        return 30_000

with mock_aws():
    import boto3

    key = [("eventId", "HASH", "S"), ("timestamp", "RANGE", "N")]
    boto3.client("dynamodb").create_table(
        TableName=os.environ["DYNAMODB_TABLE"],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind, _ in key],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": letter} for name, _, letter in key],
        BillingMode="PAY_PER_REQUEST",
    )
    os.environ["REJECTED_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="rejected")["QueueUrl"]
    print(json.dumps(handler.handle(json.load(sys.stdin), Context())))
assert "streamctl" not in sys.modules, "the processor needs streamctl"
"""


def test_the_zipped_folder_handles_a_batch_on_its_own(tmp_path):
    zipped = tmp_path / "function.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in FOLDER.glob("*.py"):
            archive.write(file, f"processor/{file.name}")

    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", INVOKE],
        input=json.dumps(batch(event(eventId="a", eventType="purchase", amount=10.99), b"bad")),
        env=own | {"PYTHONPATH": str(zipped), "DYNAMODB_TABLE": "results", "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    *metrics, line, answer = done.stdout.splitlines()
    assert [json.loads(metric).get("EventsProcessed") for metric in metrics] == [1, 1]
    assert line.startswith("processed records=2 stored=1 rejected=1 retried=0 duration_ms=")
    assert json.loads(answer) == {"batchItemFailures": []}
