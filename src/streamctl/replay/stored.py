"""Whether events are in the table already."""

from __future__ import annotations

import math
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.functions.aws.attribute_values import LONGEST_PARTITION_KEY_BYTES, storable_text, text_bytes
from streamctl.verify import items, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.aws import Aws
    from streamctl.verify.items import Item

QUERIES_AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row of an event: one made of one of these payloads.

    A row that does not tell its payload is believed where its record arrived in this time, in epoch ms.
    """

    event_id: str
    payload_hashes: frozenset[int]
    arrived_from_ms: int
    arrived_to_ms: float = math.inf

    def is_in(self, rows: Sequence[Item]) -> bool:
        return any(map(self._is, rows))

    def _is(self, row: Item) -> bool:
        if items.tells_its_payload(row):
            return items.sent_hash(row) in self.payload_hashes
        return self.arrived_from_ms <= (items.arrived_at_ms(row) or -1) <= self.arrived_to_ms


def are_stored(aws: Aws, name: str, wanted: Sequence[Wanted]) -> list[bool]:
    """For each, whether the table has its row. Raises AwsError."""
    dynamodb: Any = aws.client("dynamodb")
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(wanted):
        if text_bytes(each.event_id) <= LONGEST_PARTITION_KEY_BYTES:  # no row has a longer one, nor may be asked for
            places[storable_text(each.event_id)].append(place)
    answers = [False] * len(wanted)
    with failures.explained(f"read the table {name}"), ThreadPoolExecutor(QUERIES_AT_A_TIME) as pool:
        for event_id, rows in zip(
            places, pool.map(lambda it: list(table.rows(dynamodb, name, it)), places), strict=True
        ):
            for place in places[event_id]:
                answers[place] = wanted[place].is_in(rows)
    return answers
