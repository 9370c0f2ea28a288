from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.config import Config
from streamctl.config.model import EventSourceSettings
from streamctl.engine.resource import OWNER_TAG
from streamctl.errors import PluginError
from streamctl.features.alarms import Alarms, AlarmSettings
from streamctl.pipeline.names import POLICY_NAME, Names, draw_name
from streamctl.pipeline.recipe import recipe
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.iam_role import IamRole
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.log_group import LogGroup
from streamctl.resources.s3_bucket import S3Bucket
from streamctl.resources.sqs_queue import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return recipe(Config(), Names("demo01"), tmp_path)


def statements(pipeline: Pipeline) -> list[dict[str, Any]]:
    return list(pipeline.get("role", IamRole).policies[POLICY_NAME]["Statement"])


def test_everything_is_called_as_the_recipe_calls_it(pipeline: Pipeline) -> None:
    names = {resource.id: resource.name for resource in pipeline.resources.values()}

    assert names["stream"] == "analytics-stream-demo01"
    assert names["function"] == "kinesis-processor-demo01"
    assert names["table"] == "analytics-results-demo01"
    assert names["role"] == "kinesis-lambda-role-demo01"
    assert names["log_group"] == "/aws/lambda/kinesis-processor-demo01"


def test_everything_carries_the_owners_tag(pipeline: Pipeline) -> None:
    assert {resource.tags[OWNER_TAG] for resource in pipeline.resources.values()} == {"demo01"}


def test_the_role_may_do_exact_actions_on_exact_things(pipeline: Pipeline) -> None:
    for statement in statements(pipeline):
        assert all("*" not in action for action in statement["Action"])
        assert all(arn != "*" and "demo01" in arn for arn in statement["Resource"])


def test_a_bucket_for_what_failed_takes_the_place_of_the_queue(tmp_path: Path) -> None:
    config = Config(event_source=EventSourceSettings(on_failure="s3", on_failure_days=3))
    made = recipe(config, Names("n" * 32), tmp_path)
    Alarms().apply(made, AlarmSettings())

    bucket = made.get("failures_bucket", S3Bucket)
    assert len(bucket.name.replace("${aws.account}", "123456789012")) <= 63
    assert bucket.expiry_days == 3
    assert {"failures", "failures_alarm"} & made.resources.keys() == set()
    granted = {action: s["Resource"] for s in statements(made) for action in s["Action"]}
    assert granted["s3:PutObject"] == [f"{bucket.arn}/*"]
    assert granted["s3:ListBucket"] == [bucket.arn]


def test_the_role_cannot_bring_the_log_group_back(pipeline: Pipeline) -> None:
    actions = {action for statement in statements(pipeline) for action in statement["Action"]}

    assert "logs:PutLogEvents" in actions
    assert "logs:CreateLogGroup" not in actions


def test_role_and_function_need_not_wait_for_the_stream(pipeline: Pipeline) -> None:
    needs = pipeline.graph().needs

    assert needs["role"] == frozenset()
    assert "stream" not in needs["function"]
    assert {"stream", "function"} <= needs["mapping"]


def test_the_function_comes_after_its_log_group_and_goes_before_it(pipeline: Pipeline) -> None:
    order = pipeline.graph().order

    assert order.index("log_group") < order.index("function")


def test_the_function_is_told_where_to_write(pipeline: Pipeline) -> None:
    function = pipeline.get("function", LambdaFunction)

    assert function.environment == {"DYNAMODB_TABLE": "${table.name}", "REJECTED_QUEUE_URL": "${rejected.url}"}


def test_a_setting_reaches_its_resource(tmp_path: Path) -> None:
    config = Config.model_validate({"stream": {"shards": 7}, "function": {"log_retention_days": 30}})
    pipeline = recipe(config, Names("demo01"), tmp_path)

    assert pipeline.get("stream", KinesisStream).shards == 7
    assert pipeline.get("log_group", LogGroup).retention_days == 30


def test_the_throttling_alarm_watches_a_metric_that_is_published_by_table(pipeline: Pipeline) -> None:
    Alarms().apply(pipeline, AlarmSettings())
    alarm = pipeline.get("throttling_alarm", CloudwatchAlarm)

    assert (alarm.name, alarm.metric) == ("DynamoDBThrottling-demo01", "WriteThrottleEvents")
    assert alarm.dimensions == {"TableName": "analytics-results-demo01"}


