"""What a feature may do to the blueprint beside adding resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.config import Config
from streamctl.errors import PluginError
from streamctl.pipeline.builder import Pipeline
from streamctl.pipeline.checks import Check, Situation
from streamctl.pipeline.names import Names
from streamctl.pipeline.package import Package
from streamctl.policy.audiences import Audience
from streamctl.policy.grants import Grant, Place, grants
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.sqs_queue import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(Names("demo01"), Config(), tmp_path)


def look(situation: Situation) -> Iterator[Check]:
    yield Check("the watchers' queue", True, f"Looked at {situation.now:%H:%M}.")


def test_a_package_is_shipped_as_a_zip_in_the_pipelines_folder(pipeline: Pipeline, tmp_path: Path) -> None:
    shipped = pipeline.ship("watcher", lambda: Package(b"zipped"))
    pipeline.add(
        LambdaFunction(id="watcher", name="watcher-demo01", role="arn", handler="watcher.handler.handle", **shipped)
    )

    assert shipped["package"] == str(tmp_path / "watcher.zip")
    assert pipeline.pack() == {tmp_path / "watcher.zip": Package(b"zipped")}
    assert pipeline.get("watcher", LambdaFunction).code_sha256 == Package(b"zipped").code_sha256


def test_two_packages_of_one_name_are_refused(pipeline: Pipeline) -> None:
    pipeline.ship("watcher", lambda: Package(b"zipped"))

    with pytest.raises(PluginError, match="already ships a package called 'watcher'"):
        pipeline.ship("watcher", lambda: Package(b"other"))


def test_what_a_features_look_needs_is_granted_to_whoever_verifies_only(pipeline: Pipeline) -> None:
    pipeline.add(SqsQueue(id="watchers", name="watchers-demo01"))

    pipeline.check(look, {"watchers": ("sqs:GetQueueAttributes",)})

    graph, place, looks = pipeline.graph(), Place("123456789012", "eu-central-1"), pipeline.looks.values()
    arn = "arn:aws:sqs:eu-central-1:123456789012:watchers-demo01"
    verifying, sending = Audience("verify", (), looks=True), Audience("produce", ())
    assert list(grants(verifying, graph, place, looks)) == [Grant("sqs:GetQueueAttributes", (arn,))]
    assert list(grants(sending, graph, place, looks)) == []
