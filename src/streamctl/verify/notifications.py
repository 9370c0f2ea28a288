"""Driving alarms and seeing their notifications arrive: one that tells nobody looks like one that never fires.

Each alarm is set to ALARM, and CloudWatch runs its actions as in an emergency. A queue of the test's own listens to the
topic. The state an alarm had stands in the reason, so that a test that was cut off can be made good by the next.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained
from streamctl.engine.resource import OWNER_TAG
from streamctl.pipeline.names import NOTIFICATIONS_PREFIX
from streamctl.resources.sns_subscription import SnsSubscription
from streamctl.resources.sqs_queue import SqsQueue
from streamctl.resources.tls_only import tls_only

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamctl.aws import Aws
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.names import Names
    from streamctl.resources.sns_topic import SnsTopic

QUEUE_ID, SUBSCRIPTION_ID = "alarms_test_queue", "alarms_test_subscription"
LISTENERS = frozenset({QUEUE_ID, SUBSCRIPTION_ID})
"""Ids of what a test makes and deletes: nothing of the user's is in it."""
PERMISSIONS = {
    "cloudwatch_alarm": ("cloudwatch:DescribeAlarmHistory", "cloudwatch:SetAlarmState"),
    f"arn:${{aws.partition}}:sqs:${{aws.region}}:${{aws.account}}:{NOTIFICATIONS_PREFIX}*-${{pipeline.name}}": (
        *chain.from_iterable(SqsQueue.permissions.values()),
        "sqs:ReceiveMessage",
    ),
    "sns_topic": ("sns:ListTagsForResource", "sns:Subscribe"),
    "*": ("sns:Unsubscribe",),
}
QUEUE_KEEPS_SECONDS = 3600
DEADLINE_SECONDS = 60.0
LONG_POLL_SECONDS = 2
PUT_BACK = "Put back by streamctl after a test."
_REASON = re.compile(r"Test by streamctl ([0-9a-f]+): it was (OK|ALARM|INSUFFICIENT_DATA)\.")


@dataclass(frozen=True)
class Driven:
    """What became of one alarm's notification."""

    name: str
    arrived: bool
    seconds: float | None = None
    cause: str = ""
    """Why it did not arrive, as far as can be seen."""


@dataclass
class _Alarm:
    name: str
    state: str
    former: str
    """Its own state; another than `state` where an earlier test was cut off."""
    arrived_after: float | None = None


def listeners(names: Names, topic: SnsTopic) -> list[Resource]:
    """The queue of one test, and its subscription to the topic."""
    tags = {OWNER_TAG: names.suffix}
    name = names.notifications_queue(secrets.token_hex(3))
    arn = SqsQueue(id=QUEUE_ID, name=name).arn
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic.arn}},
    }
    queue = SqsQueue(
        id=QUEUE_ID,
        name=name,
        message_retention_seconds=QUEUE_KEEPS_SECONDS,
        policy={"Version": "2012-10-17", "Statement": [statement, *tls_only("sqs", arn)["Statement"]]},
        tags=tags,
    )
    subscription = SnsSubscription(
        id=SUBSCRIPTION_ID,
        name=f"{topic.name} to {name}",
        topic_arn=topic.arn,
        protocol="sqs",
        endpoint=queue.ref("arn"),
        tags=tags,
    )
    return [queue, subscription]


