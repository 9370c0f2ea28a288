"""The comparison of what was sent with what is there, and with what `verify` says of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamctl.verify.reconcile import Places, Reconciliation, reconcile

if TYPE_CHECKING:
    from streamctl.aws import Aws

    from . import truth
    from .faults import DataFault
    from .life import Life


@dataclass
class DataVerdict:
    """What became of the events of one life. Lists hold what is wrong, in words."""

    fault: DataFault
    met: bool
    seconds: float
    in_one_run: bool
    """Nobody had to run `produce` again."""
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)

    @property
    def recovered(self) -> bool:
        return not (self.lost or self.duplicates or self.wrong or self.tracebacks)

    def __str__(self) -> str:
        said = [*(f"lost {each}" for each in self.lost), *(f"twice {each}" for each in self.duplicates), *self.wrong]
        return f"{self.fault}: {'; '.join([*said, *self.tracebacks]) or 'recovered'}"


def judge(aws: Aws, life: Life) -> DataVerdict:
    stage = life.stage
    verdict = DataVerdict(life.fault, life.met > 0, life.seconds, len(life.runs) == 1 and not life.killed)
    verdict.tracebacks += life.tracebacks
    if not life.settled:
        verdict.wrong.append("never settled")
    said = reconcile(
        life.runs,
        aws,
        Places(table=stage.name, rejected_queue_url=stage.rejected_url, failures_queue_url=stage.failures_url),
        settle_seconds=0,
        timeout_seconds=0,
        sleep=lambda seconds: None,
    )
    found = stage.truth()
    _compare(life, found, verdict)
    _compare_with_verify(life, said, found, verdict)
    return verdict


def is_poison(payload: bytes) -> bool:
    return isinstance(json.loads(payload)["eventId"], dict)


def _sha256(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def _compare(life: Life, found: truth.Truth, verdict: DataVerdict) -> None:
    """Each event in exactly one row, or in its rejected message, or reported as given up."""
    stored = Counter(row["rawData"]["S"].encode() for row in found.rows)
    rejected = {message["sha256"] for message in found.rejected}
    given_up = sum(letter["KinesisBatchInfo"]["batchSize"] for letter in found.letters)
    in_stream = set(life.stream)
    missing = [
        payload
        for payload in in_stream
        if not (_sha256(payload) in rejected if is_poison(payload) else stored[payload])
    ]
    copies = Counter(life.stream)
    verdict.lost += [_name(each) for each in missing if given_up < sum(copies[payload] for payload in missing)]
    kept = in_stream | set(life.unsent)
    verdict.lost += [_name(each) for each in set(life.handed) - kept if not life.killed]
    ids = Counter(row["eventId"]["S"] for row in found.rows)
    verdict.duplicates += [event_id for event_id, count in ids.items() if count > 1]
    verdict.wrong += [f"a row nobody sent: {_name(each)}" for each in stored if each not in life.handed]
    verdict.wrong += [f"a row of what was set aside: {_name(each)}" for each in stored if is_poison(each)]
    ours = {_sha256(each) for each in life.handed if is_poison(each)}
    verdict.wrong += [f"set aside, and nothing is wrong with it: {each}" for each in rejected - ours]


def _compare_with_verify(life: Life, said: Reconciliation, found: truth.Truth, verdict: DataVerdict) -> None:
    """What `verify` counts is what stands there."""
    stored = {row["rawData"]["S"].encode() for row in found.rows}
    told: dict[str, Any] = {"lost": 0, "duplicates": 0, "changed": 0, "superseded": 0, "in_flight": 0}
    if len(life.runs) == 1 and not life.killed:
        told["stored"] = sum(payload in stored for payload in life.handed)
        told["unsent"] = 0
    if not found.letters:
        told |= {"dead_lettered": 0, "holds": True}
    if not verdict.lost:
        differing = {name: getattr(said, name) for name, value in told.items() if getattr(said, name) != value}
        verdict.wrong += [f"verify says {name} is {value}, not {told[name]}" for name, value in differing.items()]
    elif not said.lost:
        verdict.wrong.append("verify does not see what is lost")


def _name(payload: bytes) -> str:
    return str(json.loads(payload)["eventId"])
