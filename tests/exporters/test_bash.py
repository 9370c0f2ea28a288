from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamctl.blueprint import design
from streamctl.config import load
from streamctl.engine.graph import Graph
from streamctl.exporters.bash import Bash
from streamctl.pipeline.design import Design
from streamctl.plugins import Catalogue
from streamctl.resources import SqsQueue

from ..every_kind import write_every_kind

if TYPE_CHECKING:
    from streamctl.engine.resource import Resource

QUEUE = SqsQueue(id="rejected", name="rejected-${pipeline.name}", message_retention_seconds=60)


def scripts(*resources: Resource, name: str | None = None) -> dict[str, str]:
    return Bash().export(Design(Graph(resources), {}, name))


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script, where there is no aws command."""
    (folder / "script.sh").write_text(script, encoding="utf-8")
    command = ["/bin/bash", str(folder / "script.sh"), *arguments]
    (folder / "dirname").symlink_to("/usr/bin/dirname")
    (folder / "cat").symlink_to("/usr/bin/cat")
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


def test_a_queue_is_made_and_deleted_by_the_calls_of_its_kind() -> None:
    written = scripts(QUEUE)

    assert written["deploy.sh"].endswith("""
# rejected: sqs queue
say "rejected-$NAME"
send aws sqs create-queue \\
  --queue-name "rejected-$NAME" \\
  --attributes '{"MessageRetentionPeriod": "60", "VisibilityTimeout": "30", "SqsManagedSseEnabled": "true"}' \\
  --tags '{}'

say "Deployed $NAME."
""")
    assert written["teardown.sh"].endswith("""
# rejected: sqs queue
say "rejected-$NAME"
rejected_url=$(ask aws sqs get-queue-url --queue-name "rejected-$NAME" --query QueueUrl --output text)
if [[ $rejected_url ]]; then
  send aws sqs delete-queue \\
    --queue-url "$rejected_url"
fi

say "Deleted $NAME."
""")


def test_the_name_is_the_argument_or_the_one_of_here(tmp_path: Path) -> None:
    assert "NAME=${GIVEN:-demo}\n" in scripts(QUEUE, name="demo")["deploy.sh"]
    nameless = run(tmp_path, scripts(QUEUE)["deploy.sh"])
    assert (nameless.returncode, nameless.stderr.split(":")[0]) == (1, "Not a name for a pipeline")


def test_it_takes_one_name_and_no_more(tmp_path: Path) -> None:
    said = run(tmp_path, scripts(QUEUE)["teardown.sh"], "--yes", "one", "two")

    assert (said.returncode, said.stderr) == (
        1,
        "There is one name for a pipeline, not two: one two. See: ./teardown.sh --help\n",
    )


def test_it_says_what_it_is_for_and_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    helped = run(tmp_path, scripts(QUEUE)["teardown.sh"], "--help")
    lacking = run(tmp_path / "a", scripts(QUEUE)["teardown.sh"], "demo")

    assert helped.stdout.startswith("Usage: ./teardown.sh [--yes] NAME\n")
    assert (lacking.returncode, lacking.stderr.split(":")[0]) == (1, "There is no aws command")


@pytest.mark.parametrize("form", ["default", "every kind"])
def test_shellcheck_finds_nothing(form: str, tmp_path: Path) -> None:
    if form == "every kind":
        write_every_kind(tmp_path)
    written = Bash().export(design(load(tmp_path), Catalogue(), None))
    for name in ("deploy.sh", "teardown.sh"):
        (tmp_path / name).write_text(written[name], encoding="utf-8")

    shellcheck = Path(sysconfig.get_path("scripts"), "shellcheck")
    found = subprocess.run(
        [shellcheck, tmp_path / "deploy.sh", tmp_path / "teardown.sh"], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stdout) == (0, "")
