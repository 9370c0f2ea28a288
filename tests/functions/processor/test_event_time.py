from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.event_time import epoch_seconds

MOMENT = 1_795_450_314  # 2026-11-23T16:11:54Z


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-11-23T16:11:54Z", MOMENT),
        ("2026-11-23T16:11:54.999Z", MOMENT),
        ("2026-11-23T16:11:54", MOMENT),
        ("2026-11-23 16:11:54.123456789+00:00", MOMENT),
        ("2026-11-23T21:41:54+05:30", MOMENT),
        ("20261123T161154Z", MOMENT),
        ("2026-11-23", 1_795_392_000),
        ("1969-12-31T23:59:59.5Z", -1),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140),
        ("9999-12-31T23:59:59-23:59", 253_402_387_139),
        (Decimal(MOMENT), MOMENT),
        (Decimal("1795450314.999"), MOMENT),
        (Decimal(MOMENT * 1000 + 123), MOMENT),
        (str(MOMENT), MOMENT),
        (str(MOMENT * 1000 + 999), MOMENT),
    ],
)
def test_a_time_is_whole_seconds_since_the_epoch(value, seconds):
    assert epoch_seconds(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [MOMENT],
        {"seconds": MOMENT},
        "",
        "yesterday",
        "2026-13-01",
        "2026-11-23T16:11:54\ud800",
        "Mon, 23 Nov 2026 16:11:54 GMT",
        "20261123",
        "१७९५४५०३१४",
        Decimal(0),
        Decimal(-1),
        Decimal(MOMENT * 1_000_000),
        Decimal("1e400"),
        Decimal("1e999999999999999999"),
        Decimal("1e-999999999999999999"),
    ],
)
def test_what_tells_no_time_is_none(value):
    assert epoch_seconds(value) is None


OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 - bounds are naive
def test_any_written_time_is_the_moment_it_names(moment):
    assert epoch_seconds(moment.isoformat()) == int(moment.astimezone(UTC).timestamp() // 1)


@given(st.text() | st.decimals(allow_nan=False, allow_infinity=False))
def test_no_value_is_an_error(value):
    assert epoch_seconds(value) is None or isinstance(epoch_seconds(value), int)
