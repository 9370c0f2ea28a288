from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from streamctl.verify.notifications import PUT_BACK, AlarmTest

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


@dataclass
class Cloud:
    """CloudWatch, a topic and a queue in one: what is set to ALARM is told, unless the alarm is `deaf`."""

    alarms: dict[str, dict[str, Any]]
    deaf: frozenset[str] = frozenset()
    history: list[dict[str, str]] = field(default_factory=list)
    looked_anew: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What CloudWatch finds itself, right after a notification: state and reason."""
    told: list[str] = field(default_factory=list)
    set: list[tuple[str, str]] = field(default_factory=list)

    def client(self, _service: str) -> Any:
        return SimpleNamespace(
            describe_alarms=self._describe,
            set_alarm_state=self._set,
            receive_message=self._receive,
            describe_alarm_history=lambda **_: {"AlarmHistoryItems": self.history},
        )

    def _describe(self, AlarmNames: list[str], **_: Any) -> dict[str, Any]:
        return {"MetricAlarms": [self.alarms[name] for name in AlarmNames if name in self.alarms]}

    def _set(self, AlarmName: str, StateValue: str, StateReason: str) -> None:
        alarm = self.alarms[AlarmName]
        changed = alarm["StateValue"] != StateValue
        alarm |= {"StateValue": StateValue, "StateReason": StateReason}
        self.set.append((AlarmName, StateValue))
        if changed and AlarmName not in self.deaf:
            told = {"AlarmName": AlarmName, "NewStateValue": StateValue, "NewStateReason": StateReason}
            self.told.append(json.dumps({"Message": json.dumps(told)}))

    def _receive(self, **_: Any) -> dict[str, Any]:
        messages, self.told = [{"Body": body} for body in self.told], []
        for name, (state, reason) in self.looked_anew.items():
            self.alarms[name] |= {"StateValue": state, "StateReason": reason}
        return {"Messages": messages} if messages else {}


def alarm(state: str, reason: str = "", **fields: Any) -> dict[str, Any]:
    return {"StateValue": state, "StateReason": reason, "ActionsEnabled": True, "AlarmActions": [TOPIC], **fields}


def tried(cloud: Cloud, *names: str) -> list[Any]:
    ticks = count()
    return AlarmTest(cloud, TOPIC, "url", clock=lambda: float(next(ticks))).run(names)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_is_set_off_heard_and_put_back(state: str) -> None:
    cloud = Cloud({"a": alarm(state)})

    (driven,) = tried(cloud, "a")

    assert driven.arrived
    assert cloud.set == [("a", "ALARM"), ("a", state)]
    assert cloud.alarms["a"]["StateReason"] == PUT_BACK


@pytest.mark.parametrize("body", ["hello", "{}", '{"Message": "hello"}', '{"Message": "[]"}', '{"Message": "{}"}'])
def test_what_somebody_else_publishes_to_the_topic_is_passed_over(body: str) -> None:
    cloud = Cloud({"a": alarm("OK")}, told=[body])

    assert tried(cloud, "a")[0].arrived


def test_one_that_fires_already_must_change_to_be_heard_and_goes_on_firing() -> None:
    cloud = Cloud({"a": alarm("ALARM", "Threshold Crossed")})

    (driven,) = tried(cloud, "a")

    assert driven.arrived
    assert (cloud.set, cloud.alarms["a"]["StateValue"]) == ([("a", "OK"), ("a", "ALARM")], "ALARM")


def test_one_that_a_test_left_behind_when_it_was_cut_off_is_put_back() -> None:
    cloud = Cloud({"a": alarm("ALARM", "Test by streamctl 0a1b2c3d: it was INSUFFICIENT_DATA.")})

    (driven,) = tried(cloud, "a")

    assert driven.arrived
    assert cloud.alarms["a"]["StateValue"] == "INSUFFICIENT_DATA"


def test_what_cloudwatch_finds_during_the_test_is_not_covered_up() -> None:
    cloud = Cloud({"a": alarm("OK")}, looked_anew={"a": ("ALARM", "Threshold Crossed: 3 errors")})

    tried(cloud, "a")

    assert cloud.alarms["a"]["StateReason"] == "Threshold Crossed: 3 errors"


def test_a_silent_alarm_is_put_back_and_explained_by_cloudwatchs_own_history() -> None:
    failed = {"HistorySummary": "Failed to execute action arn:aws:sns:…: not authorized to perform: SNS:Publish"}
    cloud = Cloud({"a": alarm("OK"), "b": alarm("OK")}, deaf=frozenset({"b"}), history=[failed])

    heard, silent = tried(cloud, "a", "b")

    assert (heard.arrived, silent.arrived, silent.cause) == (True, False, failed["HistorySummary"])
    assert cloud.alarms["b"]["StateValue"] == "OK"


def test_a_silent_alarm_without_any_history_names_the_usual_reason() -> None:
    (silent,) = tried(Cloud({"a": alarm("OK")}, deaf=frozenset({"a"})), "a")

    assert "may not publish to the topic" in silent.cause


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ({}, "it is not there"),
        ({"a": alarm("OK", ActionsEnabled=False)}, "its actions are disabled"),
        ({"a": alarm("OK", AlarmActions=[])}, "it does not tell"),
    ],
)
def test_one_that_could_tell_nobody_is_not_even_set_off(found: dict[str, Any], cause: str) -> None:
    cloud = Cloud(found)

    (driven,) = tried(cloud, "a")

    assert not driven.arrived
    assert cause in driven.cause
    assert cloud.set == []
