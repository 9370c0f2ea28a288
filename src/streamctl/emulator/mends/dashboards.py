"""CloudWatch: dashboards are the account's and no region's, have tags, and a body that is JSON.

MiniStack keeps them by region, drops the tags of PutDashboard, takes tags for alarms only, and takes any body.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountScopedDict, get_account_id
from ministack.services import cloudwatch

from streamctl.emulator.mends.replacing import replace

if TYPE_CHECKING:
    from streamctl.emulator.mends.responses import Response


def apply() -> None:
    cloudwatch._dashboards = AccountScopedDict()
    put, validate = cloudwatch._put_dashboard, cloudwatch._validate_alarm_tag_arn

    def put_dashboard(params: dict[str, Any], sent: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Response:
        fields = sent if is_cbor or is_json else _fields(params)
        if not _is_json(fields.get("DashboardBody", "")):
            words = "The dashboard body is invalid: it is no JSON"
            refusal: Response = cloudwatch._error(
                "InvalidParameterInput", words, 400, use_json=is_json, use_cbor=is_cbor
            )
            return refusal
        is_new = fields.get("DashboardName") not in cloudwatch._dashboards
        response: Response = put(params, sent, is_cbor, is_json)
        if is_new and response[0] == 200:
            tags = {tag["Key"]: tag.get("Value", "") for tag in fields.get("Tags") or ()}
            cloudwatch._resource_tags[arn_of(fields["DashboardName"])] = tags
        return response

    replace(cloudwatch, "_put_dashboard", put_dashboard)
    replace(
        cloudwatch,
        "_validate_alarm_tag_arn",
        lambda arn, **protocol: None if arn in map(arn_of, cloudwatch._dashboards) else validate(arn, **protocol),
    )


def arn_of(name: str) -> str:
    return f"arn:aws:cloudwatch::{get_account_id()}:dashboard/{name}"


def _fields(params: dict[str, Any]) -> dict[str, Any]:
    """The request of an SDK that speaks the older protocol."""
    tags: list[dict[str, str]] = []
    while key := cloudwatch._p(params, f"Tags.member.{len(tags) + 1}.Key"):
        tags.append({"Key": key, "Value": cloudwatch._p(params, f"Tags.member.{len(tags) + 1}.Value")})
    names = ("DashboardName", "DashboardBody")
    return {**{name: cloudwatch._p(params, name) for name in names}, "Tags": tags}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
