"""What a create leaves to an update is what the kind says, in the value that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.aws.waiting import wait_for
from streamctl.emulator import process
from streamctl.engine.resource import plain
from streamctl.resources import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.process import Emulator
    from streamctl.engine.resource import Live, Resource


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_create_leaves_to_an_update_what_the_kind_says(
    kind: str, case: Callable[[str, Aws], Any], emulator: Emulator
) -> None:
    aws = Aws(region="eu-west-1", endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)
    resource: Resource = case(kind, aws).resource

    resource.create(aws)
    live = wait_for(lambda: ready(resource, aws), what=kind, timeout_seconds=30)

    there = {**live.settings, "tags": live.tags}
    assert {name: plain(there[name]) for name in resource.created} == plain(resource.created)
    assert resource.differing(live).keys() <= resource.created.keys()
    resource.delete(aws, live)


def ready(resource: Resource, aws: Aws) -> Live | None:
    live = resource.read(aws)
    return live if live and live.ready else None
