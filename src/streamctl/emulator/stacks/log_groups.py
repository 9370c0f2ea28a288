"""AWS::Logs::LogGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.emulator.stacks.requests import as_map, send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

AS_SENT = {"KmsKeyId": "kmsKeyId", "LogGroupClass": "logGroupClass"}


def _create(place: Place, name: str, properties: Properties) -> str:
    sent = {AS_SENT[key]: value for key, value in properties.items() if key in AS_SENT}
    if tags := as_map(properties.get("Tags")):
        sent["tags"] = tags
    send(place.client("logs"), "create_log_group", sent, logGroupName=name)
    return name


def _change_retention(place: Place, name: str, _old: Properties, new: Properties) -> None:
    logs = place.client("logs")
    if days := new.get("RetentionInDays"):
        send(logs, "put_retention_policy", logGroupName=name, retentionInDays=days)
    else:
        logs.delete_retention_policy(logGroupName=name)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("logs").delete_log_group(logGroupName=name)


def _arn(place: Place, name: str) -> str:
    return place.arn("logs", f"log-group:{name}")


LOG_GROUP = ResourceType(
    name="AWS::Logs::LogGroup",
    named_by="LogGroupName",
    create=_create,
    created_with=frozenset({*AS_SENT, "Tags"}),
    changes={("RetentionInDays",): _change_retention, ("Tags",): retagging("logs", "resourceArn", _arn)},
    delete=_delete,
    attributes=lambda place, name: {"Arn": f"{_arn(place, name)}:*"},  # the streams in it, as AWS has it
)
