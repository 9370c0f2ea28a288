"""The whole table is read, however many pages it has, and whatever goes wrong with one of them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from hypothesis import given
from hypothesis import strategies as st

from streamctl.errors import AwsError
from streamctl.verify.scan import SEGMENTS, THROTTLED_TRIES, scan
from streamctl.verify.table import COMPARED
from tests.verify.conftest import purchase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.verify.conftest import Pipeline

THROTTLED = ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "Scan")
BROKEN = ClientError({"ResponseMetadata": {"HTTPStatusCode": 500}, "Error": {"Code": "InternalServerError"}}, "Scan")
LOST = ConnectionClosedError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Scan")


class Table:
    """A table of the given segments, each a list of pages, each a list of ids. Answers as DynamoDB does."""

    def __init__(self, *segments: list[list[str]], errors: dict[int, Exception] | None = None) -> None:
        self.segments = segments
        self.asked: list[dict[str, Any]] = []
        self.pauses: list[float] = []
        self._errors = errors or {}
        self._lock = threading.Lock()

    def post(self, operation: str, body: bytes) -> bytes:
        assert operation == "Scan"
        request = json.loads(body)
        with self._lock:
            self.asked.append(request)
            error = self._errors.get(len(self.asked))
        if error:
            raise error
        return json.dumps(self._page(**request)).encode()

    def _page(self, Segment: int | None = None, ExclusiveStartKey: Any = None, **others: Any) -> dict[str, Any]:
        pages = list(chain.from_iterable(self.segments)) if Segment is None else self.segments[Segment]
        number = int(ExclusiveStartKey["page"]["N"]) if ExclusiveStartKey else 0
        more = {"LastEvaluatedKey": {"page": {"N": str(number + 1)}}} if number + 1 < len(pages) else {}
        return {"Items": [{"eventId": {"S": event_id}} for event_id in pages[number]], **more}

    def scan(self) -> Iterator[str]:
        rows = scan(cast("Any", self), "results", segments=len(self.segments), sleep=self.pauses.append)
        return (row["eventId"]["S"] for row in rows)


def ids(count: int) -> list[str]:
    return [f"e{number}" for number in range(count)]


def test_a_table_of_one_page_is_read_with_one_request() -> None:
    table = Table([ids(3)], [])

    assert list(table.scan()) == ids(3)
    (request,) = table.asked
    assert (request["TableName"], request["ConsistentRead"]) == ("results", True)
    names = request["ExpressionAttributeNames"]
    assert sorted(names[each] for each in request["ProjectionExpression"].split(",")) == sorted(COMPARED)
    assert "TotalSegments" not in request


def test_an_empty_table_has_no_rows() -> None:
    assert list(Table([[]]).scan()) == []


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_row_of_every_segment_is_handed_out_once(sizes: list[list[int]]) -> None:
    """However many pages a segment has, and where a page is empty, too: a filter or a deletion leaves such ones."""
    names = iter(ids(1000))
    table = Table(*([[next(names) for _ in range(size)] for size in pages] for pages in sizes))

    assert Counter(table.scan()) == Counter(ids(sum(map(sum, sizes))))


def test_segments_are_read_to_their_end_and_nothing_is_read_twice() -> None:
    table = Table([["a"], ["b"], ["c"]], [["d"]])

    assert sorted(table.scan()) == ["a", "b", "c", "d"]
    places = [(each.get("Segment"), each.get("TotalSegments"), "ExclusiveStartKey" in each) for each in table.asked]
    assert Counter(places) == {(None, None, False): 1, (0, 2, False): 1, (0, 2, True): 2, (1, 2, False): 1}


def test_dynamodb_answers_to_segments_as_it_does_to_the_whole(pipeline: Pipeline) -> None:
    for number in range(12):
        pipeline.store(purchase(number), filler={"S": "x" * 300_000})
    heard: list[str] = []
    direct = pipeline.aws.direct("dynamodb")
    pipeline.aws.once("dynamodb").meta.events.register_first(
        "before-send.dynamodb.Scan", lambda request, **_: heard.append(json.loads(request.body).get("Segment"))
    )

    found = [row["eventId"]["S"] for row in scan(direct, "results")]

    assert sorted(found) == [purchase(number)["eventId"] for number in range(12)]
    assert heard[0] is None
    assert set(heard[1:]) == set(range(SEGMENTS))


@pytest.mark.parametrize("error", [THROTTLED, BROKEN, LOST])
@pytest.mark.parametrize("request_number", [1, 2, 4])
def test_a_page_that_fails_for_a_passing_reason_is_asked_for_again(error: Exception, request_number: int) -> None:
    table = Table([["a"], ["b"]], [["c"]], errors={request_number: error})

    assert sorted(table.scan()) == ["a", "b", "c"]
    assert len(table.asked) == 1 + 3 + 1
    assert len(table.pauses) == 1


@pytest.mark.parametrize(
    ("error", "tries"), [(THROTTLED, THROTTLED_TRIES), (BROKEN, 4), (LOST, 4), (DENIED, 1), (ZeroDivisionError(), 1)]
)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_what_does_not_pass_is_told(error: Exception, tries: int, pages_before: int) -> None:
    table = Table([["a"], ["b"]], errors=dict.fromkeys(range(1 + pages_before, 100), error))

    with pytest.raises(type(error)):
        list(table.scan())
    assert len(table.asked) == pages_before + tries


@pytest.mark.parametrize("said", [b"<html>Sign in</html>", b'{"message": "sign in"}', b"[]"])
@pytest.mark.parametrize("pages", [1, 2])
def test_an_answer_of_somebody_else_is_told(pages: int, said: bytes) -> None:
    class Portal(Table):
        def post(self, operation: str, body: bytes) -> bytes:
            answer = super().post(operation, body)
            return said if len(self.asked) == pages else answer

    with pytest.raises(AwsError, match=r"A page of the table is (no )?JSON"):
        list(Portal([["a"], ["b"]]).scan())


def test_no_more_than_a_page_of_each_segment_is_read_ahead() -> None:
    table = Table([["a"]] * 9, [["b"]] * 9)
    rows = table.scan()
    for taken in range(1, 19):
        next(rows)
        _wait_until(lambda taken=taken: len(table.asked) >= min(1 + 18, 1 + taken))
        assert len(table.asked) <= 1 + taken + 2


def test_nobody_waits_for_a_page_that_hangs() -> None:
    """As with Ctrl-C: the reader leaves, and the page never comes."""
    hangs, goes_on = threading.Event(), threading.Event()

    class Hanging(Table):
        def post(self, operation: str, body: bytes) -> bytes:
            if json.loads(body).get("Segment") == 1:
                hangs.set()
                goes_on.wait()
            return super().post(operation, body)

    rows = Hanging([["a"], ["b"]], [["c"]]).scan()
    next(rows)
    assert hangs.wait(10)
    rows.close()
    readers = [each for each in threading.enumerate() if each.name == "scanning"]
    assert readers
    assert all(each.daemon for each in readers)
    goes_on.set()
    for each in readers:
        each.join(10)
        assert not each.is_alive()


def _wait_until(reached: Callable[[], bool]) -> None:
    for _ in range(1000):
        if reached():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it is not reached")
