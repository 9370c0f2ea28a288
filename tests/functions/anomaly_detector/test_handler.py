"""One batch in: windows, findings, notices, metrics, and the answer Lambda expects."""

import json

import pytest

from streamctl.functions.anomaly_detector.arrival import Arrival
from streamctl.functions.anomaly_detector.change import CLOSED_AT_ONCE
from streamctl.functions.anomaly_detector.handler import ARRIVALS_AT_ONCE, SECONDS_AT_ONCE, pieces
from streamctl.functions.anomaly_detector.series import SERIES
from streamctl.functions.aws.errors import CallError

from .bench import NOW, SETTINGS, Bench, record

ALL_SERIES = SETTINGS._replace(series=("page_views", "clicks", "page_load_time", "purchase_amount"))


def burst(first: int, at: int, count: int = 7) -> list[dict]:
    return [record(first + place, at) for place in range(count)]


def test_a_burst_is_found_told_and_cleared():
    bench = Bench()

    for at in (0, 60, 120, 180, 300):
        bench.now = at
        bench.handle(*(burst(1000, at) if at == 180 else [record(at, at)]))
    opened = list(bench.subjects)
    bench.now = 420
    bench.handle(record(420, 420))

    assert bench.history() == [(0, 1), (60, 1), (120, 1), (180, 7), (240, 0), (300, 1)]
    assert [subject.partition(" at ")[0] for subject in opened] == ["[demo01] anomaly in page_views"]
    assert bench.subjects[1:] == ["[demo01] all clear for page_views at 1970-01-01 00:03 UTC"]
    (finding,) = bench.dynamodb.findings()
    assert {name: next(iter(value.values())) for name, value in finding.items()} == {
        "eventId": "anomaly:page_views",
        "timestamp": "180",
        "eventType": "anomaly",
        "series": "page_views",
        "status": "cleared",
        "windowSeconds": "60",
        "value": "7",
        "expected": "3",
        "low": "0",
        "high": "5",
        "score": "1",
        "highestScore": "1",
        "lastWindow": "180",
        "clearedAt": "240",
    }


def test_the_metrics_of_a_window_are_told_by_series_and_for_all():
    bench = Bench()

    bench.handle(*burst(0, 0), record(9, 120))

    line = next(json.loads(line) for line in bench.log if "AnomalyScore" in line)
    assert line["Anomalies"] == [1]
    assert line["AnomalyScore"] == [1.0]
    assert (line["Pipeline"], line["Series"]) == ("demo01", "page_views")
    assert line["_aws"]["Timestamp"] == NOW * 1000
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "RealTimeAnalytics"
    assert directive["Dimensions"] == [["Pipeline"], ["Pipeline", "Series"]]
    assert bench.metrics("AnomalyNoticesFailed") == 0


def test_a_batch_ends_with_a_line_for_people():
    bench = Bench()
    bench.handle(record(1, 600))

    bench.handle(record(2, 0), record(3, 9000, arrived_at=600), record(1, 600), record(4, 601, eventName="MODIFY"))

    assert bench.log[-1] == "watched records=4 counted=0 again=1 late=1 ahead=1 windows_closed=0 duration_ms=0"
    assert (bench.metrics("LateRecords"), bench.metrics("FutureRecords")) == (1, 1)


def test_a_late_record_delivered_again_is_late_once():
    bench = Bench()
    bench.handle(record(1, 600))
    bench.handle(record(2, 0, arrived_at=600))
    bench.handle(record(2, 0, arrived_at=600))

    assert bench.metrics("LateRecords") == 1


def test_means_leave_windows_without_events_out_and_sums_do_not():
    bench = Bench(ALL_SERIES)
    load = {"metrics": {"M": {"load_time": {"N": "3.5"}}}}

    bench.handle(record(1, 0, image=load), record(2, 180, image=load), record(3, 300))

    assert bench.history("page_load_time") == [(0, 3.5), (180, 3.5)]
    assert bench.history("purchase_amount") == [(0, 0), (60, 0), (120, 0), (180, 0)]
    assert bench.history("page_views") == [(0, 1), (60, 0), (120, 0), (180, 1)]


def test_a_notice_that_cannot_be_published_is_counted_and_not_tried_again():
    bench = Bench()
    bench.topic.refusal = CallError("AuthorizationError")
    bench.handle(*burst(0, 0), record(9, 120))
    bench.topic.refusal = None
    bench.handle(*burst(0, 0), record(9, 120))

    assert bench.subjects == []
    assert bench.metrics("AnomalyNoticesFailed") == 1
    assert "nobody was told: AuthorizationError: [demo01] anomaly in page_views at 1970-01-01 00:00 UTC" in bench.log
    assert len(bench.dynamodb.findings()) == 1


