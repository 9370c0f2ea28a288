from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from streamctl.adoption.subject import Subject, subject
from streamctl.aws import Aws
from streamctl.errors import TargetError, UsageError

from ..recipe_by_hand import make_by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    "text",
    [
        "my-shop",
        "analytics-stream-my-shop",
        "kinesis-processor-my-shop",
        "/aws/lambda/kinesis-processor-my-shop",
        "DynamoDBThrottling-my-shop",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/analytics-rejected-my-shop",
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
    ],
)
def test_an_arn_tells_the_place_too(text: str) -> None:
    assert subject(text) == Subject(text, "my-shop", "eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("text", "region", "account"),
    [
        ("arn:aws:iam::123456789012:role/kinesis-lambda-role-my-shop", None, "123456789012"),
        ("arn:aws:s3:::analytics-failed-my-shop-123456789012", None, "123456789012"),
        ("analytics-dashboard-my-shop-us-gov-west-1", "us-gov-west-1", None),
        ("arn:aws:cloudwatch::123456789012:dashboard/analytics-dashboard-my-shop-ap-southeast-2", "ap-southeast-2",
         "123456789012"),
    ],
)  # fmt: skip
def test_what_belongs_to_no_region_or_account_may_have_it_in_its_name(
    text: str, region: str | None, account: str | None
) -> None:
    assert subject(text) == Subject(text, "my-shop", region, account)


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


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield Aws(region="eu-west-1", credentials=("test", "test"))


def test_a_mapping_is_found_by_its_arn_which_names_nothing(aws: Aws) -> None:
    make_by_hand(aws.client, "my-shop")
    (mapping,) = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]

    assert subject(mapping["EventSourceMappingArn"]).looked_up(aws) == "my-shop"


def test_an_arn_that_is_of_no_pipeline_says_so(aws: Aws) -> None:
    with pytest.raises(UsageError, match="does not tell the name of a pipeline"):
        subject(f"arn:aws:sqs:{HERE}:orders").looked_up(aws)
