"""What a run sent: a small file per run that `produce` writes and `verify` reads. Stands below both and knows no AWS.

    <pipeline folder>/runs/<run id>/
        run.json         what the run is, and its figures once it has ended
        entries.bin      16 bytes per event, written before it is sent: a hash of its id (0 where the id is made of the
                         run's id and the event's number), a hash of its payload
        faults.bin       only in a run with faults: 8 bytes per event, written before its entry: what was done to it,
                         and the time a late one carries
        requests.jsonl   one line per finished request, written after it: {"first": 0, "count": 500, "unsent": [3]}
        unsent.jsonl     the events nobody took, ready to be sent again

An entry without a finished request is *unconfirmed*: the run was killed, and the event may or may not be out. Each
append-only file may end anywhere (a kill, a full disk); a torn tail is ignored and nothing before it is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from array import array
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import IO, TYPE_CHECKING, Self

from streamctl.errors import StreamctlError, UsageError
from streamctl.files import load_document, save_document

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ENTRY_BYTES = 16
CLOCK_TOLERANCE_SECONDS = 2.0  # AWS tells its time in whole seconds, and the answer takes a moment
READ_BYTES = 65_536 * ENTRY_BYTES
FORMAT = 1
ENTRIES_FILE = "entries.bin"
FAULTS_FILE = "faults.bin"
REQUESTS_FILE = "requests.jsonl"
_RUN_ID = re.compile(r"\d{8}T\d{6}-[a-z0-9]{4}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Outcome(IntEnum):
    """What the run knows of one event."""

    UNCONFIRMED = 0
    ACCEPTED = 1
    UNSENT = 2


class Fault(IntFlag):
    """What a run did to one event on purpose. In a run with faults each event is either SOUND or POISONED."""

    NONE = 0
    """Of a run without faults: what becomes of it is not known beforehand."""
    SOUND = 1
    """It can be stored, and must be."""
    POISONED = 2
    """It can never be stored, and must be set aside."""
    DUPLICATED = 4
    """It is sent twice, and must be stored once."""
    LATE = 8
    """It carries a time of long before it was sent, and must be stored under that."""
    HOT = 16
    """It shares its partition key with all others."""


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """What a run is; the figures are final once `ended_at` is set."""

    run_id: str
    pipeline: str
    stream: str
    source: str
    """The generator's name, the file's path, or `standard input`."""
    seed: int | None
    """What the generator or the faults were drawn from."""
    started_at: datetime
    ended_at: datetime | None = None
    events: int = 0
    accepted: int = 0
    unsent: int = 0
    bytes: int = 0
    by_type: dict[str, int] = field(default_factory=dict)
    """Events accepted, by type; of very many types the first ones, so that the sum may be less than `accepted`."""
    faults: dict[str, str] = field(default_factory=dict)
    """What was asked for, as `{"poison": "2%"}`; empty in a run without faults."""
    group: str = ""
    """The first of the runs that were sent side by side, by a process each; empty for one alone."""
    clock_ahead_seconds: float = 0.0
    """AWS's clock minus ours: arrival times are told by AWS's."""
    kept_seconds: int | None = None  # how long the table kept an item when the run began; None for ever

    @property
    def arrivals_from(self) -> datetime:
        """No event of the run arrived in the stream before this, by AWS's clock."""
        return self.started_at + timedelta(seconds=self.clock_ahead_seconds - CLOCK_TOLERANCE_SECONDS)

    @property
    def arrivals_to(self) -> datetime | None:
        """None did after this; None while the run has no end."""
        tolerance = timedelta(seconds=self.clock_ahead_seconds + CLOCK_TOLERANCE_SECONDS)
        return self.ended_at and self.ended_at + tolerance


def id_hash(event_id: str) -> int:
    """8 bytes that stand for an event's id; half a surrogate pair counts as its escape, as the table holds it."""
    return int.from_bytes(_id_digest(event_id), "little")


def payload_hash(payload: bytes) -> int:
    """8 bytes that stand for a payload: the beginning of its sha256, so that `sha256` of a rejected message matches."""
    return int.from_bytes(_payload_digest(payload), "little")


def hash_of_sha256(hexadecimal: str) -> int:
    """The `payload_hash` of a payload whose sha256 is known."""
    return int.from_bytes(bytes.fromhex(hexadecimal)[:8], "little")


