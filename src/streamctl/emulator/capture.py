"""Copies of what the services hold, taken quickly: nothing is served meanwhile.

Copying every item takes seconds where there are many. So a container that grows with the data is copied without its
entries: which it has is of this moment, while an entry may be a little newer when it is written down. That is the same
as between two services, which are not copied at one moment either, and harmless: the checkpoints are read before all.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GROWING = frozenset({"kinesis", "dynamodb", "sqs", "cloudwatch", "cloudwatch_logs"})  # all they do is deepcopy
LARGE = 500  # entries
ATTEMPTS = 20  # a thread of a running function may write while its service is copied
PAUSE_SECONDS = 0.005

logger = logging.getLogger(__name__)


async def capture(
    checkpoints: Callable[[], Mapping[str, Any]], services: Mapping[str, Callable[[], Any]]
) -> dict[str, Any]:
    """The checkpoints, and after them the state of each service; other requests are served in between."""
    first = checkpoints()
    states = {}
    for name, get_state in services.items():
        states[name] = await _copied(name, quick(get_state) if name in GROWING else get_state)
        await asyncio.sleep(0)
    return {"checkpoints": first, "services": states}


def quick(get_state: Callable[[], Any]) -> Callable[[], Any]:
    """The same function, but `copy.deepcopy` in it is `frozen`; the module it is from stays as it is."""
    if not isinstance(get_state, FunctionType):
        return get_state
    names = {**get_state.__globals__, "copy": SimpleNamespace(deepcopy=frozen)}
    return FunctionType(get_state.__code__, names, closure=get_state.__closure__)


def frozen(value: Any) -> Any:
    """A copy that shares the entries of large containers with its original."""
    if isinstance(value, AccountScopedDict | AccountRegionScopedDict):
        scoped = type(value)()
        scoped._data = frozen(value._data)
        return scoped
    if isinstance(value, dict):
        entries = dict(value)
        return entries if len(entries) > LARGE else {key: frozen(entry) for key, entry in entries.items()}
    if isinstance(value, list):
        return list(value) if len(value) > LARGE else [frozen(entry) for entry in list(value)]
    return copy.deepcopy(value)


async def _copied(name: str, get_state: Callable[[], Any]) -> Any:
    for attempt in range(ATTEMPTS):
        try:
            return get_state()
        except RuntimeError:  # "dictionary changed size during iteration"
            logger.info("%s changed while it was copied (attempt %d)", name, attempt + 1)
            await asyncio.sleep(PAUSE_SECONDS)
    return get_state()
