from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.engine.resource import OWNER_TAG
from streamctl.errors import AwsError
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROLE = "arn:aws:iam::123456789012:role/processor"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:processor"


@pytest.fixture
def function(tmp_path: Path) -> Callable[..., LambdaFunction]:
    package = tmp_path / "processor.zip"
    package.write_bytes(b"the zip")

    def make(**fields: Any) -> LambdaFunction:
        fields = {"code_sha256": "one", **fields}
        tags = {OWNER_TAG: "a1b2c3"}
        return LambdaFunction(
            id="processor", name="processor", role=ROLE, handler="a.b", package=str(package), tags=tags, **fields
        )

    return make


def answers(configuration: dict[str, Any] | None = None, **answer: Any) -> dict[str, Any]:
    found = {
        "FunctionName": "processor",
        "FunctionArn": ARN,
        "Role": ROLE,
        "Handler": "a.b",
        "CodeSha256": "one",
        "Runtime": "python3.11",
        "Architectures": ["x86_64"],
        "MemorySize": 512,
        "Timeout": 300,
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    tags = {OWNER_TAG: "a1b2c3"}
    return {"get_function": {"Configuration": found | (configuration or {}), "Tags": tags} | answer}


def update(wanted: LambdaFunction, aws: Any) -> None:
    live = wanted.read(aws)
    assert live
    aws.calls.clear()
    wanted.update(aws, live)


def test_the_zip_is_sent_with_the_create(function: Callable[..., LambdaFunction], fake: Callable[..., Any]) -> None:
    aws = fake({})
    function().create(aws)
    assert aws.sent("create_function")["Code"] == {"ZipFile": b"the zip"}


def test_code_goes_before_configuration_and_alone(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    aws = fake(answers())
    update(function(code_sha256="two", memory_mb=1024), aws)
    assert aws.operations == ["update_function_code"]


def test_configuration_follows_when_the_code_is_there(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    aws = fake(answers({"CodeSha256": "two"}))
    update(function(code_sha256="two", memory_mb=1024), aws)
    assert aws.sent("update_function_configuration")["MemorySize"] == 1024
    assert "update_function_code" not in aws.operations


def test_another_architecture_takes_the_code_with_it(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    aws = fake(answers())
    update(function(architecture="arm64"), aws)
    assert aws.calls == [
        ("update_function_code", {"FunctionName": "processor", "ZipFile": b"the zip", "Architectures": ["arm64"]})
    ]


@pytest.mark.parametrize(
    ("configuration", "ready"),
    [
        ({"State": "Active", "LastUpdateStatus": "Successful"}, True),
        ({"State": "Inactive", "LastUpdateStatus": "Successful"}, True),
        ({"State": "Pending", "LastUpdateStatus": "InProgress"}, False),
        ({"State": "Active", "LastUpdateStatus": "InProgress"}, False),
        ({"State": "Deleting", "LastUpdateStatus": "Successful"}, False),
    ],
)
def test_a_function_is_ready_when_nothing_is_in_progress(
    configuration: dict[str, str], ready: bool, function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    live = function().read(fake(answers(configuration)))
    assert live
    assert live.ready is ready
    assert live.failure == ""


@pytest.mark.parametrize(
    "configuration",
    [
        {"State": "Failed", "StateReason": "The key is disabled."},
        {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "The key is disabled."},
    ],
)
def test_a_failed_function_is_at_rest_and_says_why(
    configuration: dict[str, str], function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    live = function().read(fake(answers(configuration)))
    assert live
    assert (live.ready, live.failure) == (True, "The key is disabled.")


def test_a_reserved_concurrency_of_zero_is_not_the_same_as_none(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    stopped = fake(answers(Concurrency={"ReservedConcurrentExecutions": 0}))
    update(function(reserved_concurrency=None), stopped)
    assert stopped.operations == ["delete_function_concurrency"]


def test_a_function_is_stopped_by_reserving_zero(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    aws = fake(answers())
    update(function(reserved_concurrency=0), aws)
    assert aws.calls == [("put_function_concurrency", {"FunctionName": "processor", "ReservedConcurrentExecutions": 0})]


def test_what_the_account_cannot_reserve_is_refused_with_what_to_do(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    words = (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100]."
    )
    error = ClientError({"Error": {"Code": "InvalidParameterValueException", "Message": words}}, "Operation")
    with pytest.raises(AwsError, match="Could not reserve 950 invocations for processor: Specified") as refused:
        update(function(reserved_concurrency=950), fake({**answers(), "put_function_concurrency": error}))
    assert "Reserve less" in (refused.value.hint or "")


def test_a_function_without_an_environment_has_an_empty_one(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    wanted = function(environment={})
    live = wanted.read(fake(answers()))
    assert live
    assert not wanted.differing(live)


def test_tags_that_may_not_be_read_are_an_error_and_not_no_tags(
    function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    refused = {"ErrorCode": "AccessDeniedException", "Message": "not authorized to perform: lambda:ListTags"}
    with pytest.raises(AwsError, match="lambda:ListTags"):
        function().read(fake(answers(TagsError=refused)))


@pytest.mark.parametrize(("there", "wanted"), [({}, "Active"), ({"TracingConfig": {"Mode": "Active"}}, "PassThrough")])
def test_tracing_goes_on_and_off(
    there: dict[str, Any], wanted: Any, function: Callable[..., LambdaFunction], fake: Callable[..., Any]
) -> None:
    aws = fake(answers(there))
    update(function(tracing=wanted), aws)
    assert aws.sent("update_function_configuration")["TracingConfig"] == {"Mode": wanted}
