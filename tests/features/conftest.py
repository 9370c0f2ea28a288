"""A blueprint, and on moto a table and a function for the looks of features."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.config import Config
from streamctl.pipeline.checks import Situation
from streamctl.pipeline.names import Names
from streamctl.pipeline.recipe import recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.checks import Check

NAMES = Names("demo01")
LONG_AFTER_MS = 4_000_000_000_000
"""Processed long after any change that a test makes."""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return recipe(Config(), NAMES, tmp_path)


class Deployed:
    """The table and the function of a pipeline, made by hand."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.dynamodb = aws.client("dynamodb")
        self.dynamodb.create_table(
            TableName=NAMES.table,
            KeySchema=[{"AttributeName": "eventId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "eventId", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def function(self, mode: str) -> None:
        trust = '{"Version": "2012-10-17", "Statement": []}'
        role = self.aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.py", "")
        self.aws.client("lambda").create_function(
            FunctionName=NAMES.function,
            Runtime="python3.11",
            Role=role,
            Handler="a.b",
            Code={"ZipFile": buffer.getvalue()},
            TracingConfig={"Mode": mode},
        )

    def store(self, event_id: str, processed_at_ms: int = LONG_AFTER_MS, **attributes: str) -> None:
        """An item with text attributes."""
        stored = {name: {"S": value} for name, value in attributes.items()}
        at = {"processedAtMs": {"N": str(processed_at_ms)}}
        self.dynamodb.put_item(TableName=NAMES.table, Item={"eventId": {"S": event_id}, **at, **stored})

    def checks(self, pipeline: Pipeline) -> dict[str, Check]:
        """What the looks of the pipeline's features see, by name."""
        situation = Situation(self.aws, datetime.now(UTC), None)
        return {check.name: check for look in pipeline.looks for check in look(situation)}


@pytest.fixture
def deployed() -> Iterator[Any]:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield Deployed(Aws(region="eu-west-1", credentials=("testing", "testing")))