def test_a_batch_that_conflicts_until_the_time_is_over_is_delivered_again():
    bench = Bench()

    def always(operation: str, when: str) -> None:
        if (operation, when) == ("TransactWriteItems", "before"):
            raise CallError("TransactionCanceledException", "reasons [TransactionConflict]")

    bench.dynamodb.trouble = always

    assert bench.handle(record(1, 0)) == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    assert "to be delivered again: TransactionCanceledException" in bench.log
    assert bench.log[-1].startswith("watched records=1 counted=0 ")


def test_what_waiting_does_not_cure_is_raised_and_what_was_done_is_told():
    bench = Bench()
    events = [record(place, place * 2) for place in range(SECONDS_AT_ONCE + 1)]
    commits = iter([None, CallError("AccessDeniedException")])

    def second(operation: str, when: str) -> None:
        if (operation, when) == ("TransactWriteItems", "before") and (error := next(commits)):
            raise error

    bench.dynamodb.trouble = second

    with pytest.raises(CallError, match="AccessDenied"):
        bench.handle(*events)
    assert f"counted={SECONDS_AT_ONCE} " in bench.log[-1]


def test_a_failure_in_the_middle_names_the_first_record_that_is_not_in_a_window():
    bench = Bench()
    events = [record(place, place) for place in range(3 * SECONDS_AT_ONCE)]
    commits = iter([True])

    def only_one(operation: str, when: str) -> None:
        if (operation, when) == ("TransactWriteItems", "before") and not next(commits, False):
            raise CallError("ThrottlingException", is_passing=True)

    bench.dynamodb.trouble = only_one

    assert bench.handle(*events) == {"batchItemFailures": [{"itemIdentifier": str(100 + SECONDS_AT_ONCE)}]}


def test_windows_that_there_is_no_time_to_close_are_closed_with_the_next_batch():
    bench = Bench()

    def slow(operation: str, when: str) -> None:
        if (operation, when) == ("TransactWriteItems", "after"):
            bench.invocation.sleep(10)

    bench.dynamodb.trouble = slow

    assert bench.handle(record(1, 0), record(2, 60 * 100_000)) == {"batchItemFailures": []}
    assert "windows to be closed with the next batch: out of time" in bench.log
    assert not any("delivered again" in line for line in bench.log)
    bench.invocation.remaining_ms, bench.dynamodb.trouble = 60_000, lambda operation, when: None
    bench.handle(record(3, 60 * 100_000))
    assert len(bench.history()) == 101


def test_a_long_silence_is_closed_in_several_changes_and_not_for_ever():
    bench = Bench()

    bench.handle(record(1, 0), record(2, 60 * 100_000))

    assert len(bench.dynamodb.commits) == 13
    assert bench.history()[0] == (0, 1)
    assert len(bench.history()) == 101


def test_the_fullest_change_there_can_be_is_one_transaction():
    bench = Bench(SETTINGS._replace(series=tuple(SERIES), clear_after_windows=1))
    types = ("page_view", "purchase", "user_signup", "click", "other")
    metrics = {"metrics": {"M": {"amount": {"N": "6"}, "load_time": {"N": "6"}}}}
    quiet = {"metrics": {"M": {"amount": {"N": "0"}, "load_time": {"N": "0"}}}}
    busy = [0, 120, 240, 360]
    records = [
        record(1000 * at + 10 * number + place, at, arrived_at=at + number, event_type=each, image=metrics)
        for at in busy
        for number in range(6)
        for place, each in enumerate(types)
    ]
    marks = {"rejected": {"S": "not_json"}}
    records += [record(9000 + at + number, at, image=marks) for at in busy for number in range(6)]
    records += [record(7000 + at, at + 60, event_type="page_view", image=quiet) for at in busy]
    records.sort(key=lambda each: int(each["dynamodb"]["NewImage"]["timestamp"]["N"]))

    bench.handle(*records, record(1, 540))

    assert len(bench.dynamodb.findings()) == 32
    assert max(map(len, bench.dynamodb.commits)) == 1 + 29 + 8 + 32
    assert 1 + SECONDS_AT_ONCE + 8 + 8 * CLOSED_AT_ONCE // 2 <= 100


def test_pieces_keep_the_order_and_their_limits():
    arrivals = [Arrival(str(place), b"", 0, place // 3, {}) for place in range(5000)]

    cut = list(pieces(arrivals))

    assert [each for piece in cut for each in piece] == arrivals
    assert all(len({each.arrived_at for each in piece}) <= SECONDS_AT_ONCE for piece in cut)
    assert [len(piece) for piece in pieces([Arrival("1", b"", 0, 0, {})] * 2500)] == [ARRIVALS_AT_ONCE] * 2 + [500]
    assert list(pieces([])) == []
