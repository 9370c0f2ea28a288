"""A client's view of the emulator."""

from __future__ import annotations

import io
import time
import uuid
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.emulator import process

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.process import Emulator

REGION = "eu-west-1"
TRUST = '{"Version":"2012-10-17","Statement":[]}'


@pytest.fixture(scope="session")
def aws(emulator: Emulator) -> Aws:
    return aws_of(emulator)


def aws_of(emulator: Emulator) -> Aws:
    return Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)


@pytest.fixture
def name() -> str:
    """A name of its own for each test: the emulator is shared."""
    return f"test-{uuid.uuid4().hex[:10]}"


@pytest.fixture(scope="session")
def make_function(aws: Aws) -> Callable[[str, str], str]:
    """Make a function from the source of its module, with a role of its own; returns its name."""
    return lambda name, source: create_function(aws, name, source)


def create_function(aws: Aws, name: str, source: str) -> str:
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    aws.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="module.handle",
        Role=role,
        Timeout=30,
        Code={"ZipFile": zipped(source)},
    )
    return name


def zipped(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("module.py", source)
    return buffer.getvalue()


def stream_arn(aws: Aws, name: str) -> str:
    summary: dict[str, Any] = aws.client("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return str(summary["StreamARN"])


def eventually(look: Callable[[], Any], expected: Any, timeout_seconds: float = 20) -> None:
    deadline = time.monotonic() + timeout_seconds
    while (found := look()) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
