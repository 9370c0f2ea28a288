"""AWS::DynamoDB::Table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.emulator.stacks.requests import is_true, send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

RECOVERY = "PointInTimeRecoverySpecification"
EXPIRY = "TimeToLiveSpecification"
STREAM = "StreamSpecification"


def _create(place: Place, name: str, properties: Properties) -> str:
    stream = {STREAM: {"StreamEnabled": True, **properties[STREAM]}} if STREAM in properties else {}
    send(place.client("dynamodb"), "create_table", properties, TableName=name, **stream)
    return name


def _change_protection(place: Place, name: str, _old: Properties, new: Properties) -> None:
    protected = new.get("DeletionProtectionEnabled", False)
    send(place.client("dynamodb"), "update_table", TableName=name, DeletionProtectionEnabled=protected)


def _change_billing(place: Place, name: str, _old: Properties, new: Properties) -> None:
    billing = {"BillingMode": "PROVISIONED"} | {key: new[key] for key in BILLING if key in new}
    send(place.client("dynamodb"), "update_table", billing, TableName=name)


def _change_stream(place: Place, name: str, old: Properties, new: Properties) -> None:
    """A stream cannot show something else: it ends, then another one begins."""
    dynamodb = place.client("dynamodb")
    if STREAM in old:
        send(dynamodb, "update_table", TableName=name, StreamSpecification={"StreamEnabled": False})
    if STREAM in new:
        send(dynamodb, "update_table", TableName=name, StreamSpecification={"StreamEnabled": True, **new[STREAM]})


def _change_recovery(place: Place, name: str, _old: Properties, new: Properties) -> None:
    wanted = new.get(RECOVERY, {"PointInTimeRecoveryEnabled": False})
    send(place.client("dynamodb"), "update_continuous_backups", TableName=name, **{RECOVERY: wanted})


def _change_expiry(place: Place, name: str, old: Properties, new: Properties) -> None:
    """One attribute has to be off before another goes on."""
    dynamodb = place.client("dynamodb")
    if _expires(old):
        off = {**old[EXPIRY], "Enabled": False}
        send(dynamodb, "update_time_to_live", TableName=name, **{EXPIRY: off})
    if _expires(new):
        send(dynamodb, "update_time_to_live", TableName=name, **{EXPIRY: new[EXPIRY]})


def _expires(properties: Properties) -> bool:
    return is_true(properties.get(EXPIRY, {}).get("Enabled"))


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("dynamodb").delete_table(TableName=name)


def _arn(place: Place, name: str) -> str:
    return place.arn("dynamodb", f"table/{name}")


def _attributes(place: Place, name: str) -> dict[str, str]:
    table: dict[str, Any] = place.client("dynamodb").describe_table(TableName=name)["Table"]
    has_stream = table.get(STREAM, {}).get("StreamEnabled")
    return {"Arn": table["TableArn"], **({"StreamArn": table["LatestStreamArn"]} if has_stream else {})}


BILLING = ("BillingMode", "ProvisionedThroughput", "OnDemandThroughput")

TABLE = ResourceType(
    name="AWS::DynamoDB::Table",
    named_by="TableName",
    create=_create,
    created_with=frozenset(
        {
            *BILLING,
            "AttributeDefinitions",
            "GlobalSecondaryIndexes",
            "StreamSpecification",
            "TableClass",
            "Tags",
        }
    ),
    fixed=frozenset({"KeySchema", "LocalSecondaryIndexes"}),
    changes={
        BILLING: _change_billing,
        (STREAM,): _change_stream,
        (RECOVERY,): _change_recovery,
        (EXPIRY,): _change_expiry,
        ("Tags",): retagging("dynamodb", "ResourceArn", _arn),
        ("DeletionProtectionEnabled",): _change_protection,  # last: a table that is not finished can be deleted
    },
    delete=_delete,
    attributes=_attributes,
)
