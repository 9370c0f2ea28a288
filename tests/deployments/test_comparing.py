from __future__ import annotations

from pathlib import Path

import pytest

from .comparing import differences, owners

READER = ("asking", "comparing", "reading", "running", "storing", "telling", "varying")
STREAM = {"kinesis_stream": {"analytics-stream-NAME": {"summary": {"Hours": 24, "Shards": ["a", "b"]}}}}


def changed(**summary: object) -> dict[str, dict[str, dict[str, object]]]:
    return {"kinesis_stream": {"analytics-stream-NAME": {"summary": {"Hours": 24, "Shards": ["a", "b"], **summary}}}}


def test_the_same_differs_in_nothing() -> None:
    assert differences(STREAM, changed()) == []


def test_a_setting_that_differs_is_told_with_both_values() -> None:
    path = "kinesis_stream.analytics-stream-NAME.summary.Hours"

    assert differences(STREAM, changed(Hours=48)) == [f"{path}: 24 ≠ 48"]
    assert differences(STREAM, changed(Hours="24")) == [f'{path}: 24 ≠ "24"']
    assert differences(changed(Hours=1), changed(Hours=True)) == [f"{path}: 1 ≠ true"]


def test_what_one_side_has_alone_is_told_from_both_sides() -> None:
    path = "kinesis_stream.analytics-stream-NAME.summary"

    assert differences(STREAM, changed(Mode=None)) == [f"{path}.Mode: nothing ≠ null"]
    assert differences(changed(Shards=["a"]), STREAM) == [f'{path}.Shards[1]: nothing ≠ "b"']
    assert differences(STREAM, {}) == [
        'kinesis_stream: {"analytics-stream-NAME": {"summary": {"Hours": 24, "Shards"… ≠ nothing'
    ]


def test_only_tags_that_say_who_deployed_are_passed_over_and_told_apart() -> None:
    ours = {"sns_topic": {"analytics-alarms-NAME": {"tags": {"streamctl:pipeline": "NAME", "team": "data"}}}}
    theirs = {
        "sns_topic": {
            "analytics-alarms-NAME": {
                "tags": {"streamctl:export": "NAME", "aws:cloudformation:stack-name": "s", "streamctl:other": "NAME"}
            }
        }
    }

    assert differences(ours, theirs) == [
        'sns_topic.analytics-alarms-NAME.tags.streamctl:other: nothing ≠ "NAME"',
        'sns_topic.analytics-alarms-NAME.tags.team: "data" ≠ nothing',
    ]
    assert owners(ours) == {"sns_topic analytics-alarms-NAME": {"streamctl:pipeline": "NAME"}}
    assert owners(theirs) == {
        "sns_topic analytics-alarms-NAME": {"streamctl:export": "NAME", "aws:cloudformation:stack-name": "s"}
    }


@pytest.mark.parametrize("module", READER)
def test_the_reader_imports_nothing_of_streamctl(module: str) -> None:
    text = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")

    assert "import streamctl" not in text
    assert "from streamctl" not in text
    assert "from .." not in text
