"""What people and programs read of an anomaly."""

import json

import pytest

from streamctl.functions.anomaly_detector.notices import LONGEST_SUBJECT, Notice, Topic, notice
from streamctl.functions.anomaly_detector.series import SERIES
from streamctl.functions.anomaly_detector.watch import Finding, News

FOUND = Finding("page_views", 1_795_000_020, 60, 1234.5, 100.25, 50.0, 150.0, 0.87654, 0.95, 1_795_000_080)
CLEARED = FOUND._replace(status="cleared", cleared_start=1_795_000_140)


def test_an_anomaly_is_told_in_words_and_in_json():
    told = notice("demo01", News("opened", FOUND))

    assert told.subject == "[demo01] anomaly in page_views at 2026-11-18 11:07 UTC"
    assert told.message.splitlines()[:3] == [
        "Page views: 1,234.5 in the 60 s from 2026-11-18 11:07 UTC.",
        "Expected: about 100.25, 50 to 150. Score: 0.877 of 1.",
        "You are told again when it is over. More: streamctl anomalies",
    ]
    assert json.loads(told.message.splitlines()[-1]) == {"pipeline": "demo01", "news": "opened", **FOUND._asdict()}


def test_its_end_is_told_likewise():
    told = notice("demo01", News("cleared", CLEARED))

    assert told.subject == "[demo01] all clear for page_views at 2026-11-18 11:07 UTC"
    assert told.message.splitlines()[:2] == [
        "Page views: as expected again since 2026-11-18 11:09 UTC.",
        "It was 1,234.5 in the 60 s from 2026-11-18 11:07 UTC, where 50 to 150 was expected; highest score 0.950 of 1.",
    ]
    assert json.loads(told.message.splitlines()[-1])["status"] == "cleared"


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("start", [0, -62_135_596_800, 253_402_300_800, 10**15])
def test_a_subject_is_one_that_sns_takes(series, start):
    finding = FOUND._replace(series=series, start=start)

    for sort in ("opened", "cleared"):
        subject = notice("a" * 32, News(sort, finding)).subject
        assert subject.isascii()
        assert subject.isprintable()
        assert len(subject) <= LONGEST_SUBJECT


def test_a_topic_is_sent_subject_and_message():
    sent = []

    class Sns:
        def post(self, operation, parameters):
            sent.append((operation, dict(parameters)))

    Topic(Sns(), "arn:topic").publish(Notice("subject", "message"))

    assert sent == [("Publish", {"TopicArn": "arn:topic", "Subject": "subject", "Message": "message"})]
