"""Kinesis: iterators that keep their place, answers of AWS's size, and the end of a closed shard.

MiniStack's iterators count positions in a list that shrinks when records expire, so that they skip records then. Ours
name the sequence number they stand behind, and need no memory in the server.
"""

from __future__ import annotations

import base64
import json
import time
from bisect import bisect_right
from typing import Any

from ministack.services import kinesis

from streamctl.emulator.mends.replacing import replace
from streamctl.emulator.mends.resharding import is_closed
from streamctl.emulator.mends.responses import Response, answer, invalid, missing, refuse

RESPONSE_BYTES = 10 * 1024 * 1024


def apply() -> None:
    replace(kinesis, "_get_shard_iterator", _get_shard_iterator)
    replace(kinesis, "_get_records", _get_records)


def _get_shard_iterator(data: dict[str, Any]) -> Response:
    name, stream = kinesis._resolve_stream(data)
    shard = stream and stream["shards"].get(data.get("ShardId"))
    if not shard:
        return missing(f"Shard {data.get('ShardId')} in stream {name} does not exist")
    kinesis._expire_records(stream)
    records = shard["records"]
    kind, sequence = data.get("ShardIteratorType"), data.get("StartingSequenceNumber", "")
    position = kinesis._start_position(records, kind, sequence, data.get("Timestamp"))
    if position is None:
        return invalid(f"ShardIteratorType {kind} is not known")
    behind = records[position - 1]["SequenceNumber"] if position else ""
    return answer({"ShardIterator": _iterator(stream["StreamName"], data["ShardId"], behind)})


def _get_records(data: dict[str, Any]) -> Response:
    try:
        name, shard_id, behind, made_at = position_of(data["ShardIterator"])
    except ValueError:
        return invalid("The shard iterator is not valid")
    if time.time() - made_at > kinesis.ITERATOR_EXPIRY_SECONDS:
        return refuse("ExpiredIteratorException", "Iterator expired")
    stream = kinesis._streams.get(name)
    shard = stream and stream["shards"].get(shard_id)
    if not shard:
        return missing(f"Shard {shard_id} in stream {name} does not exist")
    kinesis._expire_records(stream)
    records = shard["records"]
    first = bisect_right(records, behind, key=lambda each: each["SequenceNumber"])
    page = _page(records, first, min(data.get("Limit", 10_000), 10_000))
    following = first + len(page)
    behind = page[-1]["SequenceNumber"] if page else behind
    at_end = is_closed(shard) and following == len(records)
    lag = time.time() - records[following]["ApproximateArrivalTimestamp"] if following < len(records) else 0
    return answer(
        {
            "Records": [each | {"EncryptionType": stream.get("EncryptionType", "NONE")} for each in page],
            "MillisBehindLatest": max(0, int(lag * 1000)),
            **({} if at_end else {"NextShardIterator": _iterator(name, shard_id, behind)}),
        }
    )


def _page(records: list[dict[str, Any]], first: int, limit: int) -> list[dict[str, Any]]:
    """As many as fit: AWS answers with at most 10 MiB, MiniStack with whatever there is."""
    page: list[dict[str, Any]] = []
    room = RESPONSE_BYTES
    for record in records[first : first + limit]:
        room -= len(record["Data"]) * 3 // 4
        if page and room < 0:
            break
        page.append(record)
    return page


def position_of(iterator: str) -> tuple[str, str, str, float]:
    """Stream, shard, the sequence number it stands behind, and when it was made. Raises ValueError."""
    stream_name, shard_id, behind, made_at = json.loads(base64.urlsafe_b64decode(iterator))
    return stream_name, shard_id, behind, made_at


def _iterator(stream_name: str, shard_id: str, behind: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([stream_name, shard_id, behind, time.time()]).encode()).decode()
