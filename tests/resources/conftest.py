"""A moto account, and for each kind a sample resource with the changes of its life."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.engine.resource import OWNER_TAG
from streamctl.resources import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamctl.engine.resource import Resource

SNS = "arn:aws:sns:eu-west-1:123456789012:"
TAGS = {OWNER_TAG: "a1b2c3", "team": "data"}


@dataclass(frozen=True)
class Case:
    """What check_resource needs to know about one kind."""

    resource: Resource
    changes: Sequence[Mapping[str, Any]]
    unchanged: Mapping[str, str] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()

    def without(self, gaps: Mapping[str, tuple[Mapping[str, Any], ...]]) -> dict[str, Any]:
        """Arguments of check_resource, but for the changes a server cannot show: reason to changes."""
        left_out = {str(change): reason for reason, changes in gaps.items() for change in changes}
        changes = [change for change in self.changes if str(change) not in left_out]
        unchanged = {
            name: left_out[str(change)] for change in self.changes if str(change) in left_out for name in change
        }
        return {
            "resource": self.resource,
            "changes": changes,
            "unchanged": {**self.unchanged, **unchanged},
            "unseen": self.unseen,
        }


@pytest.fixture
def moto() -> Iterator[Callable[[], Aws]]:
    """Makes an `Aws` without any client yet; all of one test see the same empty account."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield lambda: Aws(region="eu-west-1", credentials=("testing", "testing"))


class FakeAws:
    """Stands for an `Aws` whose services give the answers handed in; `calls` is what was asked of them.

    An answer that is an exception is raised, and an operation without one answers with an empty mapping.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def client(self, _service: str) -> FakeAws:
        return self

    once = client

    def content(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def get_paginator(self, operation: str) -> SimpleNamespace:
        """Has one page, with the operation's answer."""
        call = getattr(self, operation)
        return SimpleNamespace(paginate=lambda **named: SimpleNamespace(build_full_result=lambda: call(**named)))

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.calls.append((operation, parameters))
            answer = self.answers.get(operation, {})
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def sent(self, operation: str) -> dict[str, Any]:
        """The parameters of the one call of this operation."""
        (parameters,) = [parameters for name, parameters in self.calls if name == operation]
        return parameters


@pytest.fixture
def refused() -> Callable[[str], ClientError]:
    """Makes what the SDK raises when AWS answers with an error code."""
    return lambda code: ClientError({"Error": {"Code": code, "Message": "not in the mood"}}, "Operation")


@pytest.fixture
def fake() -> type[FakeAws]:
    return FakeAws


@pytest.fixture
def aws(moto: Callable[[], Aws]) -> Aws:
    return moto()