@dataclass
class AlarmTest:
    """One test of alarms that tell `topic_arn`, heard at `queue_url`. `clock` is for tests."""

    aws: Aws
    topic_arn: str
    queue_url: str
    deadline_seconds: float = DEADLINE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _token: str = field(default_factory=lambda: secrets.token_hex(4))

    def run(self, names: Sequence[str]) -> list[Driven]:
        """Drive them all, listen, and put every one back that CloudWatch has not looked at anew by then."""
        with explained("test the alarms"):
            found = {name: self._look(name) for name in names}
            hopeless = {name: cause for name, each in found.items() if (cause := self._hopeless(each))}
            driven = [_Alarm(name, *_states(each)) for name, each in found.items() if each and name not in hopeless]
            begun = self.clock()
            try:
                for alarm in driven:
                    self._drive(alarm)
                self._listen(driven, begun)
            finally:
                for alarm in driven:
                    self._put_back(alarm)
            heard = {alarm.name: alarm.arrived_after for alarm in driven}
            return [self._outcome(name, heard.get(name), hopeless.get(name, "")) for name in names]

    def _look(self, name: str) -> dict[str, Any] | None:
        answer = self.aws.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])
        return next(iter(answer["MetricAlarms"]), None)

    def _hopeless(self, found: dict[str, Any] | None) -> str:
        """Why nothing would arrive however long one waits."""
        if found is None:
            return "it is not there: run `streamctl up`"
        if not found.get("ActionsEnabled", True):
            return "its actions are disabled: enable them with `aws cloudwatch enable-alarm-actions`"
        if self.topic_arn not in found.get("AlarmActions", ()):
            return f"it does not tell {self.topic_arn}: run `streamctl up`"
        return ""

    def _drive(self, alarm: _Alarm) -> None:
        reason = f"Test by streamctl {self._token}: it was {alarm.former}."
        if alarm.state == "ALARM":  # CloudWatch tells of changes only
            self._set(alarm.name, "OK", reason)
        self._set(alarm.name, "ALARM", reason)

    def _set(self, name: str, state: str, reason: str) -> None:
        self.aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)

    def _listen(self, driven: Sequence[_Alarm], begun: float) -> None:
        missing = {alarm.name: alarm for alarm in driven}
        while missing and self.clock() - begun < self.deadline_seconds:
            answer = self.aws.client("sqs").receive_message(
                QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=LONG_POLL_SECONDS
            )
            for message in answer.get("Messages", ()):
                if alarm := missing.pop(self._told_of(message["Body"]), None):
                    alarm.arrived_after = self.clock() - begun

    def _told_of(self, body: str) -> str:
        """The alarm whose test this notification is about, or nothing."""
        try:
            told = json.loads(json.loads(body)["Message"])
            ours = told["NewStateValue"] == "ALARM" and self._token in told["NewStateReason"]
            return str(told["AlarmName"]) if ours else ""
        except (ValueError, KeyError, TypeError):  # somebody else published something to the topic
            return ""

    def _put_back(self, alarm: _Alarm) -> None:
        """Unless CloudWatch has meanwhile looked for itself: what it found must not be covered up."""
        found = self._look(alarm.name)
        if found and alarm.former != "ALARM" and self._token in found.get("StateReason", ""):
            self._set(alarm.name, alarm.former, PUT_BACK)

    def _outcome(self, name: str, seconds: float | None, cause: str) -> Driven:
        if seconds is not None:
            return Driven(name, arrived=True, seconds=seconds)
        return Driven(name, arrived=False, cause=cause or self._likely_cause(name))

    def _likely_cause(self, name: str) -> str:
        """What CloudWatch says of its own failed actions; where it says nothing, what is the usual reason."""
        answer = self.aws.client("cloudwatch").describe_alarm_history(
            AlarmName=name, HistoryItemType="Action", MaxRecords=1, ScanBy="TimestampDescending"
        )
        for item in answer["AlarmHistoryItems"]:
            if "ailed" in item["HistorySummary"]:
                return str(item["HistorySummary"])
        return (
            f"nothing came within {self.deadline_seconds:.0f} s: perhaps CloudWatch may not publish to the topic "
            "(see its policy), or not use the topic's key"
        )


def _states(found: dict[str, Any]) -> tuple[str, str]:
    """The state it is in, and the one it would be in without any test."""
    cut_off = _REASON.match(found.get("StateReason", ""))
    return found["StateValue"], cut_off[2] if cut_off else found["StateValue"]