def new_run_id(at: datetime, rng: random.Random) -> str:
    """`20261123T161154-k3f9`: sorts by time."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{''.join(rng.choices(_LETTERS, k=4))}"


def event_id(run_id: str, sequence: int) -> str:
    """The id of an event that brings none of its own."""
    return f"{run_id}-{sequence:09d}"


class Ledger:
    """The writer of one run's ledger, a context manager. Every write has reached the system when it returns."""

    def __init__(self, folder: Path, info: RunInfo) -> None:
        """Open a new ledger below the pipeline's folder. Raises UsageError where it cannot be written."""
        self.info = info
        self.folder = folder / "runs" / info.run_id
        with _writing(self.folder):
            self.folder.mkdir(mode=0o700, parents=True)
            self._save(info)
            self._entries = _append(self.folder / ENTRIES_FILE)
            self._requests = _append(self.folder / REQUESTS_FILE)
            self._faults: IO[bytes] | None = None
            self._unsent: IO[bytes] | None = None

    @property
    def unsent_file(self) -> Path:
        return self.folder / "unsent.jsonl"

    def add(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Write down events (id, payload), in order, before they are sent."""
        self._write(self._entries, b"".join(_id_digest(name) + _payload_digest(payload) for name, payload in entries))

    def add_made(self, payloads: Sequence[bytes]) -> None:
        """Write down events whose ids are made of their numbers, in order, before they are sent."""
        sha256 = hashlib.sha256
        # Whole columns at once: of every digest the first of its four words, and a 0 before each.
        digests = array("Q", b"".join([sha256(payload).digest() for payload in payloads]))
        entries = array("Q", bytes(ENTRY_BYTES * len(payloads)))
        entries[1::2] = digests[0::4]
        self._write(self._entries, entries.tobytes())

    def add_faults(self, faults: Iterable[tuple[Fault, int]]) -> None:
        """Write down what was done to the events about to be added, one by one, and the epoch seconds a late one
        carries."""
        with _writing(self.folder):
            self._faults = self._faults or _append(self.folder / FAULTS_FILE)
        words = array("I", (word for fault in faults for word in fault))
        self._write(self._faults, _little_endian(words).tobytes())

    def finish(self, first: int, count: int, unsent: Sequence[int] = ()) -> None:
        """Write down that a request is over: every event from `first` on was accepted, but for those in `unsent`."""
        line = json.dumps({"first": first, "count": count, "unsent": list(unsent)}, separators=(",", ":"))
        self._write(self._requests, line.encode() + b"\n")

    def save_unsent(self, payloads: Iterable[bytes]) -> None:
        """Keep events that nobody took, one JSON line each."""
        with _writing(self.unsent_file):
            self._unsent = self._unsent or _append(self.unsent_file)
        self._write(self._unsent, b"".join(payload + b"\n" for payload in payloads))

    def end(self, info: RunInfo) -> None:
        """Keep the run's final figures."""
        with _writing(self.folder):
            for file in self._open_files():
                os.fsync(file.fileno())
            self._save(info)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open_files():
            with suppress(OSError):  # what could not be written was said when it was written
                file.close()

    def _open_files(self) -> Iterator[IO[bytes]]:
        return filter(None, (self._entries, self._requests, self._faults, self._unsent))

    def _write(self, file: IO[bytes], data: bytes) -> None:
        with _writing(self.folder):
            file.write(data)
            file.flush()

    def _save(self, info: RunInfo) -> None:
        save_document(self.folder / "run.json", {"format": FORMAT, **asdict(info)}, datetime.isoformat)


@dataclass(frozen=True)
class Entries:
    """Every event of a run, in the order they were made: five columns, 22 bytes an event."""

    ids: array[int]
    """`id_hash` each."""
    payloads: array[int]
    """`payload_hash` each."""
    outcomes: bytearray
    """`Outcome` each."""
    faults: bytearray
    """`Fault` each."""
    carried: array[int]
    """The epoch seconds a late event carries; 0 for any other."""


@dataclass(frozen=True)
class Run:
    """The reader of one run's ledger."""

    folder: Path
    info: RunInfo

    @property
    def run_id(self) -> str:
        return self.info.run_id

    @property
    def ended_at(self) -> datetime | None:
        """None for a run that is still going, or was killed."""
        return self.info.ended_at

    @property
    def is_empty(self) -> bool:
        """Not one event was made: the source was empty or wrong from the start."""
        path = self.folder / ENTRIES_FILE
        return not path.exists() or path.stat().st_size < ENTRY_BYTES

    @property
    def last_sent_at(self) -> datetime:
        """No event known as accepted was sent after this. Without an end, the latest finished request tells."""
        if self.info.ended_at:
            return self.info.ended_at
        path = self.folder / REQUESTS_FILE
        if not path.exists():
            return self.info.started_at
        return max(self.info.started_at, datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def read(self) -> Entries:
        """What became of every event written down so far. Raises UsageError where the ledger is damaged."""
        ids, payloads = self._columns(ENTRIES_FILE, "Q")
        for number, hashed in enumerate(ids):
            if not hashed:
                ids[number] = id_hash(event_id(self.run_id, number))
        faults, carried = self._columns(FAULTS_FILE, "I")
        for column in (faults, carried):  # a run without faults has none; a kill may leave some without an entry
            column.frombytes(bytes(column.itemsize * max(0, len(ids) - len(column))))
            del column[len(ids) :]
        outcomes = bytearray(len(ids))
        for first, count, unsent in self._finished():
            accepted = outcomes[first : first + count]
            outcomes[first : first + count] = bytes([Outcome.ACCEPTED]) * len(accepted)
            for number in unsent:
                if number < len(outcomes):
                    outcomes[number] = Outcome.UNSENT
        return Entries(ids, payloads, outcomes, bytearray(map(int, faults)), carried)

    def made_id(self, number: int, hashed: int) -> str | None:
        """The id of an event that was given one, told by its `id_hash`; None where it brought its own."""
        made = event_id(self.run_id, number)
        return made if id_hash(made) == hashed else None

    def describe(self, number: int, hashed: int) -> str:
        """One event in words: its id, or its place in the user's file."""
        return self.made_id(number, hashed) or f"event {number + 1:,} of {self.info.source} (run {self.run_id})"

    def _columns(self, name: str, kind: str) -> tuple[array[int], array[int]]:
        """The two columns of a file of pairs; `kind` is the type of a word, as `array` names it."""
        columns = array(kind), array(kind)
        path = self.folder / name
        if not path.exists():
            return columns  # killed before the first event, or a run without faults
        pair_bytes = 2 * columns[0].itemsize
        with path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                words = _little_endian(array(kind, piece[: len(piece) // pair_bytes * pair_bytes]))
                for column, values in zip(columns, (words[0::2], words[1::2]), strict=True):
                    column.extend(values)
        return columns

    def _finished(self) -> Iterator[tuple[int, int, list[int]]]:
        path = self.folder / REQUESTS_FILE
        if not path.exists():
            return
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return  # torn by a kill: its events stay unconfirmed
                try:
                    request = json.loads(line)
                    first, size = _natural(request["first"]), _natural(request["count"])
                    yield first, size, [_natural(unsent) for unsent in request["unsent"]]
                except (ValueError, KeyError, TypeError) as error:
                    raise _damaged(path, f"line {number}: {error}") from error


def runs(folder: Path) -> list[Run]:
    """The runs of a pipeline's folder, newest first."""
    found = [_open(path.parent) for path in (folder / "runs").glob("*/run.json") if _RUN_ID.fullmatch(path.parent.name)]
    return sorted(found, key=lambda run: (run.info.started_at, run.run_id), reverse=True)


def load(folder: Path, run_id: str = "last") -> Run:
    """One run, or the newest that has events. Raises UsageError where there is none or it cannot be read."""
    found = runs(folder)
    if not found:
        raise UsageError("Nothing has been sent from here yet.", "Send events with: streamctl produce")
    if run_id == "last":
        return next((run for run in found if not run.is_empty), found[0])
    for run in found:
        if run.run_id == run_id:
            return run
    raise UsageError(f"There is no run {run_id} here.", "The latest are: " + ", ".join(run.run_id for run in found[:5]))


def together(folder: Path, run_id: str = "last") -> list[Run]:
    """One run as `load` finds it, with those that were sent side by side with it. Raises UsageError."""
    run = load(folder, run_id)
    if not run.info.group:
        return [run]
    return sorted((each for each in runs(folder) if each.info.group == run.info.group), key=lambda each: each.run_id)


def _open(folder: Path) -> Run:
    path = folder / "run.json"
    try:
        document = load_document(path)
        if document.pop("format") == FORMAT:
            for name in ("started_at", "ended_at"):
                document[name] = document[name] and datetime.fromisoformat(document[name])
            return Run(folder, RunInfo(**document))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, str(error)) from error
    raise _damaged(path, "another version of streamctl wrote it")


def _little_endian(words: array[int]) -> array[int]:
    """The words as the files keep them, or read from there; the array itself is changed."""
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _natural(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is less than 0")
    return number


def _id_digest(event_id: str) -> bytes:
    return hashlib.blake2b(event_id.encode("utf-8", "backslashreplace"), digest_size=8).digest()


def _payload_digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()[:8]


def _damaged(path: Path, why: str) -> StreamctlError:
    return UsageError(
        f"The ledger {path} cannot be read: {why}.", f"Without it the run cannot be verified: {path.parent}"
    )


def _append(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"Could not write {path}: {error.strerror or error}.", "Make room or give the folder write permission."
        ) from error
