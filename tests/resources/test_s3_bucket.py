"""What is special to buckets: they are emptied before they go, and one of the name may be elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.engine.graph import Graph
from streamctl.engine.plan import make_plan
from streamctl.engine.resource import Live
from streamctl.engine.state import StateFile, Target
from streamctl.errors import OwnershipError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.resources.s3_bucket import S3Bucket


@pytest.fixture
def bucket(sample: Callable[..., S3Bucket], aws: Aws) -> S3Bucket:
    made = sample("s3_bucket")
    made.create(aws)
    return made


def brought_up(bucket: S3Bucket, aws: Aws) -> None:
    live = bucket.read(aws)
    assert live
    bucket.update(aws, live)


def test_what_it_holds_goes_with_it_every_version_of_it(bucket: S3Bucket, aws: Aws) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    for number in range(3):
        s3.put_object(Bucket=bucket.name, Key=f"key-{number % 2}", Body=b"x")
    s3.delete_object(Bucket=bucket.name, Key="key-1")
    live = bucket.read(aws)
    assert live

    bucket.delete(aws, live)

    assert bucket.read(aws) is None


def test_it_tells_whether_it_holds_anything(bucket: S3Bucket, aws: Aws) -> None:
    assert not bucket.has_data(aws)
    aws.client("s3").put_object(Bucket=bucket.name, Key="key", Body=b"x")
    assert bucket.has_data(aws)


def test_a_bucket_that_is_gone_holds_nothing(sample: Callable[..., S3Bucket], aws: Aws) -> None:
    assert not sample("s3_bucket").has_data(aws)


def test_nobody_reads_it_in_the_open(bucket: S3Bucket, aws: Aws) -> None:
    brought_up(bucket, aws)
    s3 = aws.client("s3")

    block = s3.get_public_access_block(Bucket=bucket.name)["PublicAccessBlockConfiguration"]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket.name)["Policy"])
    owners = s3.get_bucket_ownership_controls(Bucket=bucket.name)["OwnershipControls"]["Rules"]

    assert set(block.values()) == {True}
    assert [statement["Condition"] for statement in policy["Statement"]] == [{"Bool": {"aws:SecureTransport": "false"}}]
    assert owners == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_somebodys_own_policy_is_a_difference(bucket: S3Bucket, aws: Aws) -> None:
    brought_up(bucket, aws)
    arn = f"arn:aws:s3:::{bucket.name}"
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    aws.client("s3").put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(policy))

    live = bucket.read(aws)

    assert live
    assert list(bucket.differing(live)) == ["tls_only"]


def test_somebodys_own_tags_stay(bucket: S3Bucket, aws: Aws) -> None:
    aws.client("s3").put_bucket_tagging(Bucket=bucket.name, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    brought_up(bucket, aws)

    live = bucket.read(aws)

    assert live
    assert live.tags == {"team": "blue", **bucket.tags}


def test_the_tags_of_a_stack_are_sent_along(sample: Callable[..., S3Bucket], fake: Any) -> None:
    """S3 replaces all tags, and refuses to remove one of AWS's own."""
    stack = {"aws:cloudformation:stack-name": "theirs"}
    aws, wanted = fake({}), sample("s3_bucket", tags={"streamctl:pipeline": "a1b2c3"})

    wanted.update(aws, Live(attributes={}, settings={}, tags=stack))

    assert aws.sent("put_bucket_tagging")["Tagging"]["TagSet"] == [
        {"Key": "aws:cloudformation:stack-name", "Value": "theirs"},
        {"Key": "streamctl:pipeline", "Value": "a1b2c3"},
    ]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_it_is_made_in_the_region_asked_for(region: str, sample: Callable[..., S3Bucket], moto: Any) -> None:
    here = Aws(region=region, credentials=("testing", "testing"))
    made = sample("s3_bucket")
    made.create(here)

    live = made.read(here)

    assert live
    assert live.state == "ACTIVE"


def test_one_of_the_name_in_another_region_is_not_touched(
    sample: Callable[..., S3Bucket], moto: Any, tmp_path: Path
) -> None:
    made = sample("s3_bucket")
    made.create(Aws(region="eu-central-1", credentials=("testing", "testing")))
    here = Aws(region="eu-west-1", credentials=("testing", "testing"))
    state = StateFile.new(tmp_path / "state.json", "p", Target(account=here.account, region=here.region))

    with pytest.raises(OwnershipError, match="not ours: s3_bucket"):
        make_plan(Graph([replace(made)]), here, state)
