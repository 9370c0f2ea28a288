"""A distribution with a feature and a resource kind: built, broken, mended and taken down again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from streamctl.pipeline.names import Names

from ..distributions import Site
from ..shell import Said, Shell
from .conftest import REGION, Project

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.emulator.process import Emulator

FEATURE = """
    from acme_kinds import Bell
    from streamctl import Check, FeatureSettings, Series
    from streamctl.resources import SqsQueue

    class Watch:
        '''Rings a bell. More is said here.'''
        settings = FeatureSettings

        def apply(self, pipeline, settings):
            bell = pipeline.add(Bell(id="bell", name=f"bell-{pipeline.names.suffix}"))
            queue = pipeline.add(SqsQueue(id="rung", name=f"rung-{pipeline.names.suffix}"))
            pipeline.allow(["sns:Publish"], bell.ref("arn"))
            pipeline.change("log_group", retention_days=30)
            of = {"TopicName": bell.name}
            pipeline.series.append(Series("Rings", "AWS/SNS", "NumberOfMessagesPublished", of, "Sum"))
            pipeline.check(lambda _: [Check("the bell", True, "hangs there")], {"bell": ("sns:GetTopicAttributes",)})
"""
KINDS = """
    from streamctl.resources import SnsTopic

    class Bell(SnsTopic):
        '''A topic by another name.'''
        kind = "acme_bell"
"""
COMMAND = """
    from streamctl import Session, command

    def register(app):
        command(app, "ring")(ring)

    def ring(session: Session) -> None:
        '''Say which bell would ring.'''
        workspace = session.open()
        session.terminal.result({"bell": f"bell-{workspace.name}"}, lambda: session.terminal.show("ding"))
"""
ON = "[features.watch]\n[event_source]\nbatching_window_seconds = 0\nbatch_size = 10\n"
WORD = "Without a plugin: The plugin watch (acme-watch 1.0) cannot be loaded: RuntimeError: half finished"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "site")
    entries = {
        "streamctl.features:watch": "acme_feature:Watch",
        "streamctl.resources:acme_bell": "acme_kinds:Bell",
        "streamctl.commands:ring": "acme_command:register",
    }
    made.install("acme-watch", entries, acme_feature=FEATURE, acme_kinds=KINDS, acme_command=COMMAND)
    return made


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path, site: Site) -> Project:
    names = Names(f"w{secrets.token_hex(3)}")
    environment = {
        "PYTHONPATH": str(site.folder),
        "PYTHONDONTWRITEBYTECODE": "1",  # a module is mended within the second that its cache goes by
        "STREAMCTL_NAME": names.suffix,
        "STREAMCTL_ENDPOINT_URL": emulator.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    (tmp_path / "project").mkdir()
    made = Project(Shell(tmp_path / "project", environment), names, emulator.endpoint_url)
    made.configure(ON)
    return made


def test_a_plugin_is_built_broken_mended_and_taken_down(project: Project, site: Site) -> None:
    run, suffix = project.shell.run, project.names.suffix
    run("up")
    run("produce", "--batches", "1")

    assert "the bell" in run("verify").out
    assert "Rings" in run("metrics").out
    assert run("ring", "--json").document == {"bell": f"bell-{suffix}"}
    assert "ring       From acme-watch 1.0." in run("--help").out

    project.configure(ON.replace("watch]", "watch]\nenabled = false"))
    gone = [(change["id"], change["result"]) for change in run("up", "--json").document["changes"]]
    assert {("bell", "deleted"), ("rung", "deleted")} <= set(gone)
    project.configure(ON)
    run("up")

    site.write("acme_feature", "raise RuntimeError('half finished')")
    refused = run("up", check=False)
    assert refused.code == 2
    assert "The plugin watch (acme-watch 1.0) cannot be loaded: RuntimeError: half finished" in refused.err
    told = {command: run(*command.split(), "--json") for command in ("status", "verify", "cost", "policy operator")}
    assert {command: said.err.count(WORD) for command, said in told.items()} == dict.fromkeys(told, 1)
    assert states(told["status"])["bell"] == states(told["status"])["log_group"] == ("ACTIVE", [])
    assert WORD.partition(": ")[2] in run("doctor", check=False).out
    listed = {row["name"]: row for row in run("plugins", "--json").document["plugins"]}
    assert (listed["watch"]["state"], listed["watch"]["broken"] is not None) == ("on", True)
    assert (listed["acme_bell"]["state"], listed["acme_bell"]["summary"]) == ("installed", "A topic by another name.")

    site.write("acme_kinds", "1 / 0")
    assert states(run("status", "--json"))["bell"] == ("unknown", [])
    project.configure(ON.replace("watch]", "watch]\nenabled = false"))
    cannot = run("plan", check=False)
    assert cannot.code == 2
    assert cannot.err.splitlines()[-1] == "Install what made it, as it was then."
    assert ".." not in cannot.err
    project.configure(ON)
    stopped = run("down", "--yes", check=False)
    assert stopped.code == 4
    assert f"All is deleted but acme_bell bell-{suffix}" in stopped.err
    assert "ZeroDivisionError: division by zero" in stopped.err
    assert [name.rpartition(":")[2] for name in project.everything_named_so()] == [f"bell-{suffix}"]

    site.write("acme_kinds", KINDS)
    assert WORD in run("down", "--yes").err
    assert project.everything_named_so() == []


def states(said: Said) -> dict[str, tuple[str, list[str]]]:
    return {row["id"]: (row["state"], row["drift"]) for row in said.document["resources"]}
