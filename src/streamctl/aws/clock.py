"""How far this machine's clock and AWS's are apart."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from streamctl.aws.failures import explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from streamctl.aws.session import Aws


def clock_ahead_seconds(aws: Aws, now: Callable[[], datetime]) -> float | None:
    """AWS's clock minus ours, to the second, even where AWS refuses us; None where it does not tell.

    Raises AwsError where AWS does not answer.
    """
    with explained("ask AWS for the time"):
        try:
            answer = aws.once("sts").get_caller_identity()
        except ClientError as error:
            answer = error.response
    told = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    return (parsedate_to_datetime(told) - now()).total_seconds() if told else None
