"""CloudFormation: a pipeline's resource types are made, changed and deleted through the services' own APIs.

MiniStack writes into the services itself: that passes our mends by, drops settings, takes over what has the same name,
and checks nothing. It runs in the event loop, which serves those APIs: what calls them is given a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, dynamodb, kinesis, lambda_svc, s3, sns
from ministack.services.cloudformation import changesets, provisioners, stacks

from streamctl.aws.failures import or_none
from streamctl.emulator.mends import dashboards
from streamctl.emulator.mends.replacing import replace
from streamctl.emulator.stacks import TYPES, alarms, buckets, mappings, policies, streams, tables, topics
from streamctl.emulator.stacks.requests import as_map, as_pairs
from streamctl.emulator.stacks.resource_type import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.driver.clients import Clients
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import ResourceType

    Made = tuple[str, dict[str, str]]

IMPORTABLE: dict[ResourceType, tuple[str, Callable[[str], Any]]] = {
    alarms.ALARM: ("AlarmName", lambda name: name in cloudwatch._alarms),
    alarms.DASHBOARD: ("DashboardName", lambda name: name in cloudwatch._dashboards),
    mappings.MAPPING: ("Id", lambda uuid: uuid in lambda_svc._esms),
    policies.BUCKET_POLICY: ("Bucket", lambda bucket: bucket in s3._bucket_policies),
    streams.STREAM: ("Name", lambda name: name in kinesis._streams),
    topics.SUBSCRIPTION: ("Arn", lambda arn: arn in sns._sub_arn_to_topic),
}
"""What MiniStack cannot import by itself: what tells one, and whether it is there. All attributes are in its id."""


def apply(clients: Clients) -> None:
    ours, threaded = {each.name for each in TYPES}, stacks._runs_on_worker_thread
    replace(stacks, "_runs_on_worker_thread", lambda name: name in ours or threaded(name))
    for each in TYPES:
        provisioners._RESOURCE_HANDLERS[each.name].update(_handlers(each, clients))
        provisioners._REPLACING_PROPERTIES[each.name] = tuple(sorted(each.replacing))
        if "Tags" in each.known:
            provisioners._STACK_TAG_PROPERTY[each.name] = ("Tags", "list")
        if each.named_by:
            provisioners._CUSTOM_NAME_REPLACEMENT.setdefault(each.name, {"name": each.named_by})
    for each, (key, is_there) in IMPORTABLE.items():
        changesets._IMPORT_LOOKUPS[each.name] = ((key,), _missing(each.name, is_there))
        provisioners._RESOURCE_HANDLERS[each.name]["import"] = _importer(each, key, clients)


def _handlers(of: ResourceType, clients: Clients) -> dict[str, Any]:
    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        lower = of is buckets.BUCKET
        given = properties.get(of.named_by)
        name = given or provisioners._physical_name(stack, logical_id, lowercase=lower, max_len=of.longest_name)
        made, attributes = of.make(_here(clients), name, _as_sent(of, properties))
        _mark(of, made, properties)
        return made, attributes

    def update(identifier: str, old: Properties, new: Properties, _stack: str) -> Made:
        attributes = of.change(_here(clients), identifier, _as_sent(of, old), _as_sent(of, new))
        _mark(of, identifier, new)
        return identifier, attributes

    def delete(identifier: str, properties: Properties) -> None:
        """What somebody else deleted is deleted."""
        or_none(lambda: of.delete(_here(clients), identifier, properties))

    return {"create": create, "update": update, "update_with_logical_id": False, "delete": delete}


def _as_sent(of: ResourceType, properties: Properties) -> Properties:
    if of not in RESERVING or "Tags" not in properties:
        return properties
    tags = {key: value for key, value in as_map(properties["Tags"]).items() if not key.startswith(RESERVED)}
    rest = {key: value for key, value in properties.items() if key != "Tags"}
    return rest | ({"Tags": as_pairs(tags)} if tags else {})


def _mark(of: ResourceType, identifier: str, properties: Properties) -> None:
    if of in RESERVING:
        RESERVING[of](identifier, {k: v for k, v in as_map(properties.get("Tags")).items() if k.startswith(RESERVED)})


def _mark_table(name: str, tags: dict[str, str]) -> None:
    held = dynamodb._tags.setdefault(dynamodb._tables[name]["TableArn"], [])
    held[:] = [each for each in held if each["Key"] not in tags] + as_pairs(tags)


def _mark_bucket(name: str, tags: dict[str, str]) -> None:
    s3._bucket_tags[name] = (s3._bucket_tags.get(name) or {}) | tags


def _mark_in_cloudwatch(arn: str, tags: dict[str, str]) -> None:
    cloudwatch._resource_tags[arn] = (cloudwatch._resource_tags.get(arn) or {}) | tags


RESERVED = "aws:"
RESERVING: dict[ResourceType, Callable[[str, dict[str, str]], None]] = {
    alarms.ALARM: lambda name, tags: _mark_in_cloudwatch(cloudwatch._alarms[name]["AlarmArn"], tags),
    alarms.DASHBOARD: lambda name, tags: _mark_in_cloudwatch(dashboards.arn_of(name), tags),
    buckets.BUCKET: _mark_bucket,
    tables.TABLE: _mark_table,
}
"""The types whose service takes tags of AWS's own from AWS alone: CloudFormation marks with them what a stack has."""


def _here(clients: Clients) -> Place:
    return Place(get_account_id(), get_region(), clients)


def _missing(name: str, is_there: Callable[[str], Any]) -> Callable[[str], str | None]:
    words = changesets._IMPORT_NOT_FOUND
    return lambda value: None if is_there(value) else words.format(type=name, value=value)


def _importer(of: ResourceType, key: str, clients: Clients) -> Callable[[dict[str, str]], Made]:
    return lambda identifier: (identifier[key], of.attributes(_here(clients), identifier[key]))
