"""AWS::Lambda::EventSourceMapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.emulator.driver.mapping import reads_a_stream
from streamctl.emulator.driver.mapping_settings import DEFAULTS
from streamctl.emulator.stacks.requests import dropped, send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

DROPPED: dict[str, Any] = DEFAULTS | {"Enabled": True, "FilterCriteria": {}, "MetricsConfig": {"Metrics": []}}
OF_QUEUES: dict[str, Any] = {"BatchSize": 10, "ScalingConfig": {}}


def _create(place: Place, _name: str, properties: Properties) -> str:
    return str(send(place.client("lambda"), "create_event_source_mapping", properties)["UUID"])


def _change(place: Place, uuid: str, old: Properties, new: Properties) -> None:
    defaults = DROPPED if reads_a_stream(new["EventSourceArn"]) else DROPPED | OF_QUEUES
    wanted = new | dropped(defaults, old, new)
    send(place.client("lambda"), "update_event_source_mapping", wanted, UUID=uuid)


def _delete(place: Place, uuid: str, _properties: Properties) -> None:
    place.client("lambda").delete_event_source_mapping(UUID=uuid)


def _arn(place: Place, uuid: str) -> str:
    return place.arn("lambda", f"event-source-mapping:{uuid}")


CHANGEABLE = ("FunctionName", "ScalingConfig", *DROPPED)

MAPPING = ResourceType(
    name="AWS::Lambda::EventSourceMapping",
    create=_create,
    created_with=frozenset({*CHANGEABLE, "Tags"}),
    fixed=frozenset({"EventSourceArn", "StartingPosition", "StartingPositionTimestamp"}),
    changes={CHANGEABLE: _change, ("Tags",): retagging("lambda", "Resource", _arn)},
    delete=_delete,
    attributes=lambda place, uuid: {"Id": uuid, "EventSourceMappingArn": _arn(place, uuid)},
)
