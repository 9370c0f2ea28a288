"""A monitor with fakes around it: a DynamoDB in memory, a topic that keeps what it is told, a detector of one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.functions.anomaly_detector.change import Changer
from streamctl.functions.anomaly_detector.handler import Monitor
from streamctl.functions.anomaly_detector.settings import Settings
from streamctl.functions.anomaly_detector.store import Store
from streamctl.functions.aws.errors import CallError

from ..processor.lambda_events import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamctl.functions.anomaly_detector.notices import Notice

STATE, RESULTS = "state", "results"
NOW = 1_800_000_000
HIGHEST = 5.0
SETTINGS = Settings("demo01", ("page_views",), 60, 60, 0.5, 0, 2)


class Verdict(NamedTuple):
    score: float
    expected: float
    low: float
    high: float


class OverFive:
    """Finds every value above five; remembers how many it has seen."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self.seen: int = state["seen"] if state else 0

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def update(self, value: float, at: float) -> Verdict:
        self.seen += 1
        return Verdict(1.0 if value > HIGHEST else 0.0, 3.0, 0.0, HIGHEST)


class FakeDynamoDB:
    """Two tables. `trouble` is asked before and after each call takes effect: it may raise."""

    def __init__(self, trouble: Callable[[str, str], None] = lambda operation, when: None) -> None:
        self.trouble = trouble
        self.tables: dict[str, dict[Any, dict[str, Any]]] = {STATE: {}, RESULTS: {}}
        self.commits: list[list[dict[str, Any]]] = []

    def post(self, operation: str, body: bytes) -> Any:
        self.trouble(operation, "before")
        answer = getattr(self, f"_{operation}")(json.loads(body))
        self.trouble(operation, "after")
        return answer

    def findings(self) -> list[dict[str, Any]]:
        return [self.tables[RESULTS][key] for key in sorted(self.tables[RESULTS])]

    def history(self, series: str) -> list[list[float]]:
        item = self.tables[STATE].get(f"series:{series}")
        return list(json.loads(item["state"]["S"])["history"]) if item else []

    def _GetItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  DynamoDB's own name
        assert request["ConsistentRead"]
        item = self.tables[request["TableName"]].get(request["Key"]["id"]["S"])
        return {"Item": item} if item else {}

    def _BatchGetItem(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        ((table, wanted),) = request["RequestItems"].items()
        assert wanted["ConsistentRead"]
        assert 0 < len(wanted["Keys"]) <= 100
        ids = [key["id"]["S"] for key in wanted["Keys"]]
        assert len(set(ids)) == len(ids)
        return {"Responses": {table: [self.tables[table][name] for name in ids if name in self.tables[table]]}}

    def _TransactWriteItems(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        puts = [item["Put"] for item in request["TransactItems"]]
        keys = [(put["TableName"], _key(put["Item"])) for put in puts]
        assert len(set(keys)) == len(keys) <= 100
        for put, (table, key) in zip(puts, keys, strict=True):
            if not _holds(put, self.tables[table].get(key)):
                raise CallError("TransactionCanceledException", "reasons [ConditionalCheckFailed, None]")
        for put, (table, key) in zip(puts, keys, strict=True):
            self.tables[table][key] = put["Item"]
        self.commits.append(puts)
        return {}


def _key(item: dict[str, Any]) -> Any:
    return item["id"]["S"] if "id" in item else (item["eventId"]["S"], int(item["timestamp"]["N"]))


def _holds(put: dict[str, Any], there: dict[str, Any] | None) -> bool:
    match put.get("ConditionExpression"):
        case None:
            return True
        case "attribute_not_exists(id)":
            return there is None
        case "version = :read":
            return there is not None and there["version"] == put["ExpressionAttributeValues"][":read"]
    raise AssertionError(put)


class FakeTopic:
    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.refusal: CallError | None = None

    def publish(self, notice: Notice) -> None:
        if self.refusal:
            raise self.refusal
        self.notices.append(notice)


class Bench:
    """`handle` is one invocation with some records."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        self.dynamodb = FakeDynamoDB()
        self.topic = FakeTopic()
        self.log: list[str] = []
        self.invocation = Invocation(60_000)
        self.now = NOW

    def handle(self, *records: dict[str, Any]) -> dict[str, Any]:
        store = Store(self.dynamodb, STATE, RESULTS)
        monitor = Monitor(
            self.settings,
            Changer(store, self.settings, OverFive),
            self.topic,
            clock=lambda: self.now,
            sleep=self.invocation.sleep,
            log=self.log.append,
        )
        return monitor.handle({"Records": list(records)}, self.invocation)

    @property
    def subjects(self) -> list[str]:
        return [notice.subject for notice in self.topic.notices]

    def history(self, series: str = "page_views") -> list[tuple[int, float]]:
        """Start and value of each window that was closed."""
        return [(start, value) for start, value, *_ in self.dynamodb.history(series)]

    def metrics(self, name: str) -> float:
        """The sum of a metric over all log lines, each line once."""
        lines = [json.loads(line) for line in self.log if line.startswith("{")]
        values = [line[name] for line in lines if name in line]
        return sum(sum(value) if isinstance(value, list) else value for value in values)


def make_tables(dynamodb: Any) -> None:
    """Both, empty, where a client of DynamoDB says."""
    for table, keys in {STATE: {"id": "S"}, RESULTS: {"eventId": "S", "timestamp": "N"}}.items():
        schema = zip(keys, ("HASH", "RANGE"), strict=False)
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": name, "KeyType": part} for name, part in schema],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in keys.items()],
            BillingMode="PAY_PER_REQUEST",
        )


def record(
    number: int, at: int, arrived_at: int | None = None, event_type: str = "page_view", **changes: Any
) -> dict[str, Any]:
    """One change of the results table: an event stored, which happened at `at` and arrived `arrived_at`."""
    image = {
        "eventId": {"S": f"e{number}"},
        "timestamp": {"N": str(at)},
        "eventType": {"S": event_type},
        "arrivedAtMs": {"N": str(1000 * (at if arrived_at is None else arrived_at) + 250)},
        "metrics": {"M": {}},
        **changes.pop("image", {}),
    }
    image = {name: value for name, value in image.items() if value is not None}
    return {
        "eventID": f"id{number}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(100 + number), "StreamViewType": "NEW_IMAGE", "NewImage": image},
        **changes,
    }
