"""What a failed AWS call means, and how to say it.

Four meanings decide everything that follows a failure:

    missing / exists   often what was wanted anyway
    NO_EFFECT          refused before anything happened (throttled, not yet consistent): wait, send again
    UNKNOWN            no answer: it may have happened, so look before acting again
    FATAL              a mistake: say what it is and what to do
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from streamctl.aws import sdk
from streamctl.errors import AwsError, CredentialsError, DeniedError, StreamctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCAL_HINT = "Without an AWS account, add --local: the same pipeline runs on this machine."
SIGN_IN_HINT = "Sign in (aws configure, aws sso login), or name a profile with --profile. " + LOCAL_HINT


class Failure(Enum):
    NO_EFFECT = "no effect"
    UNKNOWN = "unknown"
    FATAL = "fatal"


_MISSING = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "DashboardNotFoundError",
        "NoSuchBucket",
        "NoSuchEntity",
        "QueueDoesNotExist",
        "404",
    }
)
_EXISTS = frozenset(
    {
        "BucketAlreadyOwnedByYou",
        "QueueNameExists",
        "ResourceConflictException",
        "ResourceInUseException",
    }
)
# What most services call it, those of plugins' kinds among them: ParameterNotFound, StateMachineAlreadyExists, …
_NAMED_MISSING = re.compile(r"NotFound(Exception|Fault)?$")
_NAMED_EXISTS = re.compile(r"AlreadyExists(Exception|Fault)?$")
THROTTLED = frozenset(
    {
        "BucketNotEmpty",  # something was written into it since it was emptied
        "ConcurrentModification",
        "ConcurrentModificationException",
        "ContinuousBackupsUnavailableException",  # of a table made a moment ago
        "DeleteConflict",  # IAM still sees the policies deleted a second ago
        "EntityTemporarilyUnmodifiable",
        "EntityTemporarilyUnmodifiableException",
        "KMSThrottlingException",
        "LimitExceededException",
        "OperationAborted",
        "OperationAbortedException",
        "ProvisionedThroughputExceededException",
        "QueueDeletedRecently",
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
# IAM is eventually consistent: Lambda says so with a mistake's error code, and only the words tell it apart.
NOT_YET_CONSISTENT = (
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "ensure the role can perform",
    "Cannot access stream",
)
# A quota of the account has the error code of a rate limit, but waiting does not raise it.
_QUOTA = "would exceed"
_UNSIGNED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})

_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:\w+)")


def code(error: BaseException) -> str:
    """The error code AWS answered with, or an empty string."""
    if isinstance(error, sdk.ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""


def text(error: BaseException) -> str:
    """The sentence AWS answered with, or the SDK's own."""
    if isinstance(error, sdk.ClientError):
        return str(error.response.get("Error", {}).get("Message", "")) or code(error)
    return str(error)


def is_missing(error: BaseException) -> bool:
    """The thing is not there."""
    return code(error) in _MISSING or bool(_NAMED_MISSING.search(code(error)))


def is_taken(error: BaseException) -> bool:
    """The thing, or one of that name, is there already."""
    return code(error) in _EXISTS or bool(_NAMED_EXISTS.search(code(error)))


def classify(error: BaseException) -> Failure:
    """What to do after this failure; see the module's table."""
    if _QUOTA in text(error):
        return Failure.FATAL
    if _is_unsent(error) or is_throttled(error) or is_too_early(error):
        return Failure.NO_EFFECT
    if isinstance(error, sdk.HTTPClientError | sdk.ConnectionError) or _status(error) >= 500:
        return Failure.UNKNOWN
    return Failure.FATAL


def is_throttled(error: BaseException) -> bool:
    """AWS is too busy, with us or with the thing: later it will answer."""
    return code(error) in THROTTLED


def is_denied(error: BaseException) -> bool:
    """Whoever asks is not allowed to."""
    return code(error) in _DENIED


def is_too_early(error: BaseException) -> bool:
    """What was made a moment ago is not known everywhere yet: a matter of waiting, and not of too many calls."""
    return any(words in text(error) for words in NOT_YET_CONSISTENT)


def or_none(call: Callable[..., Any], **arguments: Any) -> Any | None:
    """The answer of an AWS call, or None where the thing asked for is not there."""
    try:
        return call(**arguments)
    except sdk.ClientError as error:
        if is_missing(error):
            return None
        raise


def unless(benign: str, call: Callable[..., Any], **arguments: Any) -> None:
    """Make an AWS call; the error of this code says that it is done already."""
    try:
        call(**arguments)
    except sdk.ClientError as error:
        if code(error) != benign:
            raise


def explain(error: BaseException, doing: str) -> StreamctlError:
    """The error as a user should read it. `doing` completes "Could not …"."""
    if isinstance(error, StreamctlError):
        return error
    if isinstance(error, sdk.ProfileNotFound):
        return CredentialsError(f"Could not {doing}: {error}.", "List the profiles with: aws configure list-profiles")
    if isinstance(error, sdk.NoCredentialsError | sdk.PartialCredentialsError | sdk.TokenRetrievalError):
        return CredentialsError(f"Could not {doing}: there are no usable AWS credentials.", SIGN_IN_HINT)
    if code(error) in _UNSIGNED or isinstance(error, sdk.SSOError | sdk.UnauthorizedSSOTokenError):
        return CredentialsError(f"Could not {doing}: AWS does not accept the credentials: {text(error)}", SIGN_IN_HINT)
    if is_denied(error):
        return _denied(error, doing)
    if _is_unsent(error):
        return AwsError(
            f"Could not {doing}: nothing answers: {error}", "Check the endpoint, the region and the network."
        )
    if isinstance(error, sdk.ClientError | sdk.BotoCoreError):
        named = f" ({code(error)})" if code(error) else ""
        return AwsError(f"Could not {doing}: {text(error)}{named}")
    raise error


def _denied(error: BaseException, doing: str) -> DeniedError:
    """Which action is missing, in AWS's words or, where those name none, by the call."""
    named = _ACTION.search(text(error))
    missing = named[1] if named else f"the action of {getattr(error, 'operation_name', 'this call')}"
    hint = (
        f"Grant {missing}. `streamctl policy operator` prints all that is needed to build and run a pipeline, "
        "`policy produce` and `policy verify` what those two need; a grant takes effect within seconds."
    )
    if "explicit deny" in text(error):
        hint = f"A policy forbids {missing} explicitly, so granting it is not enough: ask who keeps the account."
    return DeniedError(f"Could not {doing}: permission denied for {missing}: {text(error)}", hint)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Raise what the SDK raises inside as an AwsError that says what could not be done."""
    try:
        yield
    except (sdk.ClientError, sdk.BotoCoreError) as error:
        raise explain(error, doing) from error


def is_sdk_error(error: BaseException) -> bool:
    """Raised by the SDK: an answer or a missing answer, not a mistake in our own code."""
    return isinstance(error, sdk.ClientError | sdk.BotoCoreError)


def _is_unsent(error: BaseException) -> bool:
    """The request never left: nothing can have happened."""
    return isinstance(error, sdk.EndpointConnectionError | sdk.ConnectTimeoutError | sdk.ProxyConnectionError)


def _status(error: BaseException) -> int:
    if isinstance(error, sdk.ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return 0
