from urllib.parse import parse_qs

import boto3
import pytest
from moto import mock_aws

from streamctl.functions.aws.connections import Answer, Request
from streamctl.functions.aws.errors import CallError
from streamctl.functions.aws.query import QueryService

from .through_botocore import ThroughBotocore

ENVIRONMENT = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
REFUSAL = b"""<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>
<Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


class Answering:
    def __init__(self, status: int, content: bytes) -> None:
        self.answer = Answer(status, content, None)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.answer


def test_a_request_is_a_signed_form():
    network = Answering(200, b"<PublishResponse/>")

    QueryService("sns", ENVIRONMENT, network=network).post("Publish", {"TopicArn": "arn", "Message": "a & b = ä"})

    (request,) = network.requests
    assert request.url == "https://sns.eu-west-1.amazonaws.com/"
    assert parse_qs(request.body.decode()) == {
        "Action": ["Publish"],
        "Version": ["2010-03-31"],
        "TopicArn": ["arn"],
        "Message": ["a & b = ä"],
    }
    assert "/eu-west-1/sns/aws4_request" in request.headers["Authorization"]


@pytest.mark.parametrize(
    ("status", "content", "code", "words", "is_passing"),
    [
        (404, REFUSAL, "NotFound", "Topic does not exist", False),
        (400, REFUSAL.replace(b"NotFound", b"Throttling"), "Throttling", "Topic does not exist", True),
        (503, b"busy", "HTTP 503", "", True),
    ],
)
def test_a_refusal_tells_what_aws_says(status, content, code, words, is_passing):
    service = QueryService("sns", ENVIRONMENT, network=Answering(status, content))

    with pytest.raises(CallError) as refused:
        service.post("Publish", {})

    assert (refused.value.code, refused.value.words, refused.value.is_passing) == (code, words, is_passing)


def test_a_topic_tells_what_was_published(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        topic, url = sns.create_topic(Name="t")["TopicArn"], sqs.create_queue(QueueName="q")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

        service = QueryService("sns", network=ThroughBotocore("sns"))
        service.post("Publish", {"TopicArn": topic, "Subject": "s", "Message": "two\nlines"})

        assert [each["Body"] for each in sqs.receive_message(QueueUrl=url)["Messages"]] == ["two\nlines"]
