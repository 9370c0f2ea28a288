"""One setting of each kind, and how it is changed by plain calls and changed back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = "nothing"


class Change(NamedTuple):
    path: str
    was: Any
    becomes: Any
    put: Callable[[Any], object]
    """Makes the setting the one or the other."""

    @property
    def line(self) -> str:
        """What `differences` must say when the right side was changed."""
        return f"{self.path}: {_shown(self.was)} ≠ {_shown(self.becomes)}"


def _shown(value: Any) -> str:
    return NOTHING if value is NOTHING else json.dumps(value)


def changes(client: Callable[[str], Any], name: str) -> list[Change]:
    """Of the pipeline of this name, with all features on."""
    return [*_of_what_stores(client, name), *_of_what_runs(client, name), *_of_what_tells(client, name)]


def _of_what_stores(client: Callable[[str], Any], name: str) -> list[Change]:
    kinesis, s3, sqs = client("kinesis"), client("s3"), client("sqs")
    bucket = next(each["Name"] for each in s3.list_buckets()["Buckets"] if f"-{name}-" in each["Name"])
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    queue = sqs.get_queue_url(QueueName=f"analytics-rejected-{name}")["QueueUrl"]

    def retain(hours: int) -> None:
        move = kinesis.increase_stream_retention_period if hours > 24 else kinesis.decrease_stream_retention_period
        move(StreamName=f"analytics-stream-{name}", RetentionPeriodHours=hours)

    return [
        Change(
            "kinesis_stream.analytics-stream-NAME.describe_stream_summary.StreamDescriptionSummary.RetentionPeriodHours",
            24,
            48,
            retain,
        ),
        Change(
            "dynamodb_table.analytics-results-NAME.describe_table.Table.DeletionProtectionEnabled",
            False,
            True,
            lambda on: client("dynamodb").update_table(
                TableName=f"analytics-results-{name}", DeletionProtectionEnabled=on
            ),
        ),
        Change(
            "sqs_queue.analytics-rejected-NAME.get_queue_attributes.Attributes.VisibilityTimeout",
            "30",
            "31",
            lambda seconds: sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": seconds}),
        ),
        Change(
            "s3_bucket.analytics-failed-NAME-ACCOUNT.get_bucket_lifecycle_configuration.Rules[0].Expiration.Days",
            14,
            15,
            lambda days: s3.put_bucket_lifecycle_configuration(
                Bucket=bucket, LifecycleConfiguration={"Rules": [{**rules[0], "Expiration": {"Days": days}}]}
            ),
        ),
    ]


def _of_what_runs(client: Callable[[str], Any], name: str) -> list[Change]:
    iam, functions = client("iam"), client("lambda")
    role, function = f"kinesis-lambda-role-{name}", f"kinesis-processor-{name}"
    granted = {"RoleName": role, "PolicyName": "KinesisLambdaProcessorPolicy"}
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    (mapping,) = functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]

    def allow(action: str) -> None:
        document = iam.get_role_policy(**granted)["PolicyDocument"]
        document["Statement"][0]["Action"][1:] = [] if action is NOTHING else [action]
        iam.put_role_policy(**granted, PolicyDocument=json.dumps(document))

    def debug(value: str) -> None:
        extra = {} if value is NOTHING else {"DEBUG": value}
        functions.update_function_configuration(FunctionName=function, Environment={"Variables": variables | extra})

    return [
        Change(
            "iam_role.kinesis-lambda-role-NAME.get_role.Role.MaxSessionDuration",
            3600,
            7200,
            lambda seconds: iam.update_role(RoleName=role, MaxSessionDuration=seconds),
        ),
        Change(
            "iam_role.kinesis-lambda-role-NAME.inline_policies.KinesisLambdaProcessorPolicy.PolicyDocument"
            ".Statement[0].Action[1]",
            NOTHING,
            "dynamodb:DeleteItem",
            allow,
        ),
        Change(
            "lambda_function.kinesis-processor-NAME.get_function.Configuration.Environment.Variables.DEBUG",
            NOTHING,
            "1",
            debug,
        ),
        Change(
            "log_group./aws/lambda/kinesis-processor-NAME.described.retentionInDays",
            14,
            30,
            lambda days: client("logs").put_retention_policy(
                logGroupName=f"/aws/lambda/{function}", retentionInDays=days
            ),
        ),
        Change(
            "event_source_mapping.stream/analytics-stream-NAME to kinesis-processor-NAME.get_event_source_mapping"
            ".BatchSize",
            100,
            101,
            lambda size: functions.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=size),
        ),
    ]


def _of_what_tells(client: Callable[[str], Any], name: str) -> list[Change]:
    cloudwatch, kms, sns = client("cloudwatch"), client("kms"), client("sns")
    alarm = cloudwatch.describe_alarms(AlarmNames=[f"KinesisLambdaThrottles-{name}"])["MetricAlarms"][0]
    taken = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    definition = {key: value for key, value in alarm.items() if key in taken and key != "Threshold"}
    topic = next(each["TopicArn"] for each in sns.list_topics()["Topics"] if f"alarms-{name}" in each["TopicArn"])
    subscription = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    key = kms.describe_key(KeyId=f"alias/analytics-alarms-{name}")["KeyMetadata"]["KeyId"]
    region = cloudwatch.meta.region_name
    dashboard = {"DashboardName": f"analytics-dashboard-{name}-{region}"}
    body = json.loads(cloudwatch.get_dashboard(**dashboard)["DashboardBody"])

    def tag(value: str) -> None:
        if value is NOTHING:
            sns.untag_resource(ResourceArn=topic, TagKeys=["team"])
        else:
            sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "team", "Value": value}])

    return [
        Change(
            "cloudwatch_alarm.KinesisLambdaThrottles-NAME.described.Threshold",
            1.0,
            2.0,
            lambda threshold: cloudwatch.put_metric_alarm(**definition, Threshold=threshold),
        ),
        Change(
            f"cloudwatch_dashboard.analytics-dashboard-NAME-{region}.get_dashboard.DashboardBody.start",
            "-PT3H",
            "-PT6H",
            lambda start: cloudwatch.put_dashboard(**dashboard, DashboardBody=json.dumps({**body, "start": start})),
        ),
        Change(
            "kms_key.alias/analytics-alarms-NAME.get_key_rotation_status.KeyRotationEnabled",
            True,
            False,
            lambda on: (kms.enable_key_rotation if on else kms.disable_key_rotation)(KeyId=key),
        ),
        Change(
            "sns_subscription.analytics-alarms-NAME to email ops@example.com.get_subscription_attributes.Attributes"
            ".RawMessageDelivery",
            "false",
            "true",
            lambda raw: sns.set_subscription_attributes(
                SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue=raw
            ),
        ),
        Change(
            "sns_topic.analytics-alarms-NAME.get_topic_attributes.Attributes.DisplayName",
            "",
            "Alarms",
            lambda title: sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue=title),
        ),
        Change("sns_topic.analytics-alarms-NAME.list_tags_for_resource.Tags.team", NOTHING, "data", tag),
    ]
