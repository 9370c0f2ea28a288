"""The stream that a run is sent to: how it wants to be spoken to, which shards it has, and one request to it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from streamctl.aws import failures
from streamctl.errors import AwsError
from streamctl.traffic.encoding import Cbor, Json
from streamctl.traffic.shards import list_shards

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamctl.aws import Aws
    from streamctl.traffic.encoding import Encoding
    from streamctl.traffic.shards import ShardMap

THROTTLED = "ProvisionedThroughputExceededException"
LOOK_AGAIN_SECONDS = 10.0
"""The shards are listed again where the stream throttles, or tells of others; but not more often than this."""
_SHARD_ID = re.compile(rb"shardId-[0-9]{12}")


class Answer(NamedTuple):
    """AWS's word about a request."""

    refused: Mapping[int, str]
    """Why records were not taken, by their places in the request."""
    by_shard: Mapping[str, int]
    """Records taken."""


class StreamEndpoint:
    """A stream to be written to. `send` may be called from several threads. Raises AwsError where it cannot be looked
    at."""

    def __init__(self, aws: Aws, stream: str, clock: Callable[[], float]) -> None:
        self.stream = stream
        self._kinesis = aws.client("kinesis")
        self._direct = aws.direct("kinesis")
        self._clock = clock
        self._listed_at = clock()
        self._known: set[str] = set()
        self._is_stale = False
        self.encoding: Encoding = Cbor() if self._takes_cbor() else Json()
        self.shards = self._list_shards()

    def send(self, payloads: Sequence[bytes], keys: Sequence[str], hash_keys: Sequence[str] | None = None) -> Answer:
        """Send one request, once. Where no answer came, every record counts as refused.

        Raises AwsError where sending it again would not help.
        """
        try:
            body = self.encoding.request(self.stream, payloads, keys, hash_keys)
            answer = self._answered(self._direct.post("PutRecords", body, self.encoding.content_type), len(payloads))
        except Exception as error:
            if not failures.is_sdk_error(error):
                raise
            if failures.classify(error) is failures.Failure.FATAL:
                raise failures.explain(error, f"send events to the stream {self.stream}") from error
            reason = failures.code(error) or type(error).__name__
            answer = Answer(dict.fromkeys(range(len(payloads)), reason), {})
        if THROTTLED in answer.refused.values() or not self._known.issuperset(answer.by_shard):
            self._is_stale = True
        return answer

    def look_again(self) -> bool:
        """List the shards again, where they seem to be others by now and it is time: whether they are."""
        if not self._is_stale or self._clock() - self._listed_at < LOOK_AGAIN_SECONDS:
            return False
        before = self.shards.shards
        try:
            self.shards = self._list_shards()
        except AwsError:  # the run goes on with what was known: the limits are only a matter of politeness
            self._listed_at = self._clock()
        return self.shards.shards != before

    def _answered(self, answer: bytes, records: int) -> Answer:
        if self.encoding.all_taken(answer):  # as nearly always: 500 entries need not be read one by one
            found = Counter(_SHARD_ID.findall(answer))
            if found.total() == records:
                return Answer({}, {shard.decode(): count for shard, count in found.items()})
        told = self._direct.read("PutRecords", answer, self.encoding.content_type)["Records"]
        refused = {place: record["ErrorCode"] for place, record in enumerate(told) if record.get("ErrorCode")}
        return Answer(refused, Counter(record["ShardId"] for record in told if not record.get("ErrorCode")))

    def _list_shards(self) -> ShardMap:
        with failures.explained(f"list the shards of the stream {self.stream}"):
            shards = list_shards(self._kinesis, self.stream)
        self._listed_at, self._is_stale = self._clock(), False
        self._known = {shard.id for shard in shards.shards}
        return shards

    def _takes_cbor(self) -> bool:
        """Asked with a request that changes nothing. Whatever else goes wrong with it, the next one tells."""
        cbor = Cbor()
        try:
            answer = self._direct.post("ListShards", cbor.probe(self.stream), cbor.content_type)
        except Exception as error:
            if not failures.is_sdk_error(error):
                raise
            return False
        return cbor.is_spoken(answer)
