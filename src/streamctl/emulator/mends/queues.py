"""SQS: queue URLs with the port now in force.

MiniStack stores each queue under its URL. When the port of last time is taken, the queues of that time would answer
with the old one, and CreateQueue would make a second queue beside one of the same name.
"""

from __future__ import annotations

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import sqs

from streamctl.emulator.mends.replacing import replace


def apply() -> None:
    restore = sqs._restore_state
    replace(sqs, "_restore_state", lambda state: restore(state and state | {"queues": moved(state["queues"])}))


def moved(queues: AccountRegionScopedDict) -> AccountRegionScopedDict:
    """The queues under the URLs they have here."""
    here = AccountRegionScopedDict()
    for (account, region, _), queue in queues.all_items():
        url = sqs._queue_url_for_account(account, queue["name"])
        here.set_scoped(account, region, url, queue | {"url": url})
    return here
