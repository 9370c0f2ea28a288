"""As in test_sweep, every call of an `up` that switches all features on, of one that switches them off, and of `down`.

Their calls are many: a fifth of the sweep takes a hundredth of these faults, `all` takes them all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .choice import FIFTHS, belongs_to, chosen_parts, skip_unless_asked_for
from .commands import Streamctl
from .conftest import empty_account, expect_recovery
from .harness import Sweep, all_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.engine.plan import Plan

    from .faults import Fault

pytestmark = skip_unless_asked_for

PARTS = 20 * FIFTHS
CHOSEN = chosen_parts(PARTS) if os.environ.get("STREAMCTL_SWEEP") == "all" else chosen_parts(FIFTHS)
ON = """
[features.anomaly_detection]
[features.retention]
[features.stream_scaling]
[features.tracing]
"""


class Featured(Streamctl):
    """Its `up` has every feature (the dashboard is in every sweep), and its `deploy` is an `up` without them."""

    def up(self) -> None:
        self.configure(ON)
        self._build(None, _delete_what_is_planned)

    def deploy(self) -> None:
        self.configure()
        self._build(None, _delete_what_is_planned)


def _delete_what_is_planned(planned: Plan) -> None:
    """Switching off deletes; after a kill, so may switching on: it goes on with what the other began."""


@pytest.fixture(scope="module")
def featured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sweep, list[Fault]]]:
    folder = tmp_path_factory.mktemp("features")
    with empty_account(folder / "emulator") as endpoint_url:
        made = Sweep(endpoint_url, folder, Featured, name="f")
        faults = all_faults(made.calls())
        yield made, [fault for fault in faults if fault.command != "prove"]


@pytest.mark.parametrize("part", CHOSEN)
def test_features_come_and_go_whatever_call_fails(
    part: int, featured: tuple[Sweep, list[Fault]], record_property: Callable[[str, object], None]
) -> None:
    harness, every_fault = featured

    expect_recovery(harness, [fault for fault in every_fault if belongs_to(part, fault, PARTS)], record_property)


def test_what_a_feature_brought_is_gone_once_it_is_off(featured: tuple[Sweep, list[Fault]]) -> None:
    harness, _ = featured

    on, off = harness.kinds_after("up"), harness.kinds_after("deploy")

    assert {kind: count - off[kind] for kind, count in on.items() if count != off[kind]} == {
        "table": 1,
        "function": 1,
        "mapping": 1,
        "role": 1,
        "log group": 1,
        "queue": 1,
        "topic": 1,
        "alarm": 3,
    }
