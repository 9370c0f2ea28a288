"""From one number of shards to another, as AWS allows it: at most double or half at a time, one change at a time.

Nothing is remembered: whoever is cut off looks again and goes on. AWS finishes a step that was begun.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamctl.aws.failures import Failure, classify, explained, is_sdk_error, is_taken, is_throttled
from streamctl.aws.waiting import wait_for
from streamctl.errors import DeadlineError, UsageError
from streamctl.resources.kinesis_stream import change_shard_count, next_shard_count
from streamctl.scaling.capacity import READING, shards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from streamctl.aws import Aws
    from streamctl.scaling.capacity import Shards

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    **READING,
    "stream": (*READING["stream"], "kinesis:ListTagsForStream", "kinesis:UpdateShardCount"),
}
STEP_SECONDS = 600
"""How long AWS may take for a step, and for each shard besides; it says minutes, of a large stream more."""
SHARD_SECONDS = 30
UNSEEN_SECONDS = 10
"""How long a step may stay invisible that was asked for, or has just been done: reads lag behind."""
ATTEMPTS = 6
"""How often a step is asked for that AWS does not begin."""
STEPS_A_DAY = 10


def steps(current: int, wanted: int) -> Iterator[int]:
    """The numbers of shards on the way, the last one included; none from a stream that is being made, and has none."""
    while current not in {0, wanted}:
        current = next_shard_count(current, wanted)
        yield current


class Scaling:
    """Brings one stream to `wanted` shards; `observe` is told of every look. `clock` and `sleep` are for tests."""

    def __init__(
        self,
        aws: Aws,
        stream: str,
        wanted: int,
        observe: Callable[[Shards], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._aws = aws
        self._stream = stream
        self._wanted = wanted
        self._observe = observe
        self._clock = clock
        self._sleep = sleep

    def run(self) -> None:
        """Return when the stream has its shards; a scaling that is under way already is waited for first.

        Records go in and out meanwhile. Raises AwsError, and UsageError for a stream that AWS scales.
        """
        with explained(f"scale the stream {self._stream}"):
            found = self._wait(lambda _: True)
            if not found.is_settled:
                found = self._wait(self._after(found.open), found.open)
            if found.mode != "provisioned":
                raise UsageError(
                    f"The stream {self._stream} is on demand: AWS scales it, and takes no number of shards.",
                    'For a number of your own set mode = "provisioned" in [stream], then run `streamctl up`.',
                )
            attempts = 0
            while found.open != self._wanted:
                before = found.open
                self._ask(before)
                found = self._wait(self._after(before), before)
                attempts = attempts + 1 if found.open == before else 0
                if attempts == ATTEMPTS:
                    raise DeadlineError(
                        f"AWS does not begin to scale {self._stream}: it still has {before} shards.",
                        "Run the command again in a while.",
                    )

    def _ask(self, current: int) -> None:
        """Ask for a step, once. Where AWS is busy or does not answer, the next look tells what became of it."""
        try:
            change_shard_count(self._aws.once("kinesis"), self._stream, current, self._wanted)
        except Exception as error:
            passing = is_sdk_error(error) and (is_taken(error) or classify(error) is not Failure.FATAL)
            if not passing:
                raise

    def _after(self, before: int) -> Callable[[Shards], bool]:
        """Whether a step is done; or nothing shows of it, and has not for a while."""
        quiet_since = self._clock()

        def is_after(now: Shards) -> bool:
            nonlocal quiet_since
            if not now.is_settled:
                quiet_since = self._clock()
                return False
            return now.open != before or self._clock() - quiet_since > UNSEEN_SECONDS

        return is_after

    def _wait(self, is_there: Callable[[Shards], bool], before: int = 0) -> Shards:
        """Look until it is there; there were `before` shards. A look that AWS does not allow now is only missed."""

        def look() -> Shards | None:
            try:
                now = shards(self._aws, self._stream)
            except Exception as error:
                if is_throttled(error):
                    return None
                raise
            self._observe(now)
            return now if is_there(now) else None

        return wait_for(
            look,
            what=f"the shards of {self._stream}",
            timeout_seconds=STEP_SECONDS + SHARD_SECONDS * max(before, self._wanted),
            clock=self._clock,
            sleep=self._sleep,
        )
