"""Which pipeline is meant, and where it is, as the name, the ARN or the URL of anything in it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.aws.failures import explained, or_none
from streamctl.config.model import NAME_PATTERN
from streamctl.emulator import process
from streamctl.errors import TargetError, UsageError
from streamctl.observe.inventory import BUCKET, NAMED, inventory

if TYPE_CHECKING:
    from streamctl.aws import Aws

_REGION = r"(?:[a-z]{2}(?:-gov|-iso[a-z]?)?|eusc-de)-[a-z]+-\d"
_DASHBOARD = re.compile(rf"^analytics-dashboard-([a-z0-9][a-z0-9-]*?)-({_REGION})$")
"""A dashboard's name ends with the region, the shortest text that can be one."""
_URL = re.compile(r"^https?://([^/:]+)(?::\d+)?/(?:(\d{12})/)?")
"""A queue's: host, account, name. AWS's hosts tell the region, the emulator's tells none."""
_OLDEST_HOST = "queue.amazonaws.com"
"""That of SQS when there was but one region."""
_KEY = re.compile(r"^(?:arn:[^:]+:kms:.*:)?(?:key/)?((?:mrk-)?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})$")
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
            hints = {self.account: "That is the emulator's: add --local.", account: "Leave --local out."}
            raise TargetError(
                f"{self.text} is in the account {self.account}; these credentials are for {account}.",
                hints.get(process.ACCOUNT, "Choose the right credentials with --profile."),
            )

    def looked_up(self, aws: Aws) -> str:
        """The pipeline's name, where need be by what is in the account: AWS draws the ids of mappings and keys."""
        if self.name:
            return self.name
        self.refuse_another_account(aws.account)
        found = self._of_key(aws) or {item.pipeline for item in inventory(aws) if self._means(item.name)}
        if len(found) > 1:
            raise UsageError(
                f"{self.text} is in several pipelines: {', '.join(sorted(found))}.", "Name the one that is meant."
            )
        if not found:
            raise UsageError(
                f"{self.text} is neither the name of a pipeline nor of anything in one, in account {aws.account}, "
                f"region {aws.region}.",
                "Give the pipeline's name, or the name or the ARN of its stream, function or table.",
            )
        return found.pop()

    def _of_key(self, aws: Aws) -> set[str]:
        """A key's name is its description, whoever made it."""
        if not (match := _KEY.match(self.text)):
            return set()
        with explained(f"look whether {match[1]} is a key"):
            answer = or_none(aws.client("kms").describe_key, KeyId=match[1])
        named = answer and NAMED.match(answer["KeyMetadata"]["Description"])
        return {named[1]} if named else set()

    def _means(self, listed: str) -> bool:
        """A mapping is listed by its id, a subscription by protocol and endpoint, what a plugin made by its ARN."""
        return listed in {self.text, re.split(r"[:/]", self.text)[-1]} or listed.split()[-1] == self.text


def subject(text: str) -> Subject:
    """Read the name of a pipeline, or the name, the ARN or the URL of one of its resources."""
    region, account = _place(text)
    for word in re.split(r"[:/\s]", text):
        if match := NAMED.match(word):
            return Subject(text, match[1], region, account)
        if match := BUCKET.match(word):
            return Subject(text, match[1], region, word[-ACCOUNT_DIGITS:])
        if match := _DASHBOARD.match(word):
            return Subject(text, match[1], match[2], account)
    return Subject(text, text if re.fullmatch(NAME_PATTERN, text) else None, region, account)


def _place(text: str) -> tuple[str | None, str | None]:
    """Region and account, as far as an ARN or a URL has them."""
    if text.startswith("arn:") and text.count(":") >= 5:
        region, account = text.split(":")[3:5]
        return region or None, account or None
    if match := _URL.match(text):
        labels = match[1].split(".")
        regions = (label for label in labels if re.fullmatch(_REGION, label))
        return "us-east-1" if match[1] == _OLDEST_HOST else next(regions, None), match[2]
    return None, None
