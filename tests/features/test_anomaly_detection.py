"""What the feature adds to a pipeline, and what its looks see."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from moto import mock_aws
from pydantic import ValidationError

from streamctl.aws import Aws
from streamctl.config import Config
from streamctl.errors import PluginError
from streamctl.features.alarms import Alarms, AlarmSettings
from streamctl.features.anomaly_checks import PERMISSIONS, Watcher, look
from streamctl.features.anomaly_detection import WHAT_ARRIVED, AnomalyDetection, AnomalySettings, SeriesName
from streamctl.functions.anomaly_detector.series import SERIES
from streamctl.functions.anomaly_detector.settings import Settings
from streamctl.pipeline.checks import Situation
from streamctl.pipeline.names import NO_EVENT_PREFIXES, Names
from streamctl.pipeline.recipe import recipe
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.event_source_mapping import EventSourceMapping
from streamctl.resources.iam_role import IamRole
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.checks import Check

NAMES = Names("demo01")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WATCHER = Watcher("anomaly-detector-demo01", "results", "state", "failures", ("clicks", "purchases"))


def applied(folder: Path, config: Config | None = None, **settings: Any) -> Pipeline:
    pipeline = recipe(config or Config(), NAMES, folder)
    Alarms().apply(pipeline, AlarmSettings(period_seconds=60))
    AnomalyDetection().apply(pipeline, AnomalySettings(**settings))
    return pipeline


def test_every_series_can_be_chosen_and_no_other() -> None:
    assert set(get_args(SeriesName)) == set(SERIES)
    assert AnomalySettings().metrics == list(SERIES)


def test_the_function_is_told_what_its_settings_say(tmp_path: Path) -> None:
    pipeline = applied(tmp_path, metrics=["clicks", "page_load_time"], window_seconds=300, threshold=0.6)

    environment = pipeline.get("detector", LambdaFunction).environment
    assert Settings.from_environment(environment) == (
        "demo01",
        ("clicks", "page_load_time"),
        300,
        60,
        0.6,
        250,
        3,
    )
    assert pipeline.graph().order.index("detector_log_group") < pipeline.graph().order.index("detector")


def test_the_table_tells_only_new_items_that_arrived_through_the_stream(tmp_path: Path) -> None:
    pipeline = applied(tmp_path)

    assert pipeline.get("table", DynamodbTable).stream_view == "NEW_IMAGE"
    mapping = pipeline.get("detector_mapping", EventSourceMapping)
    assert mapping.filter_patterns == (WHAT_ARRIVED,)
    assert (mapping.report_batch_item_failures, mapping.on_failure_arn) == (True, "${detector_failures.arn}")


def test_rejected_records_are_marked_only_where_they_are_watched(tmp_path: Path) -> None:
    with_marks = applied(tmp_path, metrics=["rejected_records"])
    without = applied(tmp_path, metrics=["clicks"])

    assert with_marks.get("function", LambdaFunction).environment["MARK_REJECTED"] == "1"
    assert "MARK_REJECTED" not in without.get("function", LambdaFunction).environment


def test_the_role_may_do_exactly_what_the_function_and_its_mapping_do(tmp_path: Path) -> None:
    (policy,) = applied(tmp_path).get("detector_role", IamRole).policies.values()

    statements: Any = policy["Statement"]
    assert {(action, *each["Resource"]) for each in statements for action in each["Action"]} == {
        *((f"dynamodb:{action}", arn("dynamodb", "table/analytics-anomalies-demo01")) for action in READ_AND_WRITE),
        ("dynamodb:PutItem", arn("dynamodb", "table/analytics-results-demo01")),
        ("sns:Publish", arn("sns", "analytics-anomalies-demo01")),
        ("sqs:SendMessage", arn("sqs", "analytics-anomaly-failures-demo01")),
        *((f"logs:{action}", arn("logs", f"log-group:{NAMES.detector_log_group}:*")) for action in LOGS),
        *((f"dynamodb:{action}", arn("dynamodb", "table/analytics-results-demo01/stream/*")) for action in STREAM),
        ("dynamodb:ListStreams", "*"),
    }


READ_AND_WRITE = ("BatchGetItem", "GetItem", "PutItem")
LOGS = ("CreateLogStream", "PutLogEvents")
STREAM = ("DescribeStream", "GetRecords", "GetShardIterator")


def arn(service: str, name: str) -> str:
    return f"arn:${{aws.partition}}:{service}:${{aws.region}}:${{aws.account}}:{name}"


def test_its_alarms_tell_whom_the_others_tell_and_there_are_none_without_the_others(tmp_path: Path) -> None:
    pipeline = applied(tmp_path)
    ours = ("detector_errors_alarm", "detector_failures_alarm", "notices_alarm")
    alone = recipe(Config(), NAMES, tmp_path)
    AnomalyDetection().apply(alone, AnomalySettings())

    errors = pipeline.get("errors_alarm", CloudwatchAlarm)
    for each in ours:
        alarm = pipeline.get(each, CloudwatchAlarm)
        alarm.check()
        assert (alarm.actions, alarm.ok_actions, alarm.period_seconds) == (errors.actions, errors.ok_actions, 60)
    assert [each for each in ours if each in alone.resources] == []


def test_who_is_told_by_mail_is_told_of_both_or_of_one(tmp_path: Path) -> None:
    pipeline = recipe(Config(), NAMES, tmp_path)
    Alarms().apply(pipeline, AlarmSettings(email=["ops@example.com"]))
    AnomalyDetection().apply(pipeline, AnomalySettings(email=["ops@example.com", "ops@example.com"]))

    mails = [each for each in pipeline.resources if "_email_" in each]
    assert sorted(each.partition("_")[0] for each in mails) == ["alarms", "anomalies"]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"allowed_lateness_seconds": 3601}, "at most 60 windows"),
        ({"batching_window_seconds": 0}, "at least 1"),
        ({"metrics": []}, "at least 1"),
        ({"metrics": ["userId"]}, "page_views"),
        ({"window_seconds": 5}, "greater than or equal to 10"),
        ({"threshold": 1.0}, "less than 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        AnomalySettings(**settings)


def test_a_series_of_what_is_redacted_is_refused(tmp_path: Path) -> None:
    config = Config.model_validate({"table": {"redacted_fields": ["amount"]}})

    applied(tmp_path, config, metrics=["purchases"])
    with pytest.raises(PluginError, match=r"purchase_amount: amount is one of the redacted_fields"):
        applied(tmp_path, config, metrics=["purchase_amount"])


def test_what_is_no_event_has_ids_that_verify_knows() -> None:
    from streamctl.functions.anomaly_detector.findings import ID_PREFIX as FINDING
    from streamctl.functions.processor.marks import ID_PREFIX as MARK

    assert set(NO_EVENT_PREFIXES) == {FINDING, MARK}


class Account:
    """What the looks look at, on moto."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.dynamodb = aws.client("dynamodb")
        self.began = datetime.now(UTC)
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        for table, key, extra in (("results", "eventId", {"StreamSpecification": stream}), ("state", "id", {})):
            self.dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                **extra,
            )
        self.queue = aws.client("sqs").create_queue(QueueName="failures")["QueueUrl"]

    def remember(self, name: str, state: dict[str, Any]) -> None:
        item = {"id": {"S": name}, "state": {"S": json.dumps(state)}}
        self.dynamodb.put_item(TableName="state", Item=item)

    def store(self, event_id: str, at: int, arrived: datetime) -> None:
        item = {"timestamp": {"N": str(at)}, "arrivedAtMs": {"N": str(int(arrived.timestamp() * 1000))}}
        self.dynamodb.put_item(TableName="results", Item={"eventId": {"S": event_id}, **item})

    def look(self, later: timedelta = timedelta(minutes=10)) -> dict[str, Check]:
        situation = Situation(self.aws, self.began + later, None)
        return {check.name: check for check in look(WATCHER, situation)}


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account(Aws(region="eu-west-1", credentials=("testing", "testing")))


