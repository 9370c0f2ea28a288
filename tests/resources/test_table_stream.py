"""A table with a stream and the mapping of it, through the engine, on the emulator: moto has one stream a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Action, make_plan
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import StateFile, Target
from streamctl.observe.inventory import inventory
from streamctl.observe.status import status
from streamctl.testing import check_resource

from ..engine.cloud import Listener

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.emulator.process import Emulator
    from streamctl.engine.plan import Plan
    from streamctl.engine.resource import Resource


@pytest.fixture
def emulated(emulator: Emulator) -> Callable[[], Aws]:
    return lambda: Aws(region="eu-west-1", endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)


def test_a_mapping_of_a_table_keeps_the_contract(
    case: Callable[..., Any], made: Callable[..., dict[str, str]], emulated: Callable[[], Aws]
) -> None:
    aws = emulated()
    life, table = case("event_source_mapping", aws), made(aws, "dynamodb_table", stream_view="KEYS_ONLY")
    resource = replace(life.resource, event_source_arn=table["arn"], table_stream_arn=table["stream_arn"])
    check_resource(emulated(), **replace(life, resource=resource).without({}))


class Site:
    """What `plan`, `up` and `down` do with a table, its reader and the mapping between them."""

    def __init__(self, aws: Aws, folder: Path, made: Callable[..., Resource]) -> None:
        self.aws = aws
        self.state = StateFile.new(folder / "state.json", "a1b2c3", Target(aws.account, aws.region))
        self.table: Any = made("dynamodb_table", stream_view="NEW_IMAGE")
        self.role = made("iam_role")
        self.function = made("lambda_function", role=self.role.ref("arn"))
        self.mapping = made(
            "event_source_mapping",
            event_source_arn=self.table.ref("arn"),
            table_stream_arn=self.table.ref("stream_arn"),
            function_name=self.function.ref("name"),
        )

    def resources(self, *, reading: bool = True) -> list[Resource]:
        return [self.table, self.role, self.function, *([self.mapping] if reading else [])]

    def plan(self, *, reading: bool = True) -> Plan:
        return make_plan(Graph(self.resources(reading=reading)), self.aws, self.state, self.leftovers(reading=reading))

    def leftovers(self, *, reading: bool) -> list[Resource]:
        known = self.state.state.resources.get("event_source_mapping")
        return [] if reading or known is None else [type(self.mapping)(**known.fields)]

    def up(self, *, reading: bool = True) -> None:
        plan = self.plan(reading=reading)
        outcome = Applier(self.aws, self.state, Listener()).apply(plan, plan.graph.resources)
        assert outcome.failed == {}

    def down(self) -> None:
        assert Applier(self.aws, self.state, Listener()).destroy(Graph(self.resources())).failed == {}

    def mappings(self) -> list[str]:
        found = self.aws.client("lambda").list_event_source_mappings(FunctionName=self.function.name)
        return [each["EventSourceArn"] for each in found["EventSourceMappings"]]

    def stream_arn(self) -> str:
        return str(self.aws.client("dynamodb").describe_table(TableName=self.table.name)["Table"]["LatestStreamArn"])


@pytest.fixture
def site(emulated: Callable[[], Aws], tmp_path: Path, sample: Callable[..., Resource]) -> Site:
    return Site(emulated(), tmp_path, sample)


def actions(plan: Plan) -> dict[str, Action]:
    return {step.resource.id: step.action for step in plan.changes}


def test_before_anything_is_there_all_of_it_is_planned_and_made_at_once(site: Site) -> None:
    assert set(actions(site.plan()).values()) == {Action.CREATE}

    site.up()

    assert site.mappings() == [site.stream_arn()]
    assert site.plan().changes == ()
    assert {row.id: row.drift for row in status(Graph(site.resources()), site.aws)} == dict.fromkeys(
        ("dynamodb_table", "iam_role", "lambda_function", "event_source_mapping"), ()
    )


def test_another_view_replaces_the_mapping_as_planned_and_at_once(site: Site) -> None:
    site.up()
    earlier = site.stream_arn()
    site.table = replace(site.table, stream_view="KEYS_ONLY")

    plan = site.plan()
    assert actions(plan) == {"dynamodb_table": Action.UPDATE, "event_source_mapping": Action.REPLACE}
    assert plan.steps["event_source_mapping"].differences["table_stream_arn"] == (
        earlier,
        "${dynamodb_table.stream_arn}",
    )

    site.up()

    assert site.stream_arn() != earlier
    assert site.mappings() == [site.stream_arn()]
    assert site.plan().changes == ()


def test_a_stream_that_somebody_turned_off_and_on_replaces_the_mapping(site: Site) -> None:
    site.up()
    for specification in ({"StreamEnabled": False}, {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}):
        site.aws.client("dynamodb").update_table(TableName=site.table.name, StreamSpecification=specification)
    assert actions(site.plan()) == {"event_source_mapping": Action.REPLACE}

    site.up()

    assert site.mappings() == [site.stream_arn()]


def test_a_stream_that_somebody_turned_off_comes_back_with_its_mapping(site: Site) -> None:
    site.up()
    site.aws.client("dynamodb").update_table(TableName=site.table.name, StreamSpecification={"StreamEnabled": False})
    assert actions(site.plan()) == {"dynamodb_table": Action.UPDATE, "event_source_mapping": Action.REPLACE}

    site.up()

    assert site.mappings() == [site.stream_arn()]
    assert site.plan().changes == ()


def test_without_a_reader_the_stream_and_the_mapping_go(site: Site) -> None:
    site.up()
    site.table = replace(site.table, stream_view=None)
    assert actions(site.plan(reading=False)) == {
        "dynamodb_table": Action.UPDATE,
        "event_source_mapping": Action.DELETE,
    }

    site.up(reading=False)

    assert site.mappings() == []
    assert site.plan(reading=False).changes == ()


def test_a_mapping_is_taken_down_and_counted_though_its_table_is_gone(site: Site) -> None:
    site.mapping = replace(
        site.mapping, tags={OWNER_TAG: site.table.name}
    )  # a pipeline of its own: the emulator is shared
    site.up()
    site.aws.client("dynamodb").delete_table(TableName=site.table.name)
    assert [found.kind for found in inventory(site.aws, site.table.name)] == ["event_source_mapping"]

    site.down()

    assert site.mappings() == []
    assert inventory(site.aws, site.table.name) == []
