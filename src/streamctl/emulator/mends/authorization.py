"""Permissions, where the emulator enforces them: what MiniStack leaves out of what AWS checks.

MiniStack overlooks which stream, function, alarm, dashboard, topic or tagged thing some calls name, and most calls on
event source mappings with the function they are for; it lets a role be passed, and a resource be made with tags,
without the actions that AWS wants for that.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import AuthError
from ministack.core.responses import get_account_id
from ministack.services import dynamodb_streams, lambda_svc

from streamctl.emulator.mends.reading import position_of
from streamctl.emulator.mends.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SOURCE_ACCOUNT = "aws:sourceaccount"
FUNCTION_KEY = "lambda:FunctionArn"
PASSED_ROLE = "streamctl:passed-role"
"""A request's role on its way to the check, under a name that no policy uses."""
DASHBOARD_ACTIONS = frozenset({"cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"})
TAGGED_BY = {
    "cloudwatch:PutDashboard": "cloudwatch:TagResource",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
    "dynamodb:CreateTable": "dynamodb:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "kinesis:CreateStream": "kinesis:AddTagsToStream",
    "lambda:CreateFunction": "lambda:TagResource",
    "logs:CreateLogGroup": "logs:TagResource",
    "sns:CreateTopic": "sns:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
}
"""What making a thing with tags needs beside its own action."""


def apply() -> None:
    replace(iam_actions, "_lambda_action", _lambda_action)
    arn, context, enforce = (
        iam_actions.extract_resource_arn,
        iam_actions.request_tag_context,
        iam_evaluator.enforce,
    )
    replace(iam_actions, "extract_resource_arn", lambda *request: _named_arn(*request) or arn(*request))
    replace(
        iam_actions,
        "request_tag_context",
        lambda service, action, body, parameters: (
            context(service, action, body, parameters) | _of_function(action, _fields(body))
        ),
    )
    # What never leaves this machine crosses no wire: it counts as encrypted, as all requests that the SDKs send to AWS.
    pin = app.pin_request_origin
    replace(app, "pin_request_origin", lambda address, _: pin(address, True))
    trust = iam_evaluator.evaluate_trust_policy
    replace(
        iam_evaluator,
        "evaluate_trust_policy",
        lambda document, caller, context, **more: trust(document, caller, _on_behalf_of_this_account(context), **more),
    )
    replace(iam_evaluator, "enforce", lambda *request, **more: _enforce(enforce, *request, **more))


def _lambda_action(method: str, path: str) -> str | None:
    """By the routes of Lambda's own model."""
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]
    name: str | None = iam_actions._match_rest_action("lambda", method, path)
    return "InvokeFunction" if name == "Invoke" else name


def _named_arn(
    service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any, region: str, account: str
) -> str:
    """What a call names in a way that MiniStack overlooks; nothing where it does not."""
    fields = _fields(body) | {name: iam_actions._query_param(parameters, name) for name in parameters}
    if service in {"dynamodb", "monitoring", "sns"} and (arn := fields.get("ResourceArn") or fields.get("ResourceARN")):
        return str(arn)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
    if action == "kinesis:GetRecords":
        try:
            return f"arn:aws:kinesis:{region}:{account}:stream/{position_of(fields['ShardIterator'])[0]}"
        except (KeyError, ValueError):  # not an iterator at all
            return ""
    if service == "dynamodbstreams":
        iterator = dynamodb_streams._decode_iterator(str(fields.get("ShardIterator"))) or {}
        return str(fields.get("StreamArn") or iterator.get("arn", ""))
    if action == "lambda:CreateFunction":
        return str(lambda_svc._func_arn(str(fields.get("FunctionName"))))
    if action in {"cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms"}:
        names = fields.get("AlarmNames") or [fields.get("AlarmNames.member.1", "*")]
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:{names[0]}"
    if action in DASHBOARD_ACTIONS:
        name = fields.get("DashboardName") or next(iter(fields.get("DashboardNames", ())), "*")
        return f"arn:aws:cloudwatch::{account}:dashboard/{name}"
    return ""


def _of_function(action: str, fields: Mapping[str, Any]) -> dict[str, str]:
    if action == "lambda:CreateEventSourceMapping":
        return {FUNCTION_KEY: lambda_svc._func_arn(str(fields.get("FunctionName", "")).rpartition(":")[2])}
    if action in {"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"} and fields.get("Role"):
        return {PASSED_ROLE: str(fields["Role"])}
    return {}


def _on_behalf_of_this_account(context: Any) -> Any:
    """The driver takes Lambda's part, which says for whom it assumes a role."""
    return dataclasses.replace(context, service_context={**context.service_context, SOURCE_ACCOUNT: get_account_id()})


def _enforce(
    enforce: Callable[..., Any],
    key: str,
    action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    context = dict(service_context or {})
    role = context.pop(PASSED_ROLE, None)
    if ":event-source-mapping:" in resource_arn:
        record = lambda_svc._esms.get_scoped(get_account_id(), region, resource_arn.rpartition(":")[2]) or {}
        context[FUNCTION_KEY] = record.get("FunctionArn", "")
    if denied := enforce(key, action, service, region, resource_arn=resource_arn, service_context=context):
        return denied
    beside = []
    if action in TAGGED_BY and "aws:TagKeys" in context:
        beside.append((TAGGED_BY[action], resource_arn, context))
    if role:
        beside.append(("iam:PassRole", role, {"iam:PassedToService": "lambda.amazonaws.com"}))
    for needed, arn, keys in beside:
        if denied := enforce(key, needed, service, region, resource_arn=arn, service_context=keys):
            return _named(denied, needed, arn)
    return None


def _named(denied: Any, action: str, arn: str) -> AuthError:
    """The refusal of another action than the request's own."""
    words = iam_actions.identity_denial_message(action, denied.principal_arn, arn, denied.decision == "Deny")
    return AuthError("AccessDenied", words)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
