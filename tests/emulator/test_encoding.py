from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from streamctl.emulator.encoding import PIECE, TAGS, decode, encode

KEYS = st.sampled_from([*sorted(TAGS), "data"]) | st.text(max_size=3)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.binary()
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


def round_trip(value: object) -> Any:
    return decode("".join(encode(value)))


@given(DOCUMENTS)
def test_any_document_survives_however_much_it_looks_like_a_tag(document: object) -> None:
    assert round_trip(document) == document


@given(DOCUMENTS)
def test_so_does_a_document_within_a_service(document: object) -> None:
    streams = AccountRegionScopedDict.from_dict({("1", "eu-west-1", "__bytes__"): document})
    buckets = AccountScopedDict.from_dict({("1", ("a", "tuple")): {"held": [streams, document]}})
    restored = round_trip({"s3": buckets, "kinesis": {"streams": streams}})
    assert restored["kinesis"]["streams"].to_dict() == streams.to_dict()
    ((key, held),) = restored["s3"].to_dict().items()
    assert key == ("1", ("a", "tuple"))
    assert held["held"][0].to_dict() == streams.to_dict()
    assert held["held"][1] == document


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE])
def test_large_containers_come_back_whole_and_in_order(size: int) -> None:
    value = {"list": list(range(size)), "dict": {str(n): [{"__bytes__": n}] for n in range(size)}}
    restored = round_trip(value)
    assert restored == value
    assert list(restored["dict"]) == list(value["dict"])


def test_a_large_container_is_encoded_in_pieces() -> None:
    assert len(list(encode(list(range(10 * PIECE))))) > 10


def test_an_object_that_is_no_data_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        round_trip({"x": object()})
