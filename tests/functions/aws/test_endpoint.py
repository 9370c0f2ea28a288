from __future__ import annotations

import botocore.session
import pytest

from streamctl.functions.aws.endpoint import endpoint

SDK = botocore.session.get_session()
REGIONS = [
    region
    for partition in SDK.get_available_partitions()
    for region in SDK.get_available_regions("dynamodb", partition, allow_non_regional=False)
]


def test_regions_of_every_partition_are_looked_at():
    assert {region.partition("-")[0] for region in REGIONS} >= {"us", "eu", "cn", "eusc"}
    assert {"us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"} <= set(REGIONS)


@pytest.mark.parametrize("service", ["dynamodb", "sqs"])
def test_a_service_is_where_the_sdk_finds_it(service, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    found = {region: SDK.create_client(service, region).meta.endpoint_url for region in REGIONS}

    assert {region: endpoint(service, region, {}) for region in REGIONS} == found


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566"),
        ({"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_DYNAMODB": "http://table"}, "http://table"),
        ({"AWS_ENDPOINT_URL_SQS": "http://queue"}, "https://dynamodb.eu-west-1.amazonaws.com"),
        (
            {"AWS_ENDPOINT_URL": "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "https://dynamodb.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_the_environment_may_name_another_endpoint(environment, url):
    assert endpoint("dynamodb", "eu-west-1", environment) == url
