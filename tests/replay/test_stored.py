from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.ledger import payload_hash
from streamctl.replay.stored import Wanted, are_stored

if TYPE_CHECKING:
    from tests.replay.conftest import World

WANTED = Wanted("a-1", frozenset({payload_hash(b"mine")}), 1000, 1000)


@pytest.mark.parametrize(
    ("row", "is_it"),
    [
        ({"rawData": {"S": "mine"}, "arrivedAtMs": {"N": "5"}}, True),
        ({"rawData": {"S": "another event of this id"}, "arrivedAtMs": {"N": "1000"}}, False),
        ({"payloadSha256": {"S": "00" * 32}, "arrivedAtMs": {"N": "1000"}}, False),
        ({"arrivedAtMs": {"N": "1000"}}, True),
        ({"arrivedAtMs": {"N": "1001"}}, False),
    ],
)
def test_a_row_proves_an_event_by_its_payload_and_only_without_one_by_its_arrival(
    row: dict[str, dict[str, str]], is_it: bool
) -> None:
    assert WANTED.is_in([row]) is is_it


def test_an_id_that_no_row_can_have_is_not_asked_for(world: World) -> None:
    longest, too_long = (Wanted("x" * size, frozenset({1}), 0) for size in (2048, 2049))

    assert are_stored(world.pipeline.aws, "results", [longest, too_long]) == [False, False]
