from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from streamctl.engine.resource import OWNER_TAG
from streamctl.errors import AwsError
from streamctl.resources.kinesis_stream import KinesisStream, next_shard_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

TAGS = {OWNER_TAG: "a1b2c3"}
ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/events"


def stream(**fields: Any) -> KinesisStream:
    return KinesisStream(id="stream", name="events", tags=TAGS, **fields)


def answers(**summary: Any) -> dict[str, Any]:
    found = {
        "StreamName": "events",
        "StreamARN": ARN,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "EncryptionType": "KMS",
        "KeyId": "alias/aws/kinesis",
        "OpenShardCount": 2,
    }
    return {
        "describe_stream_summary": {"StreamDescriptionSummary": found | summary},
        "list_tags_for_stream": {"Tags": [{"Key": OWNER_TAG, "Value": "a1b2c3"}], "HasMoreTags": False},
    }


def update(wanted: KinesisStream, aws: Any) -> None:
    live = wanted.read(aws)
    assert live
    aws.calls.clear()
    wanted.update(aws, live)


@given(current=st.integers(1, 10_000), wanted=st.integers(1, 10_000))
def test_shards_are_reached_in_steps_that_aws_allows(current: int, wanted: int) -> None:
    steps = 0
    while current != wanted:
        target = next_shard_count(current, wanted)
        assert current / 2 <= target <= current * 2
        assert abs(wanted - target) < abs(wanted - current)
        current, steps = target, steps + 1
    assert steps <= 14


def test_an_update_goes_only_one_step_towards_the_shards(fake: Callable[..., Any]) -> None:
    aws = fake(answers(OpenShardCount=2))
    update(stream(shards=10), aws)
    assert aws.sent("update_shard_count")["TargetShardCount"] == 4


def test_an_update_sends_one_change_because_the_next_needs_an_active_stream(fake: Callable[..., Any]) -> None:
    aws = fake(answers(EncryptionType="NONE"))
    update(stream(shards=4, retention_hours=48, encryption=True), aws)
    assert aws.operations == ["start_stream_encryption"]


def test_the_mode_is_changed_before_the_shards(fake: Callable[..., Any]) -> None:
    aws = fake(answers(StreamModeDetails={"StreamMode": "ON_DEMAND"}, OpenShardCount=4))
    update(stream(shards=2), aws)
    assert aws.calls == [("update_stream_mode", {"StreamARN": ARN, "StreamModeDetails": {"StreamMode": "PROVISIONED"}})]


def test_encryption_with_somebodys_own_key_is_encryption(fake: Callable[..., Any]) -> None:
    wanted = stream(shards=2)
    live = wanted.read(fake(answers(KeyId="arn:aws:kms:eu-west-1:123456789012:key/own")))
    assert live
    assert not wanted.differing(live)


def test_encryption_is_stopped_with_the_key_that_is_in_use(fake: Callable[..., Any]) -> None:
    aws = fake(answers(KeyId="arn:aws:kms:eu-west-1:123456789012:key/own"))
    update(stream(shards=2, encryption=False), aws)
    assert aws.sent("stop_stream_encryption")["KeyId"] == "arn:aws:kms:eu-west-1:123456789012:key/own"


def test_the_shards_of_a_stream_that_aws_scales_are_not_compared(fake: Callable[..., Any]) -> None:
    wanted = stream(mode="on_demand", shards=1)
    live = wanted.read(fake(answers(StreamModeDetails={"StreamMode": "ON_DEMAND"}, OpenShardCount=16)))
    assert live
    assert not wanted.differing(live)


def test_shards_that_are_scaled_elsewhere_are_not_compared_and_begin_a_new_stream(fake: Callable[..., Any]) -> None:
    wanted = stream(shards=2, scaled_elsewhere=True)
    live = wanted.read(fake(answers(OpenShardCount=16)))
    aws = fake({})
    wanted.create(aws)
    assert live
    assert not wanted.differing(live)
    assert aws.sent("create_stream")["ShardCount"] == 2


@pytest.mark.parametrize(
    ("there", "wanted", "operation", "hint"),
    [
        ({"OpenShardCount": 2}, {"shards": 4}, "update_shard_count", "ten times in any 24 hours"),
        ({"OpenShardCount": 2}, {"mode": "on_demand"}, "update_stream_mode", "twice in any 24 hours"),
    ],
)
def test_a_limit_of_a_day_is_said_in_words_and_not_waited_for(
    there: dict[str, Any],
    wanted: dict[str, Any],
    operation: str,
    hint: str,
    fake: Callable[..., Any],
    refused: Callable[[str], Exception],
) -> None:
    aws = fake({**answers(**there), operation: refused("LimitExceededException")})
    with pytest.raises(AwsError, match="not in the mood") as raised:
        update(stream(**({"shards": 2} | wanted)), aws)
    assert hint in (raised.value.hint or "")


def test_a_stream_that_is_busy_is_left_to_the_engine_to_ask_again(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    aws = fake({**answers(OpenShardCount=2), "update_shard_count": refused("ResourceInUseException")})
    with pytest.raises(ClientError):
        update(stream(shards=4), aws)


def test_a_stream_that_aws_scales_is_made_without_a_shard_count(fake: Callable[..., Any]) -> None:
    aws = fake({})
    stream(mode="on_demand", shards=5).create(aws)
    assert "ShardCount" not in aws.sent("create_stream")


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING"])
def test_a_stream_in_change_is_not_ready(status: str, fake: Callable[..., Any]) -> None:
    live = stream().read(fake(answers(StreamStatus=status)))
    assert live
    assert (live.state, live.ready) == (status, False)


def test_consumers_do_not_stop_a_delete(fake: Callable[..., Any]) -> None:
    aws = fake(answers())
    wanted = stream()
    live = wanted.read(aws)
    assert live
    wanted.delete(aws, live)
    assert aws.sent("delete_stream")["EnforceConsumerDeletion"] is True


def test_tags_that_a_create_dropped_are_set_by_the_update(aws: Aws) -> None:
    wanted = stream(shards=1, encryption=False)
    wanted.create(aws)
    aws.client("kinesis").remove_tags_from_stream(StreamName="events", TagKeys=[OWNER_TAG])
    live = wanted.read(aws)
    assert live
    assert live.tags == {}
    wanted.update(aws, live)
    after = wanted.read(aws)
    assert after
    assert after.tags == TAGS
