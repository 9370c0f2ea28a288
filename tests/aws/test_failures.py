from __future__ import annotations

import pytest
from botocore import exceptions as sdk

from streamctl.aws.failures import Failure, classify, explain, is_missing, is_taken, or_none, unless
from streamctl.errors import AwsError, CredentialsError, DeniedError


def answer(code: str, message: str = "", status: int = 400) -> sdk.ClientError:
    return sdk.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[arg-type, unused-ignore]
        "Call",
    )


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answer("ThrottlingException"), Failure.NO_EFFECT),
        (answer("BucketNotEmpty", status=409), Failure.NO_EFFECT),
        (answer("LimitExceededException"), Failure.NO_EFFECT),
        (answer("LimitExceededException", "This request would exceed the shard limit for the account"), Failure.FATAL),
        (answer("AWS.SimpleQueueService.QueueDeletedRecently"), Failure.NO_EFFECT),
        (
            answer("InvalidParameterValueException", "The role defined … cannot be assumed by Lambda."),
            Failure.NO_EFFECT,
        ),
        (answer("InvalidParameterValueException", "Memory must be at least 128"), Failure.FATAL),
        (answer("InternalFailure", status=500), Failure.UNKNOWN),
        (sdk.ReadTimeoutError(endpoint_url="x"), Failure.UNKNOWN),
        (sdk.ConnectionClosedError(endpoint_url="x"), Failure.UNKNOWN),
        (sdk.EndpointConnectionError(endpoint_url="x"), Failure.NO_EFFECT),
        (sdk.ConnectTimeoutError(endpoint_url="x"), Failure.NO_EFFECT),
        (answer("AccessDeniedException"), Failure.FATAL),
        (ValueError("ours"), Failure.FATAL),
    ],
)
def test_a_failure_means(error: Exception, meaning: Failure) -> None:
    assert classify(error) is meaning


@pytest.mark.parametrize("code", ["ParameterNotFound", "ResourceNotFoundException", "ReplicationGroupNotFoundFault"])
def test_what_is_missing_is_known_by_the_ending_that_services_give_it(code: str) -> None:
    assert is_missing(answer(code))
    assert not is_taken(answer(code))


@pytest.mark.parametrize(
    "code", ["ParameterAlreadyExists", "ResourceAlreadyExistsException", "ClusterAlreadyExistsFault"]
)
def test_what_is_taken_is_known_by_the_ending_that_services_give_it(code: str) -> None:
    assert is_taken(answer(code))
    assert not is_missing(answer(code))


def test_missing_and_taken_are_told_apart() -> None:
    assert is_missing(answer("NoSuchEntity"))
    assert not is_missing(answer("ResourceInUseException"))
    assert is_taken(answer("EntityAlreadyExists"))


def test_what_is_not_there_is_none_and_any_other_failure_is_raised() -> None:
    def call(code: str) -> None:
        raise answer(code)

    assert or_none(call, code="ResourceNotFoundException") is None
    with pytest.raises(sdk.ClientError):
        or_none(call, code="AccessDeniedException")


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (sdk.NoCredentialsError(), CredentialsError, "--local"),
        (answer("ExpiredToken", "The security token is expired"), CredentialsError, "sign in"),
        (answer("InvalidClientTokenId", "no"), CredentialsError, "--profile"),
        (sdk.ProfileNotFound(profile="work"), CredentialsError, "list-profiles"),
        (answer("AccessDeniedException", "not authorized to perform: kinesis:CreateStream"), DeniedError, "grant"),
        (sdk.EndpointConnectionError(endpoint_url="https://x"), AwsError, "endpoint"),
    ],
)
def test_an_error_tells_what_to_do(error: Exception, kind: type[AwsError], told: str) -> None:
    explained = explain(error, "make the stream")

    assert type(explained) is kind
    assert explained.message.startswith("Could not make the stream: ")
    assert told in (explained.hint or "").lower()


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        explain(ZeroDivisionError(), "count")


@pytest.mark.parametrize(
    ("message", "named", "hint"),
    [
        ("User: u is not authorized to perform: sqs:CreateQueue on resource: q", "sqs:CreateQueue", "policy operator"),
        ("Access to the resource is denied.", "the action of Call", "policy operator"),
        (
            "User: u is not authorized to perform: sqs:CreateQueue on resource: q with an explicit deny in a policy",
            "sqs:CreateQueue",
            "not enough",
        ),
    ],
)
def test_a_missing_permission_is_named_with_what_to_do(message: str, named: str, hint: str) -> None:
    error = explain(answer("AccessDenied", message), "create it")

    assert isinstance(error, DeniedError)
    assert f"permission denied for {named}" in error.message
    assert hint in (error.hint or "")


def test_an_error_that_says_it_is_done_already_is_none_and_any_other_is() -> None:
    def refuse(code: str) -> None:
        raise answer(code)

    unless("AlreadyExistsException", refuse, code="AlreadyExistsException")
    with pytest.raises(sdk.ClientError):
        unless("AlreadyExistsException", refuse, code="AccessDeniedException")
