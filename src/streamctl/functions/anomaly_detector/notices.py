"""What people are told of an anomaly, and of its end: one message each, for a mail and for a program.

A message is published once and never again, whatever becomes of it: nobody can tell a lost answer from a lost message,
and an anomaly is told at most once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .series import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .watch import Finding, News

LONGEST_SUBJECT = 100  # SNS takes no more, and ASCII only


class Publisher(Protocol):
    """What takes requests of a form, like SNS."""

    def post(self, operation: str, parameters: Mapping[str, str]) -> None: ...


class Notice(NamedTuple):
    subject: str
    message: str
    """Lines for people, then an empty line and one of JSON."""


class Topic:
    """An SNS topic of `sns`."""

    def __init__(self, sns: Publisher, arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def publish(self, notice: Notice) -> None:
        """Raises CallError."""
        parameters = {"TopicArn": self._arn, "Subject": notice.subject, "Message": notice.message}
        self._sns.post("Publish", parameters)


def notice(pipeline: str, news: News) -> Notice:
    """The message about an anomaly that opened, or is over."""
    finding = news.finding
    what = "anomaly in" if news.sort == "opened" else "all clear for"
    subject = f"[{pipeline}] {what} {finding.series} at {_time(finding.start)}"
    lines = _opened(finding) if news.sort == "opened" else _cleared(finding)
    document = {"pipeline": pipeline, "news": news.sort, **finding._asdict()}
    message = "\n".join([*lines, "", json.dumps(document, separators=(",", ":"))])
    return Notice(subject[:LONGEST_SUBJECT], message)


def _opened(finding: Finding) -> list[str]:
    return [
        f"{SERIES[finding.series].title.capitalize()}: {_number(finding.value)} in the {finding.window_seconds} s from"
        f" {_time(finding.start)}.",
        f"Expected: about {_number(finding.expected)}, {_number(finding.low)} to {_number(finding.high)}."
        f" Score: {finding.score:.3f} of 1.",
        "You are told again when it is over. More: streamctl anomalies",
    ]


def _cleared(finding: Finding) -> list[str]:
    return [
        f"{SERIES[finding.series].title.capitalize()}: as expected again since {_time(finding.cleared_start or 0)}.",
        f"It was {_number(finding.value)} in the {finding.window_seconds} s from {_time(finding.start)}, where"
        f" {_number(finding.low)} to {_number(finding.high)} was expected; highest score"
        f" {finding.highest_score:.3f} of 1.",
    ]


def _number(number: float) -> str:
    return f"{number:,.6g}"


def _time(seconds: int) -> str:
    """Epoch seconds as people read them; as they are where no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"
