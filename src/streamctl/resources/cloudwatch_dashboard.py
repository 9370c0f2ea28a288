"""A CloudWatch dashboard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.resource import Live, Resource, plain
from streamctl.errors import PluginError
from streamctl.resources.dashboard_body import mistakes
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws


@dataclass(frozen=True, kw_only=True)
class CloudwatchDashboard(Resource):
    """A dashboard belongs to the account and to no region: two pipelines of one name in two regions must not share one.

    PutDashboard overwrites whatever has the name, and takes tags only of a new one.
    """

    kind: ClassVar[str] = "cloudwatch_dashboard"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "cloudwatch::${aws.account}:dashboard/{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "dashboard_name", "arn": "dashboard_arn"}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"),
        "create": ("cloudwatch:PutDashboard", "cloudwatch:TagResource"),
        "update": ("cloudwatch:PutDashboard", "cloudwatch:TagResource"),
        "delete": ("cloudwatch:DeleteDashboards",),
    }
    tagging: ClassVar[frozenset[str]] = frozenset({"cloudwatch:TagResource"})

    body: Mapping[str, Any]
    """As AWS's *Dashboard Body Structure and Syntax* describes it."""

    def check(self) -> None:
        if mistake := next(mistakes(self.body), ""):
            raise PluginError(f"The dashboard {self.name} would not show what it should: {mistake}.")

    def read(self, aws: Aws) -> Live | None:
        cloudwatch = aws.client("cloudwatch")
        found = or_none(cloudwatch.get_dashboard, DashboardName=self.name)
        if found is None:
            return None
        tags = or_none(cloudwatch.list_tags_for_resource, ResourceARN=found["DashboardArn"])
        return Live(
            attributes={"name": found["DashboardName"], "arn": found["DashboardArn"]},
            settings={"body": json.loads(found["DashboardBody"])},
            tags=from_pairs(tags["Tags"]) if tags else {},
            ready=tags is not None,
        )

    def create(self, aws: Aws) -> None:
        aws.once("cloudwatch").put_dashboard(Tags=to_pairs(self.tags), **self._definition())

    def update(self, aws: Aws, live: Live) -> None:
        cloudwatch = aws.client("cloudwatch")
        if missing := self.missing_tags(live):
            cloudwatch.tag_resource(ResourceARN=live.attributes["arn"], Tags=to_pairs(missing))
        if "body" in self.differing(live):
            cloudwatch.put_dashboard(**self._definition())

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("cloudwatch").delete_dashboards(DashboardNames=[self.name])

    def cloudformation(self) -> Sequence[Declaration]:
        properties = {**self._definition(), "Tags": to_pairs(self.tags)}
        return (Declaration("AWS::CloudWatch::Dashboard", properties, identity={"DashboardName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        """Without its tags: Terraform gives a dashboard none."""
        arguments = {"dashboard_name": self.name, "dashboard_body": json_document(self.body)}
        return (Block("aws_cloudwatch_dashboard", arguments, identity=self.name),)

    def _definition(self) -> dict[str, str]:
        return {"DashboardName": self.name, "DashboardBody": json.dumps(plain(self.body), separators=(",", ":"))}


def console_url(region: str, name: str) -> str:
    """Where a browser shows it, signed in to the account."""
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/{name}"
