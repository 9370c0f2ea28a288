"""What a batch takes: of CPU, of waiting, of log, of metrics. This project's processor, and the recipe's handler.

The CPU is measured, on one core and not on Lambda: `python -m tests.benchmarks cost` holds the processor against it,
and `processor` the recipe's handler. Lambda gives a function of 1,769 MB one vCPU, and less memory that share of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

MEMORY_MB_OF_ONE_CPU = 1769
CALL_MS = 5.0
"""A call of DynamoDB or CloudWatch within a region: what the benchmarks take it to be."""
LINE_BYTES = 26
"""What CloudWatch counts for a log event beside its text."""
PLATFORM_LINES, PLATFORM_BYTES = 3, 280
"""What Lambda itself logs of an invocation: START, END and REPORT."""
COMBINATIONS = 12
"""Event types times devices of the recipe's events, one as likely as the other."""


@dataclass(frozen=True, kw_only=True)
class Processing:
    """One design's way with a batch."""

    batch_cpu_ms: float
    event_cpu_ms: float
    events_per_wait: float
    """Events whose calls are waited for together."""
    item_bytes: int
    """What an item has beside the payload."""
    log_lines: int
    log_bytes: int
    event_log_bytes: float = 0
    combination_log_bytes: int = 0
    """A line for every combination of event type and device in the batch."""
    metrics: int
    """The most CloudWatch can be made to bill."""
    metric_requests: float
    """PutMetricData calls of an event."""

    def seconds(self, events: float, memory_mb: int) -> float:
        """How long an invocation is billed for, in steps of a millisecond."""
        cpu_ms = (self.batch_cpu_ms + self.event_cpu_ms * events) / min(1.0, memory_mb / MEMORY_MB_OF_ONE_CPU)
        return ceil(cpu_ms + ceil(events / self.events_per_wait) * CALL_MS) / 1000

    def logged_bytes(self, events: float) -> float:
        """What an invocation logs, as CloudWatch bills it."""
        combinations = COMBINATIONS * (1 - (1 - 1 / COMBINATIONS) ** events) if self.combination_log_bytes else 0
        text = self.log_bytes + self.event_log_bytes * events + self.combination_log_bytes * combinations
        return PLATFORM_BYTES + text + LINE_BYTES * (PLATFORM_LINES + self.log_lines + combinations)


def metrics_of_types(event_types: int) -> int:
    """The metrics of a processor that counts so many event types by name: three without dimensions, and for each type
    and `other` one of each of the three devices and `other`."""
    return 3 + (event_types + 1) * 4


STREAMCTL = Processing(
    batch_cpu_ms=0.25,
    event_cpu_ms=0.026,
    events_per_wait=25 * 8,  # 25 items a call, 8 calls at a time
    item_bytes=256,
    log_lines=2,
    log_bytes=330,
    event_log_bytes=1.9,  # the amounts of purchases
    combination_log_bytes=255,
    metrics=metrics_of_types(4),
    metric_requests=0,  # the log carries them
)
RECIPE = Processing(
    batch_cpu_ms=0.75,
    event_cpu_ms=2.03,
    events_per_wait=1 / 2.25,  # one PutItem, one PutMetricData, a second one for a purchase, one after the other
    item_bytes=216,
    log_lines=1,
    log_bytes=50,
    metrics=1 + 12,
    metric_requests=1.25,  # one event in four is a purchase
)
"""The handler as published with its floats mended, so that it stores every event: as it is, it loses half of them."""
