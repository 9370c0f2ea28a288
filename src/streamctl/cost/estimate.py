"""The lines of the bill: what is counted, how much of it a month, and what that costs.

Sources of the rules are AWS's pricing pages, named in prices.toml. Free tiers and volume discounts are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from streamctl.cost.demand import HOURS_OF_A_MONTH
from streamctl.cost.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.cost.demand import Demand
    from streamctl.cost.design import Design
    from streamctl.cost.prices import Prices

MILLION = 1e6
GB = 1e9
PUT_UNIT_BYTES = 25 * 1024
ON_DEMAND_STEP_BYTES = 1024
WRITE_UNIT_BYTES = 1024
SHORT_RETENTION_HOURS, LONG_RETENTION_HOURS = 24, 168
KEY_CALLS_PER_HOUR = 12
"""Kinesis asks KMS about every five minutes, for each credential that writes or reads."""
CREDENTIALS = 2
"""The producer's and the function's."""

TABLE_WRITES = "table writes"


@dataclass(frozen=True)
class Line:
    """What is billed, how much of it in a month, in which unit, by which price, and the dollars."""

    what: str
    quantity: float
    unit: str
    price: str
    dollars: float


def _line(prices: Prices, what: str, quantity: float, unit: str, price: str, each: float = 1) -> Line:
    """A price is for `each` so many of the unit."""
    return Line(what, quantity, unit, price, quantity / each * prices[price])


def bill(demand: Demand, design: Design, prices: Prices) -> dict[str, Line]:
    """A month's lines by what they are for; one that costs nothing is left out. Raises UsageError without a price."""
    flow = Flow(demand, design)
    lines = [
        *_stream(flow, prices),
        *_function(flow, prices),
        *_table(flow, prices),
        *_watching(flow, prices),
    ]
    return {line.what: line for line in lines if line.quantity}


def _stream(flow: Flow, prices: Prices) -> Iterator[Line]:
    if flow.design.shards is None:
        yield from _on_demand(flow, prices)
    else:
        yield _line(prices, "shards", flow.design.shards * HOURS_OF_A_MONTH, "shard-hours", "kinesis_shard_hour")
        units = flow.records * ceil(flow.record_bytes / PUT_UNIT_BYTES)
        yield _line(prices, "PUT payload units", units, "units", "kinesis_million_put_units", MILLION)
    yield from _retention(flow, prices)
    if flow.design.encrypted_stream:
        calls = CREDENTIALS * KEY_CALLS_PER_HOUR * HOURS_OF_A_MONTH
        yield _line(prices, "stream encryption", calls, "KMS calls", "kms_ten_thousand_requests", 1e4)


def _on_demand(flow: Flow, prices: Prices) -> Iterator[Line]:
    yield _line(prices, "stream", HOURS_OF_A_MONTH, "stream-hours", "kinesis_on_demand_stream_hour")
    # A record counts in whole kilobytes on its way in; it is read once.
    written = flow.records * ceil(flow.record_bytes / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES / GB
    yield _line(prices, "data in", written, "GB", "kinesis_on_demand_gb_in")
    yield _line(prices, "data out", flow.records * flow.record_bytes / GB, "GB", "kinesis_on_demand_gb_out")


def _retention(flow: Flow, prices: Prices) -> Iterator[Line]:
    """Beyond a day by the shard-hour, or by the GB on demand; beyond a week by the GB."""
    hours, shards = flow.design.retention_hours, flow.design.shards
    gb_an_hour = flow.records * flow.record_bytes / GB / HOURS_OF_A_MONTH
    if hours > SHORT_RETENTION_HOURS and shards is not None:
        yield _line(prices, "retention", shards * HOURS_OF_A_MONTH, "shard-hours", "kinesis_extended_shard_hour")
    elif hours > SHORT_RETENTION_HOURS:
        kept = gb_an_hour * (min(hours, LONG_RETENTION_HOURS) - SHORT_RETENTION_HOURS)
        yield _line(prices, "retention", kept, "GB-months", "kinesis_on_demand_extended_gb_month")
    if hours > LONG_RETENTION_HOURS:
        kept = gb_an_hour * (hours - LONG_RETENTION_HOURS)
        yield _line(prices, "long retention", kept, "GB-months", "kinesis_long_term_gb_month")


def _function(flow: Flow, prices: Prices) -> Iterator[Line]:
    design = flow.design
    yield _line(prices, "invocations", flow.invocations, "requests", "lambda_million_requests", MILLION)
    seconds = flow.invocations * design.processing.seconds(flow.events_per_batch, design.memory_mb)
    price = f"lambda_{design.architecture}_gb_second"
    yield _line(prices, "running time", seconds * design.memory_mb / 1024, "GB-seconds", price)


def _table(flow: Flow, prices: Prices) -> Iterator[Line]:
    size = flow.design.item_bytes(flow.demand.event_bytes)
    units = flow.demand.events * ceil(size / WRITE_UNIT_BYTES)
    yield _line(prices, TABLE_WRITES, units, "write units", "dynamodb_million_writes", MILLION)
    if flow.design.point_in_time_recovery:
        yield _line(prices, "point-in-time recovery", stored_gb(flow), "GB-months", "dynamodb_recovery_gb_month")


def stored_gb(flow: Flow) -> float:
    """What a month adds to the table."""
    return flow.demand.events * flow.design.item_bytes(flow.demand.event_bytes) / GB


def _watching(flow: Flow, prices: Prices) -> Iterator[Line]:
    """Logs, metrics, alarms, dashboards. A metric is billed for the hours it is published in, the others always."""
    design = flow.design
    logged = flow.invocations * design.processing.logged_bytes(flow.events_per_batch) / GB
    yield _line(prices, "logs", logged, "GB", "logs_gb")
    metrics = design.processing.metrics * min(1.0, flow.demand.hours / HOURS_OF_A_MONTH)
    yield _line(prices, "custom metrics", metrics, "metric-months", "metric_month")
    requests = flow.demand.events * design.processing.metric_requests
    yield _line(prices, "PutMetricData", requests, "requests", "thousand_metric_requests", 1e3)
    yield _line(prices, "alarms", design.alarms, "alarm-months", "alarm_month")
    yield _line(prices, "dashboards", design.dashboards, "dashboard-months", "dashboard_month")
    yield _line(prices, "KMS keys", design.keys, "key-months", "kms_key_month")
