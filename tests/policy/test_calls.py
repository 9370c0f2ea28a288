"""What is declared is what is called: the commands at work on the emulator, every request heard."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.adoption.stacks import STACK_TAG
from streamctl.aws import Aws
from streamctl.cli import alarms, alarms_test, changes, down, importing, metrics, produce, replay, scale, trace, verify
from streamctl.cli.options import Session
from streamctl.cli.sending import Way, send
from streamctl.cli.terminal import Terminal
from streamctl.config import load
from streamctl.emulator import process
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import StateFile, Target
from streamctl.ledger import load as load_run
from streamctl.observe.alarms import alarms as look
from streamctl.observe.inventory import pipelines
from streamctl.observe.metrics import Span
from streamctl.observe.status import status
from streamctl.plugins import Catalogue
from streamctl.policy.audiences import AUDIENCES
from streamctl.policy.document import document
from streamctl.policy.grants import Place, grants
from streamctl.testing import ACTIONS, PREFIXES
from streamctl.traffic.order import Order
from streamctl.traffic.pacing import Batches
from streamctl.workspace import Home, Workspace

from ..recipe_by_hand import make_by_hand
from .conftest import AT_ONCE, REGION, actions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.emulator.process import Emulator


ASKS_OF_STACKS = {"cloudformation:DescribeStacks", "cloudformation:ListStackResources"}
"""Where a stack made something of what is to be taken over."""


class Office:
    """A pipeline of one's own, with `Aws` handed in: it notes the IAM actions that were needed since the last look."""

    def __init__(self, folder: Path, endpoint_url: str, features: str = "") -> None:
        self.session = Session(Terminal(quiet=True))
        self._heard: set[str] = set()
        self.aws = Aws(region=REGION, endpoint_url=endpoint_url, credentials=process.CREDENTIALS)
        self.aws.watch(self._hear)
        name = f"c{secrets.token_hex(3)}"
        home = Home(folder)
        (folder / "streamctl.toml").write_text(AT_ONCE + features, encoding="utf-8")
        state = StateFile.new(home.state_file(name), name, Target(process.ACCOUNT, REGION, endpoint_url))
        self.workspace = Workspace(load(folder), home, self.aws, state, Catalogue())

    def _hear(self, service: str, operation: str) -> None:
        call = f"{PREFIXES.get(service, service)}:{operation}"
        self._heard |= set(ACTIONS.get(call, (call,)))

    def needed(self) -> set[str]:
        needed, self._heard = self._heard, set()
        return needed

    def declared(self, audience: str) -> set[str]:
        place, looks = Place(process.ACCOUNT, REGION), self.workspace.pipeline.looks.values()
        return set(actions(document(grants(AUDIENCES[audience], self.workspace.graph, place, looks))))

    def build(self) -> None:
        changes.build(self.session, self.workspace, command="up")

    def remove(self) -> None:
        with self.workspace.locked():
            down.remove(self.session, self.workspace)

    def send(self) -> None:
        source = produce.generated(self.workspace, Order(seed=1))
        send(self.session, self.workspace, source, Batches(1, 10, 0), Way())


@pytest.fixture
def office(emulator: Emulator, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, emulator.endpoint_url)
    yield made
    made.remove()


@pytest.fixture
def stamping(emulator: Emulator, tmp_path: Path) -> Iterator[Office]:
    """One whose items expire and are traced."""
    made = Office(tmp_path, emulator.endpoint_url, "[features.retention]\n[features.tracing]\n")
    yield made
    made.remove()


@pytest.fixture
def key_of_another(emulator: Emulator) -> Iterator[None]:
    """Another pipeline of the account has a key: whoever lists pipelines asks whether it waits for its end."""
    kms = Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS).client("kms")
    key = kms.create_key(Tags=[{"TagKey": OWNER_TAG, "TagValue": f"k{secrets.token_hex(3)}"}])["KeyMetadata"]["KeyId"]
    yield
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def of_resources(office: Office) -> set[str]:
    """What the contract of each kind shows to be needed, one by one."""
    permissions = [resource.permissions for resource in office.workspace.graph.resources.values()]
    return {action for phases in permissions for actions in phases.values() for action in actions}


def test_whoever_builds_watches_and_removes_needs_exactly_what_is_declared(
    office: Office, key_of_another: None
) -> None:
    office.build()
    metrics.read(office.workspace, Span.until(datetime.now(UTC), timedelta(hours=1), 300))
    status(office.workspace.everything(), office.aws)
    pipelines(office.aws)
    office.remove()

    needed, declared = office.needed(), office.declared("operator")
    assert needed <= declared
    assert declared - needed <= {*of_resources(office), *ASKS_OF_STACKS}


