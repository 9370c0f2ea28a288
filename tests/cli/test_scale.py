"""What `scale` says to people; what it does is in tests/scaling and tests/end_to_end/test_scaling.py."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.cli.options import Session
from streamctl.cli.scale import change, tell
from streamctl.cli.terminal import Terminal
from streamctl.config import Config, Project
from streamctl.engine.state import StateFile, Target
from streamctl.errors import OwnershipError, UsageError
from streamctl.plugins import Catalogue
from streamctl.workspace import Home, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Account:
    """An `Aws` with one stream, that scales at once; `records` came in within the busiest minute."""

    account, region = "123456789012", "eu-west-1"
    identity = SimpleNamespace(partition="aws")

    def __init__(self, shards: int, records: float = 0, owner: str = "shop", status: str = "ACTIVE") -> None:
        self.shards, self.records, self.owner, self.status = shards, records, owner, status

    def client(self, _service: str) -> Account:
        return self

    once = client

    def describe_stream_summary(self, StreamName: str) -> dict[str, Any]:
        found = {
            "StreamName": StreamName,
            "StreamARN": f"arn:aws:kinesis:eu-west-1:123456789012:stream/{StreamName}",
            "StreamStatus": self.status,
            "OpenShardCount": self.shards,
            "RetentionPeriodHours": 24,
        }
        return {"StreamDescriptionSummary": found}

    def list_tags_for_stream(self, **_asked: Any) -> dict[str, Any]:
        return {"Tags": [{"Key": "streamctl:pipeline", "Value": self.owner}]}

    def update_shard_count(self, TargetShardCount: int, **_asked: Any) -> None:
        self.shards = TargetShardCount

    def get_metric_statistics(self, **_asked: Any) -> dict[str, Any]:
        return {"Datapoints": [{"Sum": self.records}] if self.records else []}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Call one half of the command on an account; answers what it says on stdout and stderr."""

    def call(half: Callable[..., None], aws: Any, *arguments: Any, **configured: Any) -> tuple[str, str]:
        home = Home(tmp_path)
        state = StateFile.new(home.state_file("shop"), "shop", Target(aws.account, aws.region))
        project = Project(tmp_path, Config.model_validate(configured))
        half(Session(Terminal()), Workspace(project, home, aws, state, Catalogue()), *arguments)
        said = capsys.readouterr()
        return said.out, said.err

    return call


def test_a_stream_that_is_too_small_is_told_with_the_command_that_mends_it(run: Callable[..., tuple[str, str]]) -> None:
    out, err = run(tell, Account(2, records=60 * 1700))

    assert "2 open shards, ACTIVE, provisioned" in out
    assert [line.split() for line in out.splitlines() if line.startswith("records")] == [
        ["records", "a", "second", "1,700", "113", "850", "1,000", "2,000"]
    ]
    assert "That needs 3 shards that are 80 % busy at most." in err
    assert "Next: streamctl scale --shards 3" in err


def test_a_stream_that_is_being_made_has_no_shards_to_divide_by(run: Callable[..., tuple[str, str]]) -> None:
    out, err = run(tell, Account(0, records=60 * 1700, status="CREATING"))  # the records are of one deleted before it

    assert "0 open shards, CREATING" in out
    assert err == ""


def test_how_busy_is_as_the_feature_is_told(run: Callable[..., tuple[str, str]]) -> None:
    _, err = run(tell, Account(4, records=60 * 1700), features={"stream_scaling": {"busy_percent": 100}})

    assert "2 shards would be enough: 100 % busy at most." in err


def test_the_steps_are_listed_up_front_and_what_up_would_do_is_said_with_the_line_that_keeps_it(
    run: Callable[..., tuple[str, str]],
) -> None:
    out, err = run(change, Account(2), 7)

    assert "In 2 steps: 4, 7 shards. AWS allows 10 in 24 hours." in err
    assert "7 shards, after" in out
    assert (
        "`streamctl up` would set it back to 2 shards, unless [stream] of streamctl.toml says:\n    shards = 7" in err
    )


@pytest.mark.parametrize("configured", [{"stream": {"shards": 4}}, {"features": {"stream_scaling": {}}}])
def test_nothing_is_said_of_up_where_it_keeps_the_number(
    configured: dict[str, Any], run: Callable[..., tuple[str, str]]
) -> None:
    assert "set it back" not in run(change, Account(2), 4, **configured)[1]


def test_a_stream_that_has_its_shards_is_left_alone(run: Callable[..., tuple[str, str]]) -> None:
    assert "Nothing to change: the stream has 2 shards." in run(change, Account(2), 2)[0]


def test_a_strangers_stream_is_not_touched(run: Callable[..., tuple[str, str]]) -> None:
    aws = Account(2, owner="somebody-else")

    with pytest.raises(OwnershipError, match="not ours: kinesis_stream analytics-stream-shop"):
        run(change, aws, 4)

    assert aws.shards == 2


def test_a_stream_on_its_way_out_is_no_stream(run: Callable[..., tuple[str, str]]) -> None:
    with pytest.raises(UsageError, match="There is no stream"):
        run(change, Account(2, status="DELETING"), 4)