@pytest.fixture
def package(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Makes a zip file with a handler that returns the text; answers the function's fields for it."""

    def make(returned: str) -> dict[str, str]:
        path = tmp_path / f"{returned}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("app.py", f"def handle(event, context):\n    return {returned!r}\n")
        digest = base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        return {"package": str(path), "code_sha256": digest}

    return make


@pytest.fixture
def sample(package: Callable[[str], dict[str, str]]) -> Callable[..., Resource]:
    """Makes a small resource of a kind, under a name of its own, with `fields` of its own."""
    defaults: dict[str, dict[str, Any]] = {
        "cloudwatch_alarm": {"namespace": "AWS/Lambda", "metric": "Errors", "threshold": 1.0},
        "cloudwatch_dashboard": {"body": board("Errors")},
        "dynamodb_table": {"hash_key": ("eventId", "S"), "range_key": ("timestamp", "N")},
        "event_source_mapping": {},
        "iam_role": {"trusted_service": "lambda.amazonaws.com"},
        "kinesis_stream": {"encryption": False},
        "kms_key": {"policy": {}},
        "lambda_function": {"handler": "app.handle", **package("one")},
        "log_group": {},
        "s3_bucket": {},
        "sns_subscription": {},
        "sns_topic": {},
        "sqs_queue": {},
    }

    def make(kind: str, **fields: Any) -> Resource:
        return KINDS[kind](
            **{"id": kind, "name": f"{kind.replace('_', '-')}-{token_hex(3)}", "tags": TAGS} | defaults[kind] | fields
        )

    return make


DERIVED = {"derived": "says what it would mean to lose it, which AWS does not know"}


@pytest.fixture
def made(sample: Callable[..., Resource]) -> Callable[..., dict[str, str]]:
    """Makes a resource that another needs, in AWS; answers its attributes."""

    def make(aws: Aws, kind: str, **fields: Any) -> dict[str, str]:
        resource = sample(kind, **fields)
        resource.create(aws)
        live = resource.read(aws)
        assert live
        return dict(live.attributes)

    return make


@pytest.fixture
def case(
    sample: Callable[..., Resource], made: Callable[..., dict[str, str]], package: Callable[[str], dict[str, str]]
) -> Callable[[str, Aws], Case]:
    """The life of one kind; what it needs is made in `aws` first."""

    def stream(_aws: Aws) -> Case:
        return Case(
            sample("kinesis_stream", shards=2),
            [
                {"shards": 3},
                {"shards": 2},
                {"retention_hours": 48},
                {"retention_hours": 24},
                {"encryption": True},
                {"encryption": False},
                {"mode": "on_demand"},
                {"mode": "provisioned"},
            ],
            unchanged={"scaled_elsewhere": "says what is compared, and nothing of the stream"},
        )

    def role(_aws: Aws) -> Case:
        read, write = (
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}
            for action in ("s3:GetObject", "s3:PutObject")
        )
        return Case(
            sample("iam_role", policies={"Own": read}),
            [
                {"policies": {"Own": write}},
                {"policies": {"Other": read}},
                {"policies": {"Other": read, "Own": read}},
                {"source_account": "123456789012"},
                {"trusted_service": "events.amazonaws.com"},
                {"source_account": ""},
            ],
            unseen=frozenset({"iam:DetachRolePolicy"}),  # nothing is attached; test_iam_role attaches something
        )

    def queue(_aws: Aws) -> Case:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": "arn:aws:sqs:eu-west-1:123456789012:rejected",
                }
            ],
        }
        return Case(
            sample("sqs_queue"),
            [
                {"message_retention_seconds": 345_600},
                {"visibility_timeout_seconds": 60},
                {"encryption": False},
                {"encryption": True},
                {"policy": policy},
                {"policy": {}},
            ],
            unchanged=DERIVED,
        )

    def function(aws: Aws) -> Case:
        role = made(aws, "iam_role")["arn"]
        other_role = made(aws, "iam_role")["arn"]
        return Case(
            sample("lambda_function", role=role, environment={"TABLE": "results"}),
            [
                package("two"),
                {"role": other_role},
                {"handler": "app.other"},
                {"runtime": "python3.13"},
                {"architecture": "arm64"},
                {"memory_mb": 1024},
                {"invocation_timeout_seconds": 60},
                {"environment": {"TABLE": "other", "MORE": "1"}},
                {"environment": {}},
                {"tracing": "Active"},
                {"tracing": "PassThrough"},
                {"reserved_concurrency": 5},
                {"reserved_concurrency": 0},
                {"reserved_concurrency": None},
                {**package("three"), "memory_mb": 512},
            ],
        )

    def mapping(aws: Aws) -> Case:
        role = made(aws, "iam_role")["arn"]
        function_name = made(aws, "lambda_function", role=role)["name"]
        stream_arn = made(aws, "kinesis_stream")["arn"]
        queue_arn = made(aws, "sqs_queue")["arn"]
        return Case(
            sample("event_source_mapping", event_source_arn=stream_arn, function_name=function_name),
            [
                {"batch_size": 500},
                {"batching_window_seconds": 0, "batch_size": 10},
                {"parallelization_factor": 2},
                {"bisect_on_error": True},
                {"maximum_retry_attempts": 3},
                {"maximum_record_age_seconds": 3600},
                {"report_batch_item_failures": True},
                {"on_failure_arn": queue_arn},
                {"on_failure_arn": ""},
                {"filter_patterns": ({"data": {"eventType": ["purchase"]}},)},
                {"filter_patterns": ()},
                {"enabled": False},
                {"enabled": True},
            ],
            unchanged={"starting_position": "says where a new mapping begins, and one that is there goes on"},
        )

    def bucket(_aws: Aws) -> Case:
        return Case(
            sample("s3_bucket"),
            [
                {"expiry_days": 30},
                {"expiry_days": 0},
                {"private": False},
                {"private": True},
                {"tls_only": False},
                {"tls_only": True},
            ],
            unchanged={"encryption": "S3 encrypts every bucket, and there is no other way without a key of one's own"},
            # There is nothing to delete; test_s3_bucket deletes something.
            unseen=frozenset({"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutEncryptionConfiguration"}),
        )

    def alarm(_aws: Aws) -> Case:
        return Case(
            sample("cloudwatch_alarm", dimensions={"FunctionName": "processor"}),
            [
                {
                    "namespace": "AWS/Kinesis",
                    "metric": "WriteProvisionedThroughputExceeded",
                    "dimensions": {"StreamName": "stream"},
                },
                {"threshold": 2.5},
                {"statistic": "p99"},
                {"statistic": "Maximum"},
                {"period_seconds": 60},
                {"evaluation_periods": 3},
                {"datapoints_to_alarm": 2},
                {"comparison": "GreaterThanThreshold"},
                {"treat_missing_data": "breaching"},
                {"actions": ("arn:aws:sns:eu-west-1:123456789012:alarms",)},
                {"actions": ()},
                {"ok_actions": ("arn:aws:sns:eu-west-1:123456789012:alarms",)},
                {"description": "Records are refused."},
            ],
        )

    def subscription(aws: Aws) -> Case:
        topic_arn = made(aws, "sns_topic")["arn"]
        queue_arn = made(aws, "sqs_queue")["arn"]
        return Case(sample("sns_subscription", topic_arn=topic_arn, protocol="sqs", endpoint=queue_arn), [])

    cases: dict[str, Callable[[Aws], Case]] = {
        "cloudwatch_alarm": alarm,
        "cloudwatch_dashboard": lambda _aws: Case(
            sample("cloudwatch_dashboard"), [{"body": board("Throttles")}, {"body": board("Errors", "Throttles")}]
        ),
        "dynamodb_table": lambda _aws: Case(
            sample("dynamodb_table"),
            [
                {"point_in_time_recovery": True},
                {"deletion_protection": True, "point_in_time_recovery": False},
                {"deletion_protection": False},
                {"stream_view": "NEW_IMAGE"},
                {"stream_view": "NEW_AND_OLD_IMAGES"},
                {"stream_view": None},
                {"stream_view": "KEYS_ONLY", "point_in_time_recovery": True},
                {"ttl_attribute": "expiresAt"},
                {"ttl_attribute": "deleteAt", "point_in_time_recovery": True},
                {"ttl_attribute": None},
            ],
            unchanged=DERIVED,
        ),
        "event_source_mapping": mapping,
        "iam_role": role,
        "kinesis_stream": stream,
        "kms_key": lambda _aws: key(sample),
        "lambda_function": function,
        "log_group": lambda _aws: Case(
            sample("log_group", retention_days=14), [{"retention_days": 30}, {"retention_days": None}]
        ),
        "s3_bucket": bucket,
        "sns_subscription": subscription,
        "sns_topic": lambda _aws: topic(sample),
        "sqs_queue": queue,
    }
    return lambda kind, aws: cases[kind](aws)


