"""A run of the recipe's events, and the table its processor has made of them, as pages that lie in files."""

from __future__ import annotations

import json
import random
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.ledger import Ledger, RunInfo, event_id
from streamctl.traffic.generators import RecipeEvents
from streamctl.verify.scan import SEGMENTS
from streamctl.verify.table import COMPARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PAGE_BYTES = 1024 * 1024
DRAWN = 10_000
"""So many events are drawn; those after them have the same fields under other ids, or laying would take an hour."""
EVENTS_PER_REQUEST = 500
AT = datetime(2026, 11, 23, 16, 11, 54, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
RUN_ID = "20261123T161154-k3f9"
ANY_ID = event_id(RUN_ID, 0)


class Drawn(NamedTuple):
    """An event with `ANY_ID`, and its item, all attributes and those that are compared: in JSON."""

    payload: str
    item: str
    compared: str


@dataclass(frozen=True)
class Laid:
    """Where a run and its table lie. The folders of pages hold the same items."""

    folder: Path
    events: int

    @property
    def ledger(self) -> Path:
        """The pipeline's folder, with the run in it."""
        return self.folder / "pipeline"

    @property
    def segments(self) -> Path:
        """Pages in segments, with the attributes that are compared."""
        return self.folder / "segments"

    @property
    def projected(self) -> Path:
        """The same, one page after the other."""
        return self.folder / "projected"

    @property
    def whole(self) -> Path:
        """One page after the other, with all attributes."""
        return self.folder / "whole"


def lay(folder: Path, events: int, *, for_peers: bool) -> Laid:
    """A run and its table below `folder`; `for_peers` also as those read it who know of no segments."""
    laid = Laid(folder, events)
    drawn = _drawn(min(events, DRAWN))
    _write_run(laid.ledger, events, drawn)
    # A segment's pages are every SEGMENTS-th one: the first ones are numbered as the segments are.
    _write(laid.segments, ([each.compared for each in page] for page in _pages(events, drawn)), SEGMENTS)
    if for_peers:
        _write(laid.projected, ([each.compared for each in page] for page in _pages(events, drawn)), 1)
        _write(laid.whole, ([each.item for each in page] for page in _pages(events, drawn)), 1)
    return laid


def _drawn(count: int) -> list[Drawn]:
    rng, generator = random.Random(1), RecipeEvents()
    return [_made({"eventId": ANY_ID, **generator.event(rng, number, AT)}) for number in range(count)]


def _made(event: dict[str, Any]) -> Drawn:
    payload = _json(event)
    record = Record("analytics", "shardId-000000000000", "1", "k", AT_MS, payload.encode())
    item = prepare(record, AT_MS + 150)
    assert isinstance(item, Item)
    attributes = json.loads(item.attributes)
    return Drawn(payload, _json(attributes), _json({name: attributes[name] for name in COMPARED if name in attributes}))


def _numbered(events: int, drawn: list[Drawn]) -> Iterator[Drawn]:
    """The events of the run, in their order."""
    for number in range(events):
        name = event_id(RUN_ID, number)
        yield Drawn(*(text.replace(ANY_ID, name) for text in drawn[number % len(drawn)]))


def _pages(events: int, drawn: list[Drawn]) -> Iterator[list[Drawn]]:
    """As many events a page as DynamoDB would send: what it leaves out of a page it counts all the same."""
    page: list[Drawn] = []
    size = 0
    for each in _numbered(events, drawn):
        if size + len(each.item) > PAGE_BYTES:
            yield page
            page, size = [], 0
        page.append(each)
        size += len(each.item)
    yield page


def _write(folder: Path, pages: Iterable[list[str]], distance: int) -> None:
    """Each page names the one so far behind it as the next."""
    folder.mkdir(parents=True)
    last: deque[Path] = deque(maxlen=distance)
    for number, items in enumerate(pages):
        text = f'"Items":[{",".join(items)}],"Count":{len(items)},"ScannedCount":{len(items)}}}'
        following = f'"LastEvaluatedKey":{{"page":{{"N":"{number + distance}"}}}},'
        last.append(folder / f"Scan.{number}")
        last[-1].write_text("{" + following + text)
    for empty in range(number + 1, distance):  # segments without a page of their own
        last.append(folder / f"Scan.{empty}")
        last[-1].write_text('{"Items":[],"Count":0,"ScannedCount":0}')
    for path in last:
        page = json.loads(path.read_text())
        page.pop("LastEvaluatedKey", None)
        path.write_text(_json(page))


def _write_run(folder: Path, events: int, drawn: list[Drawn]) -> None:
    info = RunInfo(run_id=RUN_ID, pipeline="p", stream="analytics", source="recipe", seed=1, started_at=AT)
    with Ledger(folder, info) as book:
        numbered = _numbered(events, drawn)
        for first in range(0, events, EVENTS_PER_REQUEST):
            numbers = range(first, min(first + EVENTS_PER_REQUEST, events))
            book.add((event_id(RUN_ID, number), next(numbered).payload.encode()) for number in numbers)
            book.finish(first, len(numbers))
        book.end(replace(info, ended_at=AT + timedelta(minutes=10), events=events, accepted=events))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
