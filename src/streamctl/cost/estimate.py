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
    """What is billed, how much of it in a month, in which unit, and the dollars."""

    what: str
    quantity: float
    unit: str
    dollars: float


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
        hours = flow.design.shards * HOURS_OF_A_MONTH
        yield Line("shards", hours, "shard-hours", hours * prices["kinesis_shard_hour"])
        units = flow.records * ceil(flow.record_bytes / PUT_UNIT_BYTES)
        yield Line("PUT payload units", units, "units", units / MILLION * prices["kinesis_million_put_units"])
    yield from _retention(flow, prices)
    if flow.design.encrypted_stream:
        calls = CREDENTIALS * KEY_CALLS_PER_HOUR * HOURS_OF_A_MONTH
        yield Line("stream encryption", calls, "KMS calls", calls / 1e4 * prices["kms_ten_thousand_requests"])


def _on_demand(flow: Flow, prices: Prices) -> Iterator[Line]:
    yield Line("stream", HOURS_OF_A_MONTH, "stream-hours", HOURS_OF_A_MONTH * prices["kinesis_on_demand_stream_hour"])
    # A record counts in whole kilobytes on its way in; it is read once.
    written = flow.records * ceil(flow.record_bytes / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES / GB
    yield Line("data in", written, "GB", written * prices["kinesis_on_demand_gb_in"])
    read = flow.records * flow.record_bytes / GB
    yield Line("data out", read, "GB", read * prices["kinesis_on_demand_gb_out"])


def _retention(flow: Flow, prices: Prices) -> Iterator[Line]:
    """Beyond a day by the shard-hour, or by the GB on demand; beyond a week by the GB."""
    design = flow.design
    gb_an_hour = flow.records * flow.record_bytes / GB / HOURS_OF_A_MONTH
    if design.retention_hours > SHORT_RETENTION_HOURS and design.shards is not None:
        hours = design.shards * HOURS_OF_A_MONTH
        yield Line("retention", hours, "shard-hours", hours * prices["kinesis_extended_shard_hour"])
    elif design.retention_hours > SHORT_RETENTION_HOURS:
        kept = gb_an_hour * (min(design.retention_hours, LONG_RETENTION_HOURS) - SHORT_RETENTION_HOURS)
        yield Line("retention", kept, "GB-months", kept * prices["kinesis_on_demand_extended_gb_month"])
    if design.retention_hours > LONG_RETENTION_HOURS:
        kept = gb_an_hour * (design.retention_hours - LONG_RETENTION_HOURS)
        yield Line("long retention", kept, "GB-months", kept * prices["kinesis_long_term_gb_month"])


def _function(flow: Flow, prices: Prices) -> Iterator[Line]:
    design = flow.design
    yield Line(
        "invocations", flow.invocations, "requests", flow.invocations / MILLION * prices["lambda_million_requests"]
    )
    seconds = flow.invocations * design.processing.seconds(flow.events_per_batch, design.memory_mb)
    gb_seconds = seconds * design.memory_mb / 1024
    price = prices[f"lambda_{design.architecture}_gb_second"]
    yield Line("running time", gb_seconds, "GB-seconds", gb_seconds * price)


def _table(flow: Flow, prices: Prices) -> Iterator[Line]:
    size = flow.design.item_bytes(flow.demand.event_bytes)
    units = flow.demand.events * ceil(size / WRITE_UNIT_BYTES)
    yield Line(TABLE_WRITES, units, "write units", units / MILLION * prices["dynamodb_million_writes"])
    if flow.design.point_in_time_recovery:
        gb = stored_gb(flow)
        yield Line("point-in-time recovery", gb, "GB-months", gb * prices["dynamodb_recovery_gb_month"])


def stored_gb(flow: Flow) -> float:
    """What a month adds to the table."""
    return flow.demand.events * flow.design.item_bytes(flow.demand.event_bytes) / GB


def _watching(flow: Flow, prices: Prices) -> Iterator[Line]:
    """Logs, metrics, alarms. A metric is billed for the hours it is published in, an alarm and a key always."""
    design = flow.design
    logged = flow.invocations * design.processing.logged_bytes(flow.events_per_batch) / GB
    yield Line("logs", logged, "GB", logged * prices["logs_gb"])
    metrics = design.processing.metrics * min(1.0, flow.demand.hours / HOURS_OF_A_MONTH)
    yield Line("custom metrics", metrics, "metric-months", metrics * prices["metric_month"])
    requests = flow.demand.events * design.processing.metric_requests
    yield Line("PutMetricData", requests, "requests", requests / 1e3 * prices["thousand_metric_requests"])
    yield Line("alarms", design.alarms, "alarm-months", design.alarms * prices["alarm_month"])
    yield Line("KMS keys", design.keys, "key-months", design.keys * prices["kms_key_month"])
