"""What a design cannot take at a rate, and what would."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from streamctl.cost.flow import ON_DEMAND_SHARDS, Flow, needed_shards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.cost.demand import Demand
    from streamctl.cost.design import Design

NEW_TABLE_WRITES_PER_SECOND = 4000
MOST_LANES_PER_SHARD = 10


def limits(demand: Demand, design: Design) -> list[str]:
    """A sentence for everything that is too small for the demand."""
    flow = Flow(demand, design)
    return [*_stream(flow), *_function(flow), *_table(flow)]


def _stream(flow: Flow) -> Iterator[str]:
    needed = needed_shards(flow.demand)
    rate = f"{flow.demand.events_per_second:,.6g} events a second of {flow.demand.event_bytes:,} bytes"
    if flow.design.shards is None and needed > ON_DEMAND_SHARDS:
        yield f"A new stream on demand takes 4,000 records or 4 MiB a second and grows in steps: {rate} need time."
    if flow.design.shards is not None and needed > flow.design.shards:
        hint = "" if flow.demand.aggregate else ", or fewer with --aggregate"
        yield f"The stream refuses a part: {rate} need [stream] shards = {needed:,}{hint}, not {flow.design.shards:,}."


def _function(flow: Flow) -> Iterator[str]:
    if flow.events_kept_up_with >= flow.demand.events_per_second:
        return
    needed = ceil(flow.demand.events_per_second / (flow.events_kept_up_with / flow.lanes))
    yield (
        f"The function falls behind: it keeps up with about {flow.events_kept_up_with:,.0f} events a second, "
        f"{flow.lanes:,} batches at a time. {_enough(flow, needed)}"
    )


def _enough(flow: Flow, lanes: int) -> str:
    """What gives so many batches at a time."""
    factor = ceil(lanes / flow.shards)
    if factor > MOST_LANES_PER_SHARD:
        shards = ceil(lanes / MOST_LANES_PER_SHARD)
        would = f"{shards:,} shards with [event_source] parallelization_factor = {MOST_LANES_PER_SHARD} would do"
    else:
        would = f"[event_source] parallelization_factor = {factor} would do"
    reserved = flow.design.concurrency
    return f"{would}, with [function] reserved_concurrency = {lanes:,}." if reserved else f"{would}."


def _table(flow: Flow) -> Iterator[str]:
    units = flow.demand.events_per_second * ceil(flow.design.item_bytes(flow.demand.event_bytes) / 1024)
    if units > NEW_TABLE_WRITES_PER_SECOND:
        yield (
            f"A new table takes about {NEW_TABLE_WRITES_PER_SECOND:,} write units a second, this needs {units:,.0f}: "
            "it grows with the load, and what it refuses until then is written later."
        )
