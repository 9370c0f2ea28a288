from __future__ import annotations

import asyncio
import copy
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from streamctl.emulator.capture import LARGE, capture, frozen, quick

_records = [{"n": n} for n in range(LARGE + 1)]


def get_state() -> dict[str, Any]:
    return {"records": copy.deepcopy(_records)}


def test_checkpoints_are_read_before_the_services() -> None:
    order: list[str] = []

    def note(what: str) -> dict[str, Any]:
        order.append(what)
        return {}

    services = {"kinesis": lambda: note("kinesis"), "iam": lambda: note("iam")}
    asyncio.run(capture(lambda: note("checkpoints"), services))
    assert order == ["checkpoints", "kinesis", "iam"]


def test_others_get_their_turn_between_two_services() -> None:
    seen: list[str] = []

    async def beside() -> None:
        seen.append("beside")

    def note(what: str) -> dict[str, Any]:
        seen.append(what)
        return {}

    async def both() -> None:
        task = asyncio.create_task(beside())
        await capture(dict, {"iam": lambda: note("iam"), "s3": lambda: note("s3")})
        await task

    asyncio.run(both())
    assert seen == ["iam", "beside", "s3"]


def test_a_service_that_changes_while_it_is_copied_is_copied_again() -> None:
    answers = iter([RuntimeError("dictionary changed size during iteration"), {"a": 1}])

    def get() -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert asyncio.run(capture(dict, {"lambda": get}))["services"] == {"lambda": {"a": 1}}


def test_a_quick_copy_holds_what_the_slow_one_holds_but_shares_the_many_entries() -> None:
    state = quick(get_state)()
    assert state == get_state()
    assert state["records"] is not _records
    assert state["records"][0] is _records[0]
    assert get_state()["records"][0] is not _records[0]


def test_what_a_container_holds_is_of_the_moment_of_the_copy() -> None:
    tables = AccountRegionScopedDict()
    tables.set_scoped("1", "eu-west-1", "t", {"status": "ACTIVE", "items": {n: {} for n in range(LARGE + 1)}})
    copied = frozen(tables)
    table = tables.get_scoped("1", "eu-west-1", "t")
    table["items"].clear()
    table["status"] = "DELETING"
    tables.set_scoped("1", "eu-west-1", "u", {})
    (found,) = copied.all_values()
    assert len(found["items"]) == LARGE + 1
    assert found["status"] == "ACTIVE"
