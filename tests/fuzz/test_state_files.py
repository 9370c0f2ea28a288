from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from streamctl import ledger
from streamctl.errors import UsageError

from .commands import examples, terminal_in, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE: dict[str, Any] = {
    "name": "shop",
    "target": {"account": "123456789012", "region": "eu-central-1", "endpoint_url": None, "profile": None},
    "created_at": "2026-11-24T15:00:00+00:00",
    "resources": {
        "stream": {
            "kind": "kinesis_stream",
            "fields": {"id": "stream", "name": "analytics-stream-shop", "after": [], "tags": {}, "shards": 2},
            "made": True,
            "deleting": False,
        }
    },
    "proved": False,
    "version": 1,
}
RUN: dict[str, Any] = {
    "format": 1,
    "run_id": "20261124T150000-abcd",
    "pipeline": "shop",
    "stream": "analytics-stream-shop",
    "source": "recipe",
    "seed": 1,
    "started_at": "2026-11-24T15:00:00+00:00",
    "ended_at": "2026-11-24T15:00:01+00:00",
    "events": 1,
    "accepted": 1,
    "unsent": 0,
    "bytes": 300,
    "by_type": {"click": 1},
    "clock_ahead_seconds": 0.0,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)
COMMANDS = ["status", "plan", "verify --deadline 0", "down --yes", "produce", "metrics", "ls"]


def paths(document: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else [])
    )
    return [before, *(path for key, value in inner for path in paths(value, (*before, key)))]


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any]) -> bytes:
    """The file with one value replaced, one left out or one too many; cut off, or with other bytes in it."""
    *way, last = draw(st.sampled_from(paths(document)[1:]))
    changed = json.loads(json.dumps(document))
    place = changed
    for key in way:
        place = place[key]
    match draw(st.sampled_from(["replace", "leave out", "add", "cut", "overwrite"])):
        case "replace":
            place[last] = draw(ANYTHING)
        case "leave out":
            del place[last]
        case "add" if isinstance(place, dict):
            place[draw(st.text(max_size=8))] = draw(ANYTHING)
        case _:
            pass
    text = json.dumps(changed).encode()
    at = draw(st.integers(0, len(text)))
    return draw(
        st.sampled_from([text, text, text, text[:at], text[:at] + draw(st.binary(max_size=4)) + text[at + 4 :]])
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user's folder, and an account in this process."""
    made = tmp_path_factory.mktemp("project")
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}
    with terminal_in(made, **keys), mock_aws():
        yield made


def write(
    project: Path,
    state: bytes = json.dumps(STATE).encode(),
    run: bytes = json.dumps(RUN).encode(),
    requests: bytes = b'{"first":0,"count":1,"unsent":[]}\n',
    entries: bytes = bytes(16),
) -> None:
    """What a pipeline and one run of one event leave in the folder."""
    pipeline = project / ".streamctl" / "pipelines" / "shop"
    ledger = pipeline / "runs" / RUN["run_id"]
    ledger.mkdir(parents=True, exist_ok=True)
    (pipeline / "state.json").write_bytes(state)
    for name, content in (("run.json", run), ("requests.jsonl", requests), ("entries.bin", entries)):
        (ledger / name).write_bytes(content)


@settings(max_examples=examples(200))
@given(state=damaged(STATE) | st.binary(max_size=60), command=st.sampled_from(COMMANDS))
def test_any_state_file_is_read_or_refused_in_words(state: bytes, command: str, project: Path) -> None:
    write(project, state=state)

    type_in(command.split()).is_an_answer()


@settings(max_examples=examples(200))
@given(
    run=damaged(RUN),
    requests=st.binary(max_size=40) | damaged({"first": 0, "count": 1, "unsent": [0]}).map(lambda line: line + b"\n"),
    entries=st.binary(max_size=40),
)
def test_any_ledger_is_read_or_refused_in_words(run: bytes, requests: bytes, entries: bytes, project: Path) -> None:
    write(project, run=run, requests=requests, entries=entries)

    try:
        for each in ledger.runs(project / ".streamctl" / "pipelines" / "shop"):
            each.read()
    except UsageError as error:
        assert "cannot be read" in error.message  # noqa: PT017  either end is right