def test_whoever_takes_a_pipeline_over_needs_no_more_than_whoever_builds_it(office: Office, emulator: Emulator) -> None:
    def somebody(service: str) -> Any:
        return Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS).client(service)

    make_by_hand(somebody, office.workspace.name)
    stream, stack = office.workspace.names.stream, "arn:aws:cloudformation:us-east-1:000000000000:stack/deleted/0a1b"
    somebody("kinesis").add_tags_to_stream(StreamName=stream, Tags={STACK_TAG: stack})

    report = importing.look(office.session, office.workspace)
    with office.workspace.locked():
        importing.adopt(office.session, office.workspace, report, office.workspace.name)

    needed = office.needed()
    assert needed >= {
        "cloudformation:DescribeStacks",
        "dynamodb:TagResource",
        "iam:TagRole",
        "kinesis:AddTagsToStream",
        "lambda:TagResource",
    }
    assert needed <= office.declared("operator")


def test_whoever_sends_needs_exactly_what_is_declared(office: Office) -> None:
    office.build()
    office.needed()

    office.send()

    assert office.needed() == office.declared("produce")


def test_whoever_verifies_needs_exactly_what_is_declared(office: Office) -> None:
    office.build()
    office.send()
    give_up_on_a_record(office)
    office.needed()

    run = load_run(office.workspace.folder, "last")
    account = verify.reconcile(office.session, office.workspace, [run], 0)
    verify.look(office.session, office.workspace, [run], account)

    assert office.needed() == office.declared("verify")


def test_whoever_follows_an_event_and_verifies_with_features_needs_exactly_what_is_declared(stamping: Office) -> None:
    stamping.build()
    stamping.send()
    give_up_on_a_record(stamping)
    run = load_run(stamping.workspace.folder, "last")
    account = verify.reconcile(stamping.session, stamping.workspace, [run], 30)
    stamping.needed()

    stored = trace.look(stamping.workspace, f"{run.run_id}-000000000")
    nowhere = trace.look(stamping.workspace, "nobody")
    following = stamping.needed()
    verify.look(stamping.session, stamping.workspace, [run], account)
    looking = stamping.needed()

    assert (stored.outcome, nowhere.outcome) == ("stored", "unknown")
    assert following | {"kinesis:DescribeStreamSummary"} == stamping.declared("trace")  # only where it was given up
    assert looking >= {"dynamodb:DescribeTimeToLive", "lambda:GetFunctionConfiguration"}
    assert looking <= stamping.declared("verify")


def test_whoever_tests_the_alarms_needs_exactly_what_is_declared(office: Office) -> None:
    office.build()
    office.needed()

    wanted, topic = alarms.wanted(office.workspace), alarms.topic(office.workspace)
    look(office.aws, wanted)
    alarms.told_by(office.workspace)
    assert topic
    with office.workspace.locked():
        driven = alarms_test.drive(office.session, office.workspace, topic, [wanted[0].name])

    assert driven[0].arrived
    needed, declared = office.needed(), office.declared("alarms")
    assert needed <= declared
    assert declared - needed == {
        "cloudwatch:DescribeAlarmHistory",  # only where nothing arrives
        "sqs:SetQueueAttributes",  # the kind's own: this queue never changes
    }


def test_whoever_scales_needs_exactly_what_is_declared(office: Office) -> None:
    office.build()
    office.needed()

    scale.tell(office.session, office.workspace)
    scale.change(office.session, office.workspace, 3)

    assert office.needed() == office.declared("scale")


def test_whoever_replays_needs_exactly_what_is_declared(office: Office) -> None:
    office.build()
    give_up_on_a_record(office)
    office.needed()

    work = replay.prepare(office.workspace)
    work.listed()
    sent = work.send(None, timeout_seconds=30)

    assert sent.messages
    assert office.needed() == office.declared("replay")


def give_up_on_a_record(office: Office) -> None:
    """Say what Lambda says of a batch that it gave up on."""
    names = office.workspace.names
    put = office.aws.client("kinesis").put_record(StreamName=names.stream, Data=b"x", PartitionKey="x")
    now = datetime.now(UTC).isoformat()
    batch = {
        "streamArn": f"arn:aws:kinesis:{REGION}:{process.ACCOUNT}:stream/{names.stream}",
        "shardId": put["ShardId"],
        "startSequenceNumber": put["SequenceNumber"],
        "endSequenceNumber": put["SequenceNumber"],
        "batchSize": 1,
        "approximateArrivalOfFirstRecord": now,
        "approximateArrivalOfLastRecord": now,
    }
    office.aws.client("sqs").send_message(
        QueueUrl=office.workspace.queue_url(names.failures_queue), MessageBody=json.dumps({"KinesisBatchInfo": batch})
    )
