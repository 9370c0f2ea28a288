from __future__ import annotations

import zlib

import pytest

from streamctl.functions.aws.connections import Answer, Request
from streamctl.functions.aws.errors import CallError
from streamctl.functions.aws.service import JsonService

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}


class Answering:
    """A network that gives one answer and keeps what it was sent."""

    def __init__(self, status: int = 200, content: bytes = b"{}", crc32: str | None = None) -> None:
        self.answer = Answer(status, content, crc32)
        self.sent: list[Request] = []

    def send(self, request: Request) -> Answer:
        self.sent.append(request)
        return self.answer


def post(network: Answering, **environment: str):
    return JsonService("dynamodb", ENVIRONMENT | environment, network=network).post("BatchWriteItem", b'{"a": 1}')


def refused(status: int, content: bytes, **answer: str) -> CallError:
    with pytest.raises(CallError) as caught:
        post(Answering(status, content, **answer))
    return caught.value


def test_a_request_names_its_operation_and_who_sends_it():
    network = Answering(content=b'{"UnprocessedItems": {}}')

    assert post(network) == {"UnprocessedItems": {}}
    (request,) = network.sent
    assert (request.url, request.body) == ("https://dynamodb.eu-west-1.amazonaws.com/", b'{"a": 1}')
    assert request.headers["X-Amz-Target"] == "DynamoDB_20120810.BatchWriteItem"
    assert request.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert request.headers["X-Amz-Security-Token"] == "token"
    assert request.headers["User-Agent"] == "streamctl"
    assert "Credential=AKIDEXAMPLE/" in request.headers["Authorization"]
    assert "/eu-west-1/dynamodb/aws4_request" in request.headers["Authorization"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("http://emulator:80/", "emulator"),
        ("https://table.example:443/", "table.example"),
        ("https://table.example:8443", "table.example:8443"),
    ],
)
def test_the_host_is_signed_as_it_is_sent(url, host):
    network = Answering()

    post(network, AWS_ENDPOINT_URL=url)

    assert network.sent[0].headers["Host"] == host
    assert network.sent[0].url == url.rstrip("/") + "/"


def test_the_trace_that_lambda_began_goes_on():
    network = Answering()

    post(network, _X_AMZN_TRACE_ID="Root=1-5759e988-bd862e3fe1be46a994272793")

    assert network.sent[0].headers["X-Amzn-Trace-Id"] == "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert "trace" not in network.sent[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("status", "content", "code", "words", "is_passing"),
    [
        (400, b'{"__type": "a.b#ThrottlingException", "message": "Rate"}', "ThrottlingException", "Rate", True),
        (400, b'{"__type": "ValidationException", "Message": "No."}', "ValidationException", "No.", False),
        (400, b'{"__type": "a.b#AccessDeniedException", "message": null}', "AccessDeniedException", "", False),
        (403, b'{"__type": "com.amazonaws.sqs#RequestThrottled"}', "RequestThrottled", "", True),
        (500, b'{"__type": "a.b#InternalServerError"}', "InternalServerError", "", True),
        (503, b"<html>Service Unavailable</html>", "HTTP 503", "", True),
        (404, b"", "HTTP 404", "", False),
        (404, b"[]", "HTTP 404", "", False),
        (301, b"{}", "HTTP 301", "", False),
    ],
)
def test_a_refusal_has_awss_code_and_words(status, content, code, words, is_passing):
    error = refused(status, content)

    assert (error.code, error.words, error.is_passing) == (code, words, is_passing)


def test_a_checksum_that_fits_is_believed():
    content = b'{"UnprocessedItems": {}}'

    assert post(Answering(200, content, str(zlib.crc32(content)))) == {"UnprocessedItems": {}}


@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_damaged_on_its_way_is_no_answer(status):
    error = refused(status, b'{"UnprocessedItems": {}}', crc32="12345")

    assert (error.code, error.is_passing) == ("damaged answer", True)


def test_an_answer_that_is_no_json_is_no_answer():
    error = refused(200, b"<html>")

    assert (error.code, error.is_passing) == ("unreadable answer", True)
