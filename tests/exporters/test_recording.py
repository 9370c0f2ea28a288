from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from streamctl.errors import PluginError
from streamctl.exporters.recording import File, creation, deletion
from streamctl.resources import DynamodbTable, IamRole, KinesisStream, KmsKey, LambdaFunction, LogGroup

if TYPE_CHECKING:
    from streamctl.aws import Aws
    from streamctl.engine.resource import Live

STREAM = KinesisStream(id="stream", name="events-${pipeline.name}", shards=2, retention_hours=48)
KEY = KmsKey(id="key", name="alarms-${pipeline.name}", policy={})


def made(resource: Any) -> list[list[str]]:
    return [[call.operation for call in step] for step in creation(resource)]


def test_a_create_is_followed_by_the_updates_that_it_leaves_each_by_itself() -> None:
    created, encrypted, retained = (call for step in creation(STREAM) for call in step)

    assert (created.service, created.operation) == ("kinesis", "create_stream")
    assert created.parameters == {
        "StreamName": "events-${pipeline.name}",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "Tags": {},
        "ShardCount": 2,
    }
    assert encrypted.operation == "start_stream_encryption"
    assert retained.operation == "increase_stream_retention_period"
    assert retained.parameters == {"StreamName": "events-${pipeline.name}", "RetentionPeriodHours": 48}


def test_nothing_is_sent_for_what_is_as_wanted_right_after_a_create() -> None:
    assert made(KinesisStream(id="s", name="s", encryption=False)) == [["create_stream"]]
    assert made(LogGroup(id="l", name="l")) == [["create_log_group"]]
    assert made(LogGroup(id="l", name="l", retention_days=14)) == [["create_log_group"], ["put_retention_policy"]]
    table = DynamodbTable(id="t", name="t", hash_key=("id", "S"), point_in_time_recovery=True, ttl_attribute="end")
    assert made(table) == [["create_table"], ["update_continuous_backups"], ["update_time_to_live"]]


def test_what_one_call_answers_is_a_hole_in_the_next() -> None:
    (key, alias), (rotation,) = creation(KEY)

    assert key.taken == {"key_id": "KeyMetadata.KeyId"}
    assert alias.parameters == {"AliasName": "alias/alarms-${pipeline.name}", "TargetKeyId": "${answer_.key_id}"}
    assert rotation.parameters == {"KeyId": "${key.arn}"}


class TwoKeys(KmsKey):
    """Makes two things by calls of one name, and uses two parts of each answer."""

    def create(self, aws: Aws) -> None:
        for _ in range(2):
            key = aws.client("kms").create_key()["KeyMetadata"]
            aws.client("kms").create_alias(AliasName=f"alias/{key['KeyId']}", TargetKeyId=str(key["Arn"]))


def test_answers_of_several_calls_are_told_apart() -> None:
    first, one, second, other = next(creation(TwoKeys(id="keys", name="keys", policy={})))

    assert first.taken == {"key_id": "KeyMetadata.KeyId", "arn": "KeyMetadata.Arn"}
    assert second.taken == {"key_id_2": "KeyMetadata.KeyId", "arn_2": "KeyMetadata.Arn"}
    assert one.parameters == {"AliasName": "alias/${answer_.key_id}", "TargetKeyId": "${answer_.arn}"}
    assert other.parameters == {"AliasName": "alias/${answer_.key_id_2}", "TargetKeyId": "${answer_.arn_2}"}


def test_code_is_told_by_its_file() -> None:
    function = LambdaFunction(id="f", name="f", role="r", handler="h", package="code/f.zip", code_sha256="")

    ((created,),) = creation(function)

    assert created.parameters["Code"] == {"ZipFile": File("code/f.zip")}


def test_a_deletion_is_of_what_a_deployment_left() -> None:
    role = IamRole(id="role", name="role", trusted_service="lambda.amazonaws.com", policies={"Own": {}})

    assert [call.operation for call in deletion(role)] == ["delete_role_policy", "delete_role"]
    assert [call.parameters for call in deletion(KEY)][1:] == [{"KeyId": "${key.key_id}", "PendingWindowInDays": 7}]


@dataclass(frozen=True, kw_only=True)
class Gadget(LogGroup):
    """A kind of a plugin that looks before it acts."""

    kind: ClassVar[str] = "acme_gadget"

    def create(self, aws: Aws) -> None:
        aws.client("ssm").get_parameter(Name="limit")

    def delete(self, aws: Aws, live: Live) -> None:
        answer = aws.client("logs").delete_log_group(logGroupName=self.name)
        if answer["Status"]:
            aws.client("logs").delete_log_group(logGroupName=self.name)


def test_a_kind_that_looks_before_it_acts_is_refused_by_name() -> None:
    with pytest.raises(PluginError, match="gadget: the resource kind acme_gadget looks at what ssm:get_parameter"):
        list(creation(Gadget(id="gadget", name="g")))
    with pytest.raises(PluginError, match="kind acme_gadget decides by what logs:delete_log_group answers"):
        deletion(Gadget(id="gadget", name="g"))
