"""AWS::Kinesis::Stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.emulator.stacks.requests import send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

SHORTEST_HOURS = 24
PROVISIONED = {"StreamMode": "PROVISIONED"}


def _create(place: Place, name: str, properties: Properties) -> str:
    shards = {} if _is_on_demand(properties) else {"ShardCount": properties.get("ShardCount", 1)}
    send(place.client("kinesis"), "create_stream", properties, StreamName=name, **shards)
    return name


def _change_mode(place: Place, name: str, _old: Properties, new: Properties) -> None:
    details = new.get("StreamModeDetails", PROVISIONED)
    send(place.client("kinesis"), "update_stream_mode", StreamARN=_arn(place, name), StreamModeDetails=details)


def _change_shards(place: Place, name: str, _old: Properties, new: Properties) -> None:
    if not _is_on_demand(new):
        count = new.get("ShardCount", 1)
        kinesis = place.client("kinesis")
        send(kinesis, "update_shard_count", StreamName=name, TargetShardCount=count, ScalingType="UNIFORM_SCALING")


def _change_retention(place: Place, name: str, old: Properties, new: Properties) -> None:
    before, now = (int(each.get("RetentionPeriodHours", SHORTEST_HOURS)) for each in (old, new))
    if now != before:
        call = f"{'increase' if now > before else 'decrease'}_stream_retention_period"
        send(place.client("kinesis"), call, StreamName=name, RetentionPeriodHours=now)


def _change_encryption(place: Place, name: str, old: Properties, new: Properties) -> None:
    call = "start_stream_encryption" if "StreamEncryption" in new else "stop_stream_encryption"
    wanted = new.get("StreamEncryption") or old["StreamEncryption"]
    send(place.client("kinesis"), call, wanted, StreamName=name)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("kinesis").delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def _is_on_demand(properties: Properties) -> bool:
    return bool(properties.get("StreamModeDetails", PROVISIONED)["StreamMode"] == "ON_DEMAND")


def _arn(place: Place, name: str) -> str:
    return place.arn("kinesis", f"stream/{name}")


STREAM = ResourceType(
    name="AWS::Kinesis::Stream",
    named_by="Name",
    longest_name=128,
    create=_create,
    created_with=frozenset({"ShardCount", "StreamModeDetails", "Tags"}),
    changes={
        ("StreamModeDetails",): _change_mode,
        ("ShardCount",): _change_shards,
        ("RetentionPeriodHours",): _change_retention,
        ("StreamEncryption",): _change_encryption,
        ("Tags",): retagging("kinesis", "StreamName", calls=("add_tags_to_stream", "remove_tags_from_stream")),
    },
    delete=_delete,
    attributes=lambda place, name: {"Arn": _arn(place, name)},
)
