"""Faults on purpose: some of a run's events are poisoned, sent twice or made late, and all may share one partition key.

What is done to an event hangs on the seed and on the event's number; which events are poisoned does not change with
the shares of the other kinds.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from streamctl.errors import UsageError
from streamctl.ledger import Fault
from streamctl.traffic.lateness import carried, with_time
from streamctl.traffic.poison import poisoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from streamctl.traffic.events import Event
    from streamctl.traffic.sources import Source

HOT_KEY = "hot"
"""The partition key that all events share."""
_SHARE = re.compile(r"(?P<number>[0-9]*\.?[0-9]+)\s*(?P<percent>%?)")


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Shares of a run's events, from 0 to 1; no event is hit by more than one of them. Raises UsageError beyond 1."""

    poison: Decimal = Decimal(0)
    duplicate: Decimal = Decimal(0)
    late: Decimal = Decimal(0)
    hot_key: bool = False

    def __post_init__(self) -> None:
        total = self.poison + self.duplicate + self.late
        if total > 1:
            raise UsageError(
                f"--poison, --duplicate and --late add up to {percentage(total)}.",
                "An event has one fault at most, so together they can be 100%.",
            )

    @property
    def any(self) -> bool:
        return bool(self.describe())

    def kind(self, lot: float) -> Fault:
        """What befalls an event that draws this lot, evenly from 0 to 1."""
        always = Fault.HOT if self.hot_key else Fault.NONE
        return always | next((fault for end, fault in self._kinds if lot < end), Fault.SOUND)

    @cached_property
    def _kinds(self) -> list[tuple[float, Fault]]:
        """Where the lots of each kind end."""
        ends = accumulate((self.poison, self.duplicate, self.late))
        kinds = Fault.POISONED, Fault.SOUND | Fault.DUPLICATED, Fault.SOUND | Fault.LATE
        return list(zip(map(float, ends), kinds, strict=True))

    def describe(self) -> dict[str, str]:
        """What is asked for, in words, by the name of its field."""
        shares = {"poison": self.poison, "duplicate": self.duplicate, "late": self.late}
        words = {name: percentage(share) for name, share in shares.items() if share}
        return words | ({"hot_key": "100%"} if self.hot_key else {})


class FaultyEvents:
    """The events of another source, some of them with a fault."""

    def __init__(
        self,
        source: Source,
        faults: Faults,
        *,
        seed: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = source.name
        self.seed: int | None = seed
        self.faults: Mapping[str, str] = faults.describe()
        self._source = source
        self._wanted = faults
        self._now = now
        self._lots = _lots(random.Random(f"{seed}"))  # noqa: S311  made-up faults, nothing secret
        self._taken = 0

    def take(self, run_id: str, count: int) -> list[Event]:
        return [self._hit(event) for event in self._source.take(run_id, count)]

    def _hit(self, event: Event) -> Event:
        fault = self._wanted.kind(next(self._lots))
        number, self._taken = self._taken, self._taken + 1
        changes: dict[str, Any] = {"fault": fault}
        if fault & Fault.HOT:
            changes["partition_key"] = HOT_KEY
        if fault & Fault.POISONED:
            changes |= {"payload": poisoned(event.payload, self._draws(number)), "unspoilt": event.payload}
        if fault & Fault.LATE:
            at = carried(self._now(), self._draws(number))
            changes |= {"payload": with_time(event.payload, at), "carried_seconds": int(at.timestamp())}
        return replace(event, **changes)

    def _draws(self, number: int) -> random.Random:
        """For one event, so that what is drawn for it changes no other."""
        return random.Random(f"{self.seed} {number}")  # noqa: S311  made-up faults, nothing secret


def share(text: str, option: str) -> Decimal:
    """A share of events: `2%`, `0.5%` or `0.02`. Raises UsageError, naming the option."""
    if given := _SHARE.fullmatch(text.strip()):
        value = Decimal(given["number"]) / (100 if given["percent"] else 1)
        if value < 1 or (value == 1 and given["percent"]):  # a bare 1 may be meant as 1% or as all
            return value
    raise UsageError(
        f"{option} {text!r}: that is no share of the events.", "Give a percentage from 0% to 100%: 2%, 0.5%, or 0.02."
    )


def percentage(share: Decimal) -> str:
    """`0.5%`."""
    return f"{(share * 100).normalize():f}%"


def _lots(rng: random.Random) -> Iterator[float]:
    """Evenly from 0 to 1, and each percent once in every hundred: 2% of 300 events are 6, and not 2 or 11."""
    while True:
        for percent in rng.sample(range(100), 100):
            yield (percent + rng.random()) / 100
