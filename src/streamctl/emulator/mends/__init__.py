"""What is replaced inside MiniStack, one subject per file, each replacement with its reason and a probe test.

MiniStack's functions are private to it, so each name used here can change with any release: the version is pinned,
a name that is gone fails at start, and tests/emulator/test_probes.py shows the behaviour from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app

from streamctl.emulator.mends import (
    alarms,
    authorization,
    dashboards,
    embedded_metrics,
    function_logs,
    function_states,
    mappings,
    metrics,
    queues,
    reading,
    resharding,
    sequence_numbers,
    stack_resources,
    streams,
    table_streams,
    tagging,
)
from streamctl.emulator.mends.replacing import replace

if TYPE_CHECKING:
    from streamctl.emulator.driver.clients import Clients
    from streamctl.emulator.driver.wake import Wake


def apply(saved: dict[str, Any], wake: Wake, clients: Clients) -> None:
    """Mend MiniStack before it serves its first request.

    `saved` holds the state each service starts from: one file for all of it, see snapshot.py. Puts set `wake`. With the
    `clients` CloudFormation calls the services.
    """
    replace(app, "_load_persisted_state", lambda: _restore(saved))
    replace(app, "save_all", lambda _services: None)
    sequence_numbers.apply()
    streams.apply(wake)
    resharding.apply()
    reading.apply()
    table_streams.apply(wake)
    function_states.apply()
    function_logs.apply()
    mappings.apply()
    metrics.apply()
    queues.apply()
    alarms.apply()
    dashboards.apply()
    tagging.apply()
    embedded_metrics.apply()
    authorization.apply()
    stack_resources.apply(clients)


def _restore(saved: dict[str, Any]) -> None:
    """Give every service its state. MiniStack would go on without a state it cannot take, and then save over it."""
    for service, module in app._state_map.items():
        if state := saved.pop(service, None):
            app._get_module(module).load_persisted_state(state)
