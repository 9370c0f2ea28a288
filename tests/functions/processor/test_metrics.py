from __future__ import annotations

import json
from collections import Counter
from typing import Any

from streamctl.functions.processor.item import Item
from streamctl.functions.processor.metrics import metric_lines

AT_MS = 1_795_450_321_250


def item(event_type: str = "click", device_type: str = "mobile", amount: float | None = None) -> Item:
    return Item(("e1", "0"), b"{}", 0, event_type, device_type, amount)


def lines(stored: list[Item], rejected: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in metric_lines(stored, rejected, AT_MS)]


def test_the_first_line_has_no_dimensions():
    assert lines([item("purchase", amount=10.99), item()], rejected=3)[0] == {
        "_aws": {
            "Timestamp": AT_MS,
            "CloudWatchMetrics": [
                {
                    "Namespace": "RealTimeAnalytics",
                    "Dimensions": [[]],
                    "Metrics": [
                        {"Name": "EventsProcessed", "Unit": "Count"},
                        {"Name": "RecordsRejected", "Unit": "Count"},
                        {"Name": "PurchaseAmount", "Unit": "None"},
                    ],
                }
            ],
        },
        "EventsProcessed": 2,
        "RecordsRejected": 3,
        "PurchaseAmount": [10.99],
    }


def test_each_combination_of_type_and_device_has_its_line():
    by_dimensions = lines([item("click", "mobile"), item("click", "tablet"), item("click", "mobile")])[1:]

    assert by_dimensions[0] == {
        "_aws": {
            "Timestamp": AT_MS,
            "CloudWatchMetrics": [
                {
                    "Namespace": "RealTimeAnalytics",
                    "Dimensions": [["EventType", "DeviceType"]],
                    "Metrics": [{"Name": "EventsProcessed", "Unit": "Count"}],
                }
            ],
        },
        "EventType": "click",
        "DeviceType": "mobile",
        "EventsProcessed": 2,
    }
    assert [(line["DeviceType"], line["EventsProcessed"]) for line in by_dimensions] == [("mobile", 2), ("tablet", 1)]


def test_data_cannot_make_up_dimension_values():
    wild = [item(f"type{number}", f"device{number}") for number in range(500)] + [item("", "")]

    assert [(line["EventType"], line["DeviceType"], line["EventsProcessed"]) for line in lines(wild)[1:]] == [
        ("other", "other", 501)
    ]


def test_no_line_holds_more_than_100_amounts_and_none_is_lost():
    amounts = [float(number) for number in range(250)]
    found = lines([item("purchase", amount=amount) for amount in amounts])
    with_amounts = [line["PurchaseAmount"] for line in found if "PurchaseAmount" in line]

    assert [len(values) for values in with_amounts] == [100, 100, 50]
    assert [amount for values in with_amounts for amount in values] == amounts


def test_each_event_is_counted_once_in_every_set_of_dimensions():
    found = lines([item("purchase", amount=1.0) for _ in range(250)])
    counted = Counter()
    for line in found:
        counted[line.get("EventType")] += line.get("EventsProcessed", 0)

    assert counted == {None: 250, "purchase": 250}


def test_rejected_records_alone_are_counted_too():
    assert [line["RecordsRejected"] for line in lines([], rejected=2)] == [2]


def test_where_nothing_was_done_nothing_is_counted():
    assert lines([]) == []
