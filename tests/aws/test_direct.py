"""A direct request is signed, sent, heard and refused as the SDK's own would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.aws.failures import Failure, classify, code, is_missing, text

if TYPE_CHECKING:
    from collections.abc import Iterator

PUT = json.dumps({"StreamName": "analytics", "Records": [{"Data": "eyJhIjoxfQ==", "PartitionKey": "k"}]}).encode()


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(region="eu-west-1", credentials=("key", "secret"))


def requests_of(aws: Aws, service: str) -> list[Any]:
    """Every request that leaves, before it does."""
    seen: list[Any] = []
    aws.once(service).meta.events.register_first("before-send", lambda request, **_: seen.append(request))
    return seen


def said(header: str | bytes) -> str:
    return header if isinstance(header, str) else header.decode()


def test_the_answer_is_what_the_service_sent(aws: Aws) -> None:
    aws.client("kinesis").create_stream(StreamName="analytics", ShardCount=1)
    answer = json.loads(aws.direct("kinesis").post("PutRecords", PUT))
    assert answer["Records"][0]["ShardId"] == "shardId-000000000000"


def test_the_request_is_signed_like_one_of_the_sdk(aws: Aws) -> None:
    aws.client("kinesis").create_stream(StreamName="analytics", ShardCount=1)
    sent = requests_of(aws, "kinesis")
    aws.direct("kinesis").post("PutRecords", PUT)
    aws.once("kinesis").put_records(StreamName="analytics", Records=[{"Data": b'{"a":1}', "PartitionKey": "k"}])
    direct, sdk = (request.headers for request in sent)
    assert direct.keys() >= {"Content-Type", "User-Agent", "X-Amz-Target", "X-Amz-Date", "Content-Length"}
    for name in ("Content-Type", "X-Amz-Target"):
        assert said(direct[name]) == said(sdk[name])
    ours, theirs = (said(headers["Authorization"]).split("Signature=")[0] for headers in (direct, sdk))
    assert ours == theirs


def test_a_refusal_is_the_error_that_the_sdk_would_raise(aws: Aws) -> None:
    with pytest.raises(ClientError) as raised:
        aws.direct("kinesis").post("PutRecords", PUT)
    assert is_missing(raised.value)
    assert code(raised.value) == "ResourceNotFoundException"
    assert "analytics" in text(raised.value)
    assert raised.value.operation_name == "PutRecords"


def test_an_endpoint_that_nobody_listens_at_is_told_as_the_sdk_tells_it() -> None:
    aws = Aws(region="eu-west-1", credentials=("key", "secret"), endpoint_url="http://127.0.0.1:1")
    with pytest.raises(EndpointConnectionError) as raised:
        aws.direct("kinesis").post("PutRecords", PUT)
    assert classify(raised.value) is Failure.NO_EFFECT


def test_an_observer_hears_of_every_request() -> None:
    with mock_aws():
        aws = Aws(region="eu-west-1", credentials=("key", "secret"))
        heard: list[tuple[str, str]] = []
        aws.watch(lambda service, operation: heard.append((service, operation)))
        with pytest.raises(ClientError):
            aws.direct("kinesis").post("PutRecords", PUT)
        assert heard == [("kinesis", "PutRecords")]
