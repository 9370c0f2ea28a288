"""A Kinesis data stream."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import code, is_sdk_error, or_none, text
from streamctl.engine.block import Block, Code, Nested
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question
from streamctl.engine.resource import Live, Resource
from streamctl.errors import AwsError
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamctl.aws import Aws

AWS_MANAGED_KEY = "alias/aws/kinesis"
_WITH_KEY = frozenset({"kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"})
MOST_TAGS = 50  # that a stream can have, so one page holds them all
LIMITED = "LimitExceededException"
SHARD_LIMITS = (
    "AWS changes the number of shards of a stream ten times in any 24 hours, and no further than the account's quota "
    "of shards allows. Wait until the first change is a day old, or have the quota raised; then run the command again: "
    "it goes on from here."
)
MODE_LIMITS = "AWS changes the mode of a stream twice in any 24 hours. Wait until the first change is a day old."


@dataclass(frozen=True, kw_only=True)
class KinesisStream(Resource):
    """A stream of `shards` shards, or one that AWS scales (`mode="on_demand"`, which ignores `shards`).

    AWS changes one thing at a time, and the shard count by no more than a factor of two: an update sends the first
    change that is left, and the next one is due when the stream is ACTIVE again.
    """

    kind: ClassVar[str] = "kinesis_stream"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "kinesis:${aws.region}:${aws.account}:stream/{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn"}
    timeout_seconds: ClassVar[float] = 600  # resharding and encryption take minutes
    holds_data: ClassVar[bool] = True
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"),
        "create": ("kinesis:CreateStream", "kinesis:AddTagsToStream"),
        "update": (
            "kinesis:AddTagsToStream",
            "kinesis:DecreaseStreamRetentionPeriod",
            "kinesis:IncreaseStreamRetentionPeriod",
            "kinesis:StartStreamEncryption",
            "kinesis:StopStreamEncryption",
            "kinesis:UpdateShardCount",
            "kinesis:UpdateStreamMode",
        ),
        "delete": ("kinesis:DeleteStream",),
    }
    unscoped: ClassVar[frozenset[str]] = frozenset({"kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"})
    created: ClassVar[dict[str, Any]] = {"encryption": False, "retention_hours": 24}
    tagging: ClassVar[frozenset[str]] = frozenset({"kinesis:CreateStream", "kinesis:AddTagsToStream"})

    shards: int = 1
    scaled_elsewhere: bool = False
    """Once the stream is there, its number of shards is another's affair: `shards` is what it begins with."""
    mode: Literal["provisioned", "on_demand"] = "provisioned"
    retention_hours: int = 24
    """24 to 8,760."""
    encryption: bool = True
    """At rest, with the key that AWS manages."""

    def scope(self, action: str) -> tuple[str, ...]:
        """A change of encryption is granted on the key, too, and nobody knows the id of the one that AWS manages."""
        if action in _WITH_KEY:
            return (self.arn, "arn:${aws.partition}:kms:${aws.region}:${aws.account}:key/*")
        return super().scope(action)

    def read(self, aws: Aws) -> Live | None:
        kinesis = aws.client("kinesis")
        answer = or_none(kinesis.describe_stream_summary, StreamName=self.name)
        if answer is None:
            return None
        found = answer["StreamDescriptionSummary"]
        tags = or_none(kinesis.list_tags_for_stream, StreamName=self.name, Limit=MOST_TAGS)
        settings = {
            "mode": found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED").lower(),
            "retention_hours": found["RetentionPeriodHours"],
            "encryption": found.get("EncryptionType", "NONE") != "NONE",
        }
        if self.mode == "provisioned" and not self.scaled_elsewhere:
            settings["shards"] = found["OpenShardCount"]
        return Live(
            attributes={"name": found["StreamName"], "arn": found["StreamARN"]},
            settings=settings,
            tags=from_pairs(tags["Tags"]) if tags else {},
            state=found["StreamStatus"],
            ready=tags is not None and found["StreamStatus"] == "ACTIVE",
        )

    def create(self, aws: Aws) -> None:
        shards = {"ShardCount": self.shards} if self.mode == "provisioned" else {}
        aws.once("kinesis").create_stream(
            StreamName=self.name, StreamModeDetails=self._mode_details(), Tags=dict(self.tags), **shards
        )

    def update(self, aws: Aws, live: Live) -> None:
        kinesis = aws.client("kinesis")
        differences = self.differing(live)
        if "tags" in differences:  # the emulators drop those of the create
            kinesis.add_tags_to_stream(StreamName=self.name, Tags=self.missing_tags(live))
        if "mode" in differences:
            with _limited(f"change the mode of {self.name}", MODE_LIMITS):
                kinesis.update_stream_mode(StreamARN=live.attributes["arn"], StreamModeDetails=self._mode_details())
        elif "encryption" in differences:
            self._switch_encryption(kinesis)
        elif "retention_hours" in differences:
            self._change_retention(kinesis, live)
        elif "shards" in differences:
            change_shard_count(kinesis, self.name, live.settings["shards"], self.shards)

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("kinesis").delete_stream(StreamName=self.name, EnforceConsumerDeletion=True)

    def cloudformation(self) -> Sequence[Declaration]:
        key = {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": AWS_MANAGED_KEY}} if self.encryption else {}
        properties = {
            "Name": self.name,
            "StreamModeDetails": self._mode_details(),
            **({"ShardCount": self.shards} if self.mode == "provisioned" else {}),
            "RetentionPeriodHours": self.retention_hours,
            **key,
            "Tags": to_pairs(self.tags),
        }
        return (Declaration("AWS::Kinesis::Stream", properties, identity={"Name": self.name}),)

    def terraform(self) -> Sequence[Block]:
        elsewhere = {"lifecycle": Nested({"ignore_changes": [Code("shard_count")]})} if self.scaled_elsewhere else {}
        arguments = {
            "name": self.name,
            **({"shard_count": self.shards} if self.mode == "provisioned" else {}),
            "retention_period": self.retention_hours,
            "encryption_type": "KMS" if self.encryption else "NONE",
            **({"kms_key_id": AWS_MANAGED_KEY} if self.encryption else {}),
            "enforce_consumer_deletion": True,
            "tags": self.tags,
            "stream_mode_details": Nested({"stream_mode": self.mode.upper()}),
            **elsewhere,
        }
        return (Block("aws_kinesis_stream", arguments, identity=self.name),)

    def readiness(self) -> Question:
        path = "StreamDescriptionSummary.StreamStatus"
        return Question("kinesis", "describe_stream_summary", {"StreamName": self.name}, path, "ACTIVE")

    def _mode_details(self) -> dict[str, str]:
        return {"StreamMode": self.mode.upper()}

    def _switch_encryption(self, kinesis: Any) -> None:
        if self.encryption:
            kinesis.start_stream_encryption(StreamName=self.name, EncryptionType="KMS", KeyId=AWS_MANAGED_KEY)
            return
        found = kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]
        key = found.get("KeyId", AWS_MANAGED_KEY)  # somebody may have chosen another
        kinesis.stop_stream_encryption(StreamName=self.name, EncryptionType="KMS", KeyId=key)

    def _change_retention(self, kinesis: Any, live: Live) -> None:
        longer = self.retention_hours > live.settings["retention_hours"]
        change = kinesis.increase_stream_retention_period if longer else kinesis.decrease_stream_retention_period
        change(StreamName=self.name, RetentionPeriodHours=self.retention_hours)


def change_shard_count(kinesis: Any, name: str, current: int, wanted: int) -> None:
    """Ask for one step from the current number of shards towards the one that is wanted.

    Raises AwsError where a limit of a day or of the account is reached: waiting a moment would not help.
    """
    target = next_shard_count(current, wanted)
    with _limited(f"scale {name} from {current} to {target} shards", SHARD_LIMITS):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")


@contextmanager
def _limited(doing: str, limits: str) -> Iterator[None]:
    """These limits have the error code of a rate that is too high, and hardly other words."""
    try:
        yield
    except Exception as error:
        if is_sdk_error(error) and code(error) == LIMITED:
            raise AwsError(f"AWS refuses to {doing}: {text(error)} ({LIMITED}).", limits) from error
        raise


def next_shard_count(current: int, wanted: int) -> int:
    """As near to `wanted` as one UpdateShardCount may go: at most double, at least half."""
    return min(wanted, current * 2) if wanted > current else max(wanted, -(-current // 2))
