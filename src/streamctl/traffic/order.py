"""What is asked of a run's events: where they come from, and what is done to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamctl.traffic.faults import Faults, FaultyEvents
from streamctl.traffic.keys import SpreadKeys
from streamctl.traffic.sources import GeneratedEvents

if TYPE_CHECKING:
    from streamctl.plugins import Generator
    from streamctl.traffic.makers import Maker
    from streamctl.traffic.sources import Source


@dataclass(frozen=True)
class Order:
    """The same seed, the same events with the same faults."""

    seed: int
    faults: Faults = field(default_factory=Faults)
    spread_keys: bool = False

    def made_by(self, generator: Generator, name: str) -> Source:
        """Made-up events."""
        return self.of(GeneratedEvents(generator, name=name, seed=self.seed))

    def of(self, source: Source) -> Source:
        """These events, with what is to be done to them."""
        if self.faults.any:
            source = FaultyEvents(source, self.faults, seed=self.seed)
        return SpreadKeys(source) if self.spread_keys else source


def made(order: Order, maker: Maker) -> Source:
    """Made-up events, their generator loaded here: for another process."""
    return order.made_by(maker.load(), maker.name)
