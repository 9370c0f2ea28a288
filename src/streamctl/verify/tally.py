"""The books added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.ledger import Fault, Outcome
from streamctl.verify.book import Found
from streamctl.verify.reconciliation import FaultAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

FAULTS = {"poison": Fault.POISONED, "duplicate": Fault.DUPLICATED, "late": Fault.LATE, "hot_key": Fault.HOT}


@dataclass(frozen=True)
class Tally:
    """How many events there are of each sort."""

    counts: Mapping[tuple[int, int, int], int]
    """By (Outcome, Found, Fault)."""

    def count(
        self,
        *states: Found,
        outcome: Outcome | None = None,
        having: Fault = Fault.NONE,
        lacking: Fault = Fault.NONE,
    ) -> int:
        """The events found so and sent so, to which all of `having` and nothing of `lacking` was done."""
        return sum(
            count
            for (sent, found, fault), count in self.counts.items()
            if found in states and outcome in (None, sent) and fault & having == having and not fault & lacking
        )

    def faults(self) -> dict[str, FaultAccount]:
        return {name: self._account(fault) for name, fault in FAULTS.items()}

    def _account(self, fault: Fault) -> FaultAccount:
        unsent = self.count(Found.NOWHERE, outcome=Outcome.UNSENT, having=fault)
        nowhere = self.count(Found.NOWHERE, having=fault)
        stored = self.count(Found.STORED, having=fault, lacking=Fault.POISONED)
        set_aside = self.count(Found.SET_ASIDE, having=fault | Fault.POISONED)
        sorted_out = self.count(Found.SORTED_OUT, having=fault)
        replayed = self.count(Found.REPAIRED, Found.GIVEN_UP, having=fault)
        sent = self.count(*Found, having=fault) - unsent
        expired = self.count(Found.EXPIRED, having=fault, lacking=Fault.POISONED)
        as_expected = stored + set_aside + sorted_out + replayed + expired
        open_ = nowhere - unsent
        return FaultAccount(sent, as_expected, open_, sent - as_expected - open_)
