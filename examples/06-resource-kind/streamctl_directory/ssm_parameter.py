"""A parameter of Systems Manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from streamctl import Aws, Live, Resource, or_none


@dataclass(frozen=True, kw_only=True)
class SsmParameter(Resource):
    """A parameter of type String, in the tier that costs nothing: up to 4 KB."""

    kind: ClassVar[str] = "ssm_parameter"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "ssm:${aws.region}:${aws.account}:parameter{name}"
    permissions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "read": ("ssm:DescribeParameters", "ssm:GetParameter", "ssm:ListTagsForResource"),
        "create": ("ssm:AddTagsToResource", "ssm:PutParameter"),
        "update": ("ssm:AddTagsToResource", "ssm:PutParameter"),
        "delete": ("ssm:DeleteParameter",),
    }
    unscoped: ClassVar[frozenset[str]] = frozenset({"ssm:DescribeParameters"})

    value: str
    description: str = ""

    def read(self, aws: Aws) -> Live | None:
        ssm = aws.client("ssm")
        answer = or_none(ssm.get_parameter, Name=self.name)
        if answer is None:
            return None
        found = answer["Parameter"]
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=self.name)["TagList"]
        return Live(
            attributes={"name": found["Name"], "arn": found["ARN"]},
            settings={"value": found["Value"], "description": self._described(ssm)},
            tags={tag["Key"]: tag["Value"] for tag in tags},
        )

    def _described(self, ssm: Any) -> str:
        """Its description, which only the listing tells."""
        named = [{"Key": "Name", "Option": "Equals", "Values": [self.name]}]
        found = ssm.describe_parameters(ParameterFilters=named)["Parameters"]
        return str(found[0].get("Description", "")) if found else ""

    def create(self, aws: Aws) -> None:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        aws.once("ssm").put_parameter(**self._settings(), Tags=tags)

    def update(self, aws: Aws, live: Live) -> None:
        ssm = aws.client("ssm")
        if missing := self.missing_tags(live):  # PutParameter takes no tags of a parameter that is there
            tags = [{"Key": key, "Value": value} for key, value in missing.items()]
            ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=self.name, Tags=tags)
        if self.differing(live).keys() - {"tags"}:
            ssm.put_parameter(**self._settings(), Overwrite=True)

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("ssm").delete_parameter(Name=self.name)

    def _settings(self) -> dict[str, str]:
        return {"Name": self.name, "Value": self.value, "Description": self.description, "Type": "String"}