def test_the_alarms_follow_their_settings(pipeline: Pipeline) -> None:
    settings = AlarmSettings(period_seconds=60, iterator_age_seconds=5, actions=["arn:aws:sns:eu-central-1:1:t"])
    Alarms().apply(pipeline, settings)
    alarm = pipeline.get("iterator_age_alarm", CloudwatchAlarm)

    assert (alarm.period_seconds, alarm.threshold) == (60, 5000)
    assert alarm.actions == ("${alarms_topic.arn}", "arn:aws:sns:eu-central-1:1:t")
    assert alarm.ok_actions == ("${alarms_topic.arn}",)


def test_a_mail_address_keeps_its_id_when_another_is_taken_out(tmp_path: Path) -> None:
    def ids(*addresses: str) -> set[str]:
        pipeline = recipe(Config(), Names("demo01"), tmp_path)
        Alarms().apply(pipeline, AlarmSettings(email=list(addresses)))
        return {name for name in pipeline.resources if name.startswith("alarms_email")}

    assert ids("b@example.com") < ids("a@example.com", "b@example.com")


def test_a_feature_is_told_what_there_is_when_it_asks_for_something_else(pipeline: Pipeline) -> None:
    with pytest.raises(PluginError, match="no kinesis_stream called 'table'") as refusal:
        pipeline.get("table", KinesisStream)
    assert "failures, function, log_group" in (refusal.value.hint or "")
    with pytest.raises(PluginError, match="already has a resource called 'table'"):
        pipeline.add(LogGroup(id="table", name="x"))


def test_no_policy_lets_everybody_in_and_every_queue_wants_tls(pipeline: Pipeline) -> None:
    """Every policy of whatever kind, found by its shape, so that a new kind or field is covered, too."""
    Alarms().apply(pipeline, AlarmSettings())
    found = list(policies([vars(resource) for resource in pipeline.resources.values()]))

    assert len(found) >= 3
    for statement in (statement for policy in found for statement in policy["Statement"]):
        if statement["Effect"] == "Allow":
            assert not {"*", "NotPrincipal", "NotAction"} & {*statement, *map(str, listed(statement.get("Principal")))}
            assert not any("*" in action for action in listed(statement["Action"]))
    for queue in (resource for resource in pipeline.resources.values() if isinstance(resource, SqsQueue)):
        (denied,) = queue.policy["Statement"]
        assert (denied["Effect"], denied["Resource"]) == ("Deny", queue.arn)
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def policies(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy document somewhere in a value."""
    if isinstance(value, Mapping):
        if "Statement" in value:
            yield dict(value)
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from policies(inner)


def listed(value: Any) -> list[Any]:
    """One or several, as policies have them, of a principal also by its sort."""
    if isinstance(value, Mapping):
        return [each for inner in value.values() for each in listed(inner)]
    return value if isinstance(value, list) else [value]


def test_the_function_may_act_for_this_account_only(pipeline: Pipeline) -> None:
    assert pipeline.get("role", IamRole).source_account == "${aws.account}"


def test_the_tables_safety_is_a_setting(tmp_path: Path) -> None:
    config = Config.model_validate({"table": {"point_in_time_recovery": True, "deletion_protection": True}})
    table = recipe(config, Names("demo01"), tmp_path).get("table", DynamodbTable)

    assert (table.point_in_time_recovery, table.deletion_protection) == (True, True)


def test_a_feature_can_change_what_is_there(pipeline: Pipeline) -> None:
    pipeline.change("stream", shards=9)

    assert pipeline.get("stream", KinesisStream).shards == 9


def test_a_drawn_name_is_six_letters_and_digits() -> None:
    name = draw_name()

    assert len(name) == 6
    assert name.isalnum()
    assert name.lower() == name


def test_the_function_is_told_what_not_to_store(tmp_path: Path) -> None:
    config = Config.model_validate({"table": {"raw_data": "omit", "redacted_fields": ["userId", "location.city"]}})
    told = recipe(config, Names("demo01"), tmp_path).get("function", LambdaFunction)

    assert told.environment["RAW_DATA"] == "omit"
    assert told.environment["REDACTED_FIELDS"] == '["userId", "location.city"]'


def test_a_function_that_may_store_all_is_told_nothing_of_it(pipeline: Pipeline) -> None:
    assert set(pipeline.get("function", LambdaFunction).environment) == {"DYNAMODB_TABLE", "REJECTED_QUEUE_URL"}
