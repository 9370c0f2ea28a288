"""Which pipeline is meant, and where it is, as the name or the ARN of anything in it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.errors import TargetError, UsageError
from streamctl.observe.inventory import BUCKET, NAMED, inventory

if TYPE_CHECKING:
    from streamctl.aws import Aws

_DASHBOARD = re.compile(
    r"^analytics-dashboard-([a-z0-9][a-z0-9-]*?)-((?:[a-z]{2}(?:-gov|-iso[a-z]?)?|eusc-de)-[a-z]+-\d)$"
)
"""A dashboard's name ends with the region, the shortest text that can be one."""
ACCOUNT_DIGITS = 12


@dataclass(frozen=True)
class Subject:
    """What was asked for; `name` is None where only AWS can tell it, `region` and `account` where the text does not."""

    text: str
    name: str | None
    region: str | None = None
    account: str | None = None

    def agreed_region(self, asked: str | None) -> str | None:
        """The region to look in. Raises TargetError where another one was asked for."""
        if asked and self.region and asked != self.region:
            raise TargetError(
                f"{self.text} is in the region {self.region}, not {asked}.", "Leave the region out, or name that one."
            )
        return self.region or asked

    def refuse_another_account(self, account: str) -> None:
        """Raises TargetError where the credentials are for an account that the text contradicts."""
        if self.account not in {None, account}:
            raise TargetError(
                f"{self.text} is in the account {self.account}; these credentials are for {account}.",
                "Choose the right credentials with --profile.",
            )

    def looked_up(self, aws: Aws) -> str:
        """The pipeline's name, where need be by what is listed in the account: the ARN of a mapping names none."""
        if self.name:
            return self.name
        for item in inventory(aws):
            if self.text.endswith(item.name):
                return item.pipeline
        raise UsageError(
            f"{self.text} does not tell the name of a pipeline, and nothing of a pipeline is called so here.",
            "Give the pipeline's name, or the name or the ARN of its stream, function or table.",
        )


def subject(text: str) -> Subject:
    """Read the name of a pipeline, or the name, the ARN or the URL of one of its resources."""
    is_arn = text.startswith("arn:") and text.count(":") >= 5
    region, account = text.split(":")[3:5] if is_arn else ("", "")
    place = {"region": region or None, "account": account or None}
    words = re.split(r"[:/]", text)
    for word in words:
        if match := NAMED.match(word):
            return Subject(text, match[1], **place)
        if match := BUCKET.match(word):
            return Subject(text, match[1], place["region"], word[-ACCOUNT_DIGITS:])
        if match := _DASHBOARD.match(word):
            return Subject(text, match[1], match[2], place["account"])
    return Subject(text, None if is_arn else text, **place)
