"""What CloudFormation does with the resource types of a pipeline: calls of the services' own APIs, as on AWS.

resource_type.py  what a type is told by, and how a resource of it is made, changed and deleted
requests.py       a template's properties as the input of an operation
the others        a type each, or those of one service
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.emulator.stacks import (
    alarms,
    buckets,
    functions,
    keys,
    log_groups,
    mappings,
    policies,
    queues,
    roles,
    streams,
    tables,
    topics,
)

if TYPE_CHECKING:
    from streamctl.emulator.stacks.resource_type import ResourceType

TYPES: tuple[ResourceType, ...] = (
    alarms.ALARM,
    alarms.DASHBOARD,
    buckets.BUCKET,
    functions.FUNCTION,
    keys.ALIAS,
    keys.KEY,
    log_groups.LOG_GROUP,
    mappings.MAPPING,
    policies.BUCKET_POLICY,
    policies.QUEUE_POLICY,
    policies.TOPIC_POLICY,
    queues.QUEUE,
    roles.ROLE,
    streams.STREAM,
    tables.TABLE,
    topics.SUBSCRIPTION,
    topics.TOPIC,
)
