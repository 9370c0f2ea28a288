"""State as JSON: MiniStack's own objects as tagged dicts, and what users stored as it is, however it looks.

A dict of a user may look like one of the tags, so every plain dict with a tag's key is wrapped in a tag of ours.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PLAIN = "__plain__"  # ours: the pairs of a dict that is only a dict
TAGS = frozenset({"__bytes__", "__scoped__", "__account_region_scoped__", PLAIN})
PIECE = 100  # entries encoded at once: no other thread runs meanwhile

_SCOPED = (AccountScopedDict, AccountRegionScopedDict)


def encode(value: Any) -> Iterator[str]:
    """The pieces of the text; the thread that joins them lets others run in between."""
    if isinstance(value, _SCOPED):
        (tag, _), (_, entries) = persistence._json_default(value).items()
        yield f'{{"{tag}": true, "data": '
        yield from encode(entries)
        yield "}"
    elif isinstance(value, dict) and TAGS.isdisjoint(value):
        yield from _joined("{", _entries(value), "}")
    elif isinstance(value, list):
        yield from _joined("[", (_text(piece)[1:-1] for piece in _batched(value)), "]")
    else:
        yield _text(value)


def decode(text: str) -> Any:
    """What was encoded, with tuples as lists and all keys of dicts as strings."""
    return json.loads(text, object_hook=_restored)


def _entries(value: dict[Any, Any]) -> Iterator[str]:
    """A large dict in pieces; the values of a small one may be large themselves."""
    if len(value) > PIECE:
        for piece in _batched(value.items()):
            yield _text(dict(piece))[1:-1]
    else:
        for key, entry in list(value.items()):
            yield _text({key: 0})[1:-2] + "".join(encode(entry))


def _joined(start: str, pieces: Iterable[str], end: str) -> Iterator[str]:
    separator = start
    for piece in pieces:
        yield separator
        yield piece
        separator = ", "
    yield end if separator != start else start + end


def _batched(values: Iterable[Any]) -> Iterator[list[Any]]:
    entries = iter(list(values))  # the original may change while pieces of it are encoded
    while piece := list(islice(entries, PIECE)):
        yield piece


def _text(value: Any) -> str:
    """Looking for tags in the text is much faster than in the value, and they are rare."""
    text = json.dumps(value, default=persistence._json_default)
    if any(f'"{tag}"' in text for tag in TAGS):
        text = json.dumps(_escaped(value))
    return text


def _escaped(value: Any) -> Any:
    if isinstance(value, _SCOPED):
        tagged = persistence._json_default(value)
        return tagged | {"data": {key: _escaped(entry) for key, entry in tagged["data"].items()}}
    if isinstance(value, bytes | bytearray):
        return persistence._json_default(value)
    if isinstance(value, list | tuple):
        return [_escaped(entry) for entry in value]
    if isinstance(value, dict):
        escaped = {key: _escaped(entry) for key, entry in value.items()}
        return escaped if TAGS.isdisjoint(value) else {PLAIN: [list(pair) for pair in escaped.items()]}
    return value


def _restored(found: dict[str, Any]) -> Any:
    return dict(found[PLAIN]) if PLAIN in found else persistence._json_object_hook(found)
