"""KPL aggregates: taken apart as they were put together, and told where they are none."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.aggregates import MAGIC, DamagedError, UserRecord, is_aggregate, taken_apart

from .kpl import aggregate, field, number, varint

# What Amazon's own library (aws-kinesis-agg 1.2.3 from PyPI) makes of three records: user_1000 with the explicit hash
# key 1, user_2000 with 2, and user_1000 with 1 again, whose two bytes are no text.
AMAZONS = bytes.fromhex(
    "f3899ac2"
    "0a09757365725f31303030" "0a09757365725f32303030"
    "120131" "120132"
    "1a15080010001a0f7b226576656e744964223a2261227d"
    "1a15080110011a0f7b226576656e744964223a2262227d"
    "1a08080010001a0200ff"
    "e1ca4efed0c5339b5103d5dcaac3231a"
)  # fmt: skip


def signed(message: bytes) -> bytes:
    """Whatever message, with what belongs before and behind it."""
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def test_what_amazons_library_makes_is_taken_apart() -> None:
    assert taken_apart(AMAZONS) == [
        UserRecord("user_1000", b'{"eventId":"a"}'),
        UserRecord("user_2000", b'{"eventId":"b"}'),
        UserRecord("user_1000", b"\x00\xff"),
    ]


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), min_size=1, max_size=300, unique=True),
    st.lists(st.binary(max_size=300), max_size=300),
)
def test_what_is_put_together_is_taken_apart(keys: list[str], payloads: list[bytes]) -> None:
    """Lengths and places of more than 127 take two bytes."""
    found = taken_apart(aggregate(*payloads, keys=tuple(keys)))

    assert found == [UserRecord(keys[place % len(keys)], payload) for place, payload in enumerate(payloads)]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 1_000_000])
def test_a_length_may_take_any_number_of_bytes(size: int) -> None:
    assert taken_apart(aggregate(b"x" * size, keys=("k",))) == [UserRecord("k", b"x" * size)]


def test_an_aggregate_of_nothing_has_no_records() -> None:
    assert taken_apart(signed(b"")) == []


def test_what_the_format_may_be_given_later_is_passed_over() -> None:
    record = number(1, 0) + number(2, 7) + field(3, b"data") + field(4, b"a tag") + number(9, 300) + field(10, b"more")
    message = field(1, b"k") + field(2, b"a hash key") + field(3, record) + field(7, b"news") + number(8, 2**63)

    assert taken_apart(signed(message)) == [UserRecord("k", b"data")]


def test_a_key_may_stand_behind_its_record() -> None:
    assert taken_apart(signed(field(3, number(1, 0) + field(3, b"data")) + field(1, b"k"))) == [
        UserRecord("k", b"data")
    ]


def test_only_what_begins_like_an_aggregate_may_be_one() -> None:
    assert is_aggregate(AMAZONS)
    assert not is_aggregate(b"{}")
    assert not is_aggregate(b"")


@given(st.integers(0, len(AMAZONS) - 1), st.integers(1, 255))
def test_any_byte_that_was_changed_is_noticed(place: int, change: int) -> None:
    data = bytearray(AMAZONS)
    data[place] ^= change

    assert not is_aggregate(bytes(data)) or _is_damaged(bytes(data))


@given(st.integers(len(MAGIC), len(AMAZONS) - 1))
def test_a_part_of_one_is_noticed(length: int) -> None:
    assert _is_damaged(AMAZONS[:length])


@pytest.mark.parametrize(
    "message",
    [
        field(1, b"k") + field(3, number(1, 1) + field(3, b"data")),
        field(3, number(1, 0) + field(3, b"data")),
        field(1, b"\xff") + field(3, number(1, 0) + field(3, b"data")),
        field(1, b"k") + field(3, field(3, b"data")),
        field(1, b"k") + field(3, number(1, 0)),
        field(1, b"k")[:-1],
        field(1, b"k") + varint(3 << 3 | 2) + varint(5) + b"four",
        varint(1 << 3 | 5) + b"\0\0\0\0",
        varint(1 << 3),
        b"\x80",
    ],
    ids=[
        "a key beyond the table", "no table", "a key that is no text", "a record without a key",
        "a record without data", "half a key", "a record that ends too soon", "a number of fixed size",
        "a number that is missing", "a number without an end",
    ],
)  # fmt: skip
def test_a_right_checksum_does_not_make_a_message_right(message: bytes) -> None:
    assert _is_damaged(signed(message))


@given(st.binary(max_size=200))
def test_whatever_stands_in_it_is_taken_apart_or_told(message: bytes) -> None:
    assert _is_damaged(signed(message)) or all(taken_apart(signed(message)))


def test_a_number_of_more_than_64_bits_is_refused() -> None:
    """A record has room for one of seven million bits, and to add that up would take minutes."""
    assert taken_apart(signed(number(1, 2**63))) == []
    assert _is_damaged(signed(number(1, 2**70)))
    assert _is_damaged(signed(varint(1 << 3) + b"\xff" * 1_000_000 + b"\x01"))


def _is_damaged(data: bytes) -> bool:
    try:
        taken_apart(data)
    except DamagedError:
        return True
    return False