def board(*metrics: str) -> dict[str, Any]:
    """The body of a dashboard: one graph of metrics of a function."""
    graph = {
        "title": "The function",
        "region": "eu-west-1",
        "period": 300,
        "metrics": [["AWS/Lambda", metric, "FunctionName", "processor", {"stat": "Sum"}] for metric in metrics],
    }
    return {"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 8, "height": 6, "properties": graph}]}


def topic(sample: Callable[..., Resource]) -> Case:
    def policy(service: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish"}
        return {"Version": "2012-10-17", "Statement": [statement | {"Resource": f"{SNS}alarms"}]}

    return Case(
        sample("sns_topic", policy=policy("cloudwatch.amazonaws.com")),
        [{"policy": policy("events.amazonaws.com")}, {"kms_key_id": "alias/own"}, {"kms_key_id": ""}],
    )


def key(sample: Callable[..., Resource]) -> Case:
    def policy(*services: str) -> dict[str, Any]:
        root = {"AWS": "arn:aws:iam::123456789012:root"}
        allowed = [(root, "kms:*"), *(({"Service": service}, "kms:Decrypt") for service in services)]
        statements = [
            {"Effect": "Allow", "Principal": who, "Action": action, "Resource": "*"} for who, action in allowed
        ]
        return {"Version": "2012-10-17", "Statement": statements}

    return Case(
        sample("kms_key", policy=policy()),
        [{"policy": policy("cloudwatch.amazonaws.com")}, {"rotation": False}, {"rotation": True}],
        unseen=frozenset({"kms:CreateAlias"}),  # an update makes it only where a create was cut off: test_kms_key
    )
