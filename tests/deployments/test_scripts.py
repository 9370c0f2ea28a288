"""What the bash script deploys is what `up` deploys; the other script leaves nothing of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from . import aws_cli, differences, owners, read, sent_items

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


@pytest.fixture
def folder(pair: Pair) -> Path:
    pair.shell.run("export", "bash")
    return pair.shell.folder / "bash"


@pytest.fixture
def deployed(pair: Pair, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The name of a pipeline that the script made, beside two that `up` made."""
    name = f"t{secrets.token_hex(4)}"
    made = aws_cli.run(folder / "deploy.sh", name, environment=environment)
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    yield name
    pair.client("lambda").delete_function(FunctionName=f"anomaly-detector-{name}")  # as where one broke off half-way
    pair.client("logs").delete_log_group(logGroupName=f"/aws/lambda/anomaly-detector-{name}")
    pair.client("dynamodb").delete_table(TableName=f"analytics-anomalies-{name}")
    taken_down = aws_cli.run(folder / "teardown.sh", "--yes", name, environment=environment)
    assert taken_down.returncode == 0, taken_down.stderr
    assert not [kind for kind, things in read(pair.client, name).items() if things]


@aws_cli.needs_aws_cli
def test_a_script_makes_what_up_makes_and_stores_the_same_items(
    pair: Pair, deployed: str, folder: Path, environment: dict[str, str]
) -> None:
    one, other = read(pair.client, pair.one), read(pair.client, deployed)

    assert differences(one, other) == []
    assert {kind: len(things) for kind, things in other.items()} == {kind: len(each) for kind, each in one.items()}
    assert set(owners(other)) == set(owners(one))
    assert {str(tags) for tags in owners(other).values()} == {"{'streamctl:export': 'NAME'}"}
    assert sent_items(pair.shell, pair.client, deployed) == sent_items(pair.shell, pair.client, pair.one)

    again = aws_cli.run(folder / "deploy.sh", deployed, environment=environment)
    refused = aws_cli.run(folder / "teardown.sh", deployed, environment=environment, stdin="another\n")

    assert again.returncode == 1
    assert "ResourceInUseException" in again.stderr
    assert refused.returncode == 1
    assert "Nothing was deleted." in refused.stderr
    assert differences(one, read(pair.client, deployed)) == []
