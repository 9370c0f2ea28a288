"""Lambda: what a deleted function still says makes no log group.

MiniStack makes the group of whatever a function prints, also where an invocation outlives its function: the group comes
up again after it was deleted, without tags. On AWS only a role that may `logs:CreateLogGroup` can do that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs, lambda_svc

from streamctl.emulator.mends.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Callable


def apply() -> None:
    emit = lambda_svc._emit_lambda_logs
    replace(lambda_svc, "_emit_lambda_logs", lambda function, *said, **more: _emit(emit, function, said, more))


def _emit(emit: Callable[..., None], function: dict[str, Any], said: tuple[Any, ...], more: dict[str, Any]) -> None:
    config = function.get("config") or function
    account, region = lambda_svc._account_region_from_function_config(config)
    name = config.get("FunctionName")
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    with request_scope(account, region):
        has_a_place = group in cloudwatch_logs._log_groups or lambda_svc._functions.get(name)
    if has_a_place:
        emit(function, *said, **more)