def test_before_anything_came_nothing_can_be_said(account: Account) -> None:
    seen = account.look()

    assert {name: check.passed for name, check in seen.items()} == {
        "anomaly detector's mapping": False,
        "anomaly detector's failures": True,
        "anomaly detector keeps up": None,
        "anomalies": None,
    }


def test_the_looks_call_what_is_declared_and_nothing_else(account: Account) -> None:
    called: set[str] = set()
    account.aws = Aws(region="eu-west-1", credentials=("testing", "testing"))
    account.aws.watch(lambda service, operation: called.add(f"{service}:{operation}"))

    account.look()

    assert called == {action for actions in PERMISSIONS.values() for action in actions}


def test_what_lambda_gave_up_on_fails(account: Account) -> None:
    account.aws.client("sqs").send_message(QueueUrl=account.queue, MessageBody="{}")

    check = account.look()["anomaly detector's failures"]

    assert (check.passed, "1 batches" in check.detail) == (False, True)


def test_it_keeps_up_with_what_arrived_since_the_stream_began_and_not_just_now(account: Account) -> None:
    later = account.began + timedelta(minutes=1)
    at = int(later.timestamp())
    account.store("before", at + 5000, account.began - timedelta(hours=1))
    account.store("event", at - 100, later)
    account.store("ahead of its arrival", at + 9000, later)
    account.store("just now", at + 9000, account.began + timedelta(minutes=9))

    account.remember("windows", {"watermark": at - 1})
    behind = account.look()["anomaly detector keeps up"]
    account.remember("windows", {"watermark": at})
    level = account.look()["anomaly detector keeps up"]

    assert (behind.passed, level.passed) == (False, True)
    assert "has seen until" in behind.detail
    assert "iterator age" in behind.hint


def test_what_may_still_wait_for_a_full_batch_is_not_asked_for(account: Account, tmp_path: Path) -> None:
    slow = Config.model_validate({"event_source": {"batching_window_seconds": 300}})
    pipeline = applied(tmp_path, slow, batching_window_seconds=300)
    look_of = next(each for each in pipeline.looks if getattr(each, "func", None) is look)
    watcher = replace(look_of.args[0], table="results", state="state")
    account.store("event", 1000, account.began + timedelta(minutes=1))

    def keeps_up(later: timedelta) -> bool | None:
        checks = look(watcher, Situation(account.aws, account.began + later, None))
        return next(check.passed for check in checks if check.name == "anomaly detector keeps up")

    assert keeps_up(timedelta(minutes=12)) is None
    assert keeps_up(timedelta(minutes=14)) is False


def test_a_detector_that_has_seen_nothing_is_behind(account: Account) -> None:
    account.store("event", 1000, account.began + timedelta(minutes=1))

    check = account.look()["anomaly detector keeps up"]

    assert (check.passed, "has seen nothing yet" in check.detail) == (False, True)


def test_open_anomalies_are_told_and_are_no_failure(account: Account) -> None:
    found = {"start": 1_795_000_000, "value": 12.5, "low": 1.0, "high": 3.0}
    account.remember("series:clicks", {"seen": 70, "open": found})
    account.remember("series:purchases", {"seen": 30, "open": None})

    check = account.look()["anomalies"]

    assert (check.passed, check.detail) == (True, "1 open; 100 windows judged.")
    assert check.evidence == ("anomaly:clicks  since 2026-11-18 11:06:40 UTC: 12.5, expected 1 to 3",)
