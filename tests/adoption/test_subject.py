from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from streamctl.adoption.subject import Subject, subject
from streamctl.aws import Aws
from streamctl.errors import TargetError, UsageError

from ..recipe_by_hand import make_by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "eu-west-1:123456789012"
MAPPING = "0a1b2c3d-1111-2222-3333-0123456789ab"


@pytest.mark.parametrize(
    "text",
    [
        "my-shop",
        "analytics-stream-my-shop",
        "kinesis-processor-my-shop",
        "/aws/lambda/kinesis-processor-my-shop",
        "DynamoDBThrottling-my-shop",
        "alias/analytics-alarms-my-shop",
        "analytics-stream-my-shop to kinesis-processor-my-shop",
    ],
)
def test_a_pipeline_is_meant_by_its_name_or_that_of_a_resource(text: str) -> None:
    assert subject(text) == Subject(text, "my-shop")


@pytest.mark.parametrize(
    "text",
    [
        f"arn:aws:kinesis:{HERE}:stream/analytics-stream-my-shop",
        f"arn:aws:lambda:{HERE}:function:kinesis-processor-my-shop:7",
        f"arn:aws:logs:{HERE}:log-group:/aws/lambda/kinesis-processor-my-shop:*",
        f"arn:aws:dynamodb:{HERE}:table/analytics-results-my-shop/stream/2026-01-01T00:00:00.000",
        f"arn:aws:cloudwatch:{HERE}:alarm:KinesisLambdaProcessorErrors-my-shop",
        f"arn:aws:sns:{HERE}:analytics-alarms-my-shop:0a1b2c3d",
        f"arn:aws:kms:{HERE}:alias/analytics-alarms-my-shop",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/analytics-rejected-my-shop",
        "https://eu-west-1.queue.amazonaws.com/123456789012/analytics-rejected-my-shop",
    ],
)
def test_an_arn_or_a_queues_url_tells_the_place_too(text: str) -> None:
    assert subject(text) == Subject(text, "my-shop", "eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("text", "region", "account"),
    [
        ("arn:aws:iam::123456789012:role/kinesis-lambda-role-my-shop", None, "123456789012"),
        ("arn:aws:s3:::analytics-failed-my-shop-123456789012", None, "123456789012"),
        ("s3://analytics-failed-my-shop-123456789012/", None, "123456789012"),
        ("analytics-dashboard-my-shop-us-gov-west-1", "us-gov-west-1", None),
        ("arn:aws:cloudwatch::123456789012:dashboard/analytics-dashboard-my-shop-ap-southeast-2", "ap-southeast-2",
         "123456789012"),
    ],
)  # fmt: skip
def test_what_belongs_to_no_region_or_account_may_have_it_in_its_name(
    text: str, region: str | None, account: str | None
) -> None:
    assert subject(text) == Subject(text, "my-shop", region, account)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("sqs-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("vpce-0a1b.sqs.eu-central-1.vpce.amazonaws.com", "eu-central-1"),
        ("queue.amazonaws.com", "us-east-1"),
        ("127.0.0.1:4566", None),
        ("localhost:4566", None),
    ],
)
def test_a_queues_url_tells_the_account_and_its_host_the_region(host: str, region: str | None) -> None:
    url = f"http://{host}/123456789012/analytics-failures-my-shop"

    assert subject(url) == Subject(url, "my-shop", region, "123456789012")


@pytest.mark.parametrize(
    "text", [MAPPING, f"arn:aws:lambda:{HERE}:event-source-mapping:{MAPPING}", "My-Shop", "arn:", ""]
)
def test_what_cannot_be_the_name_of_a_pipeline_is_not_taken_for_one(text: str) -> None:
    assert subject(text).name is None


def test_another_region_than_asked_for_is_refused() -> None:
    there = subject(f"arn:aws:kinesis:{HERE}:stream/analytics-stream-my-shop")

    assert (there.agreed_region(None), there.agreed_region("eu-west-1")) == ("eu-west-1", "eu-west-1")
    with pytest.raises(TargetError, match="is in the region eu-west-1, not us-east-1"):
        there.agreed_region("us-east-1")
    assert subject("my-shop").agreed_region("us-east-1") == "us-east-1"


def test_another_account_than_that_of_the_credentials_is_refused() -> None:
    there = subject(f"arn:aws:kinesis:{HERE}:stream/analytics-stream-my-shop")

    there.refuse_another_account("123456789012")
    with pytest.raises(TargetError, match="credentials are for 999999999999"):
        there.refuse_another_account("999999999999")


@pytest.mark.parametrize(
    ("there", "ours", "hint"),
    [
        ("123456789012", "999999999999", "--profile"),
        ("123456789012", "000000000000", "Leave --local out"),
        ("000000000000", "123456789012", "add --local"),
    ],
)
def test_the_emulators_account_is_told_from_that_of_other_credentials(there: str, ours: str, hint: str) -> None:
    with pytest.raises(TargetError) as raised:
        subject(f"http://127.0.0.1:4566/{there}/analytics-rejected-my-shop").refuse_another_account(ours)

    assert hint in str(raised.value.hint)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield Aws(region="eu-west-1", credentials=("test", "test"))


def test_a_mapping_is_found_by_its_id_or_arn_which_name_nothing(aws: Aws) -> None:
    make_by_hand(aws.client, "my-shop")
    (mapping,) = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]

    assert subject(mapping["UUID"]).looked_up(aws) == "my-shop"
    assert subject(mapping["EventSourceMappingArn"]).looked_up(aws) == "my-shop"


def test_a_key_is_found_by_its_id_or_arn_whoever_made_it(aws: Aws) -> None:
    key = aws.client("kms").create_key(Description="analytics-alarms-my-shop")["KeyMetadata"]

    for text in (key["KeyId"], f"key/{key['KeyId']}", key["Arn"]):
        assert subject(text).looked_up(aws) == "my-shop"


def test_who_is_told_is_found_by_their_address_unless_several_pipelines_tell_them(aws: Aws) -> None:
    sns, told = aws.client("sns"), subject("ops@example.com")
    sns.subscribe(
        TopicArn=sns.create_topic(Name="analytics-alarms-one")["TopicArn"], Protocol="email", Endpoint=told.text
    )
    alone = told.looked_up(aws)
    sns.subscribe(
        TopicArn=sns.create_topic(Name="analytics-alarms-two")["TopicArn"], Protocol="email", Endpoint=told.text
    )

    assert alone == "one"
    with pytest.raises(UsageError, match="in several pipelines: one, two"):
        told.looked_up(aws)


@pytest.mark.parametrize("text", [f"arn:aws:sqs:{HERE}:orders", MAPPING, "My-Shop", "arn:", ""])
def test_what_is_of_no_pipeline_says_so(aws: Aws, text: str) -> None:
    with pytest.raises(UsageError, match="neither the name of a pipeline nor of anything in one"):
        subject(text).looked_up(aws)


def test_nothing_is_looked_up_in_another_account(aws: Aws) -> None:
    with pytest.raises(TargetError, match="is in the account 999999999999"):
        subject(f"arn:aws:lambda:eu-west-1:999999999999:event-source-mapping:{MAPPING}").looked_up(aws)


@given(text=st.text() | st.from_regex(r"(arn:|https?://)[a-z0-9:/.-]*"))
def test_any_text_is_read(text: str) -> None:
    read = subject(text)

    assert read.text == text
    assert read.name is None or re.fullmatch("[a-z0-9][a-z0-9-]*", read.name)
