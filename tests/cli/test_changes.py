"""What `up` and `deploy` ask and write, in process, on the emulator: every call is heard."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from streamctl.aws import Aws
from streamctl.cli import changes, down
from streamctl.cli.options import Session
from streamctl.cli.terminal import Terminal
from streamctl.config import load
from streamctl.emulator import process
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import StateFile, Target
from streamctl.errors import OwnershipError
from streamctl.plugins import Catalogue
from streamctl.workspace import Home, Workspace

from ..foreign import await_function, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.cli.changes import Built, Stage
    from streamctl.emulator.process import Emulator

CALLS_OF_A_SECOND_UP = 25
READING = ("Describe", "Get", "List", "Head")
OF_THE_CANARY = {"kinesis:PutRecord", "dynamodb:DeleteItem"}


class Project:
    """A pipeline on the emulator; each command is a process of its own, whose calls are in `heard`."""

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        (folder / "streamctl.toml").write_text("[event_source]\nbatching_window_seconds = 0\nbatch_size = 10\n")
        self._folder, self._endpoint_url = folder, endpoint_url
        self._session = Session(Terminal(quiet=True))
        self.name = f"n{secrets.token_hex(3)}"
        self.heard: Counter[str] = Counter()

    @property
    def writes(self) -> set[str]:
        return {call for call in self.heard if not call.partition(":")[2].startswith(READING)}

    def build(self, command: str, stage: Stage | None = None) -> Built:
        return changes.build(self._session, self._opened(), command=command, stage=stage)

    def remove(self) -> None:
        workspace = self._opened()
        with workspace.locked():
            down.remove(self._session, workspace)

    def aws(self) -> Aws:
        return Aws(region=process.REGION, endpoint_url=self._endpoint_url, credentials=process.CREDENTIALS)

    def _opened(self) -> Workspace:
        self.heard = Counter()
        aws, home = self.aws(), Home(self._folder)
        aws.watch(lambda service, operation: self.heard.update([f"{service}:{operation}"]))
        path, target = home.state_file(self.name), Target(process.ACCOUNT, process.REGION, self._endpoint_url)
        state = StateFile.load(path) if path.exists() else StateFile.new(path, self.name, target)
        return Workspace(load(self._folder), home, aws, state, Catalogue())


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path, emulator.endpoint_url)
    made.build("up")
    yield made
    made.remove()


def test_a_second_up_makes_few_calls_asks_nothing_twice_and_writes_nothing(project: Project) -> None:
    built = project.build("up")

    assert built.changes == []
    assert project.heard["sts:GetCallerIdentity"] == 1
    assert project.heard.total() <= CALLS_OF_A_SECOND_UP, project.heard
    assert project.writes == set()

    queues = 2
    of_queues = {call: count for call, count in project.heard.items() if call.startswith("sqs:")}
    assert set(of_queues.values()) == {queues}
    assert {call for call, count in project.heard.items() if count > 1} == of_queues.keys()


def test_deploying_changed_code_writes_the_function_alone(project: Project) -> None:
    functions, name = project.aws().client("lambda"), f"kinesis-processor-{project.name}"
    functions.update_function_code(FunctionName=name, ZipFile=zipped("def handle(event, context): return 1"))
    await_function(functions, name)

    built = project.build("deploy", "deploy")

    assert [change["id"] for change in built.changes] == ["function"]
    assert project.writes == {"lambda:UpdateFunctionCode"} | OF_THE_CANARY
    assert project.heard["lambda:UpdateFunctionCode"] == 1


def test_an_alarm_that_lost_its_tag_is_looked_at_alone_and_refused(project: Project) -> None:
    cloudwatch, name = project.aws().client("cloudwatch"), f"KinesisLambdaThrottles-{project.name}"
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    cloudwatch.untag_resource(ResourceARN=alarm["AlarmArn"], TagKeys=[OWNER_TAG])

    with pytest.raises(OwnershipError, match=f"not ours: cloudwatch_alarm {name}"):
        project.build("up")

    assert (project.heard["cloudwatch:DescribeAlarms"], project.heard["cloudwatch:ListTagsForResource"]) == (2, 1)
    cloudwatch.tag_resource(ResourceARN=alarm["AlarmArn"], Tags=[{"Key": OWNER_TAG, "Value": project.name}])
