"""One invocation through Lambda's API, and its answer in the contract's terms."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from streamctl.emulator.driver.records import payload
from streamctl.emulator.driver.responses import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.emulator.driver.records import Record

logger = logging.getLogger(__name__)


def invoke(client: Any, function_arn: str, records: Sequence[Record]) -> Answer:
    """Invoke and wait. Throttled, missing, or no answer at all: the function counts as not invoked."""
    try:
        answer = client.invoke(FunctionName=function_arn, LogType="None", Payload=payload(records))
        body = answer["Payload"].read()
    except (ClientError, BotoCoreError) as error:
        logger.warning("%s was not invoked: %s", function_arn, error)
        return Answer(invoked=False)
    return Answer(
        payload=body,
        request_id=answer["ResponseMetadata"].get("RequestId", ""),
        status_code=answer["StatusCode"],
        executed_version=answer.get("ExecutedVersion", "$LATEST"),
        function_error=answer.get("FunctionError"),
    )
