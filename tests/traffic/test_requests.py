"""What fits into one request."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamctl.traffic.events import Event
from streamctl.traffic.requests import send, split


def event(size: int) -> Event:
    return Event(id="e", type="click", partition_key="k", payload=b"x" * (size - 1))


@given(st.lists(st.integers(1, 300), max_size=1200))
def test_requests_hold_every_event_once_in_order_and_keep_the_limits(sizes: list[int]) -> None:
    requests = list(split([event(size) for size in sizes], request_bytes=1000))

    assert [each.size for request in requests for each in request] == sizes
    assert all(0 < len(request) <= 500 for request in requests)
    assert all(sum(each.size for each in request) <= 1000 for request in requests)


def test_an_event_larger_than_a_request_stands_alone() -> None:
    assert [len(request) for request in split([event(10), event(2000), event(10)], request_bytes=1000)] == [1, 1, 1]


def test_sending_tells_the_shard_of_each_record_or_why_it_was_refused() -> None:
    class Kinesis:
        def put_records(self, **arguments: Any) -> dict[str, Any]:
            assert arguments == {"StreamName": "s", "Records": [{"Data": b"x", "PartitionKey": "k"}] * 2}
            return {"Records": [{"ShardId": "shard-1"}, {"ErrorCode": "InternalFailure"}]}

    assert send(Kinesis(), "s", [event(2), event(2)]) == [{"ShardId": "shard-1"}, {"ErrorCode": "InternalFailure"}]
