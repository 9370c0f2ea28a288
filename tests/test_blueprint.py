"""The recipe with the features of plugins: what a broken one did is not in it, and its name is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.errors import AwsError, ConfigError, PluginError
from streamctl.pipeline.checks import Check, Situation
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue

from .distributions import Site

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline

FEATURES, RESOURCES = Catalogue.FEATURES, Catalogue.RESOURCES
HEAD = """
from streamctl import Check, ConfigError, FeatureSettings, Series, StreamctlError
from streamctl.resources import CloudwatchAlarm, LogGroup, SqsQueue
from botocore.exceptions import ClientError

class Group(LogGroup):
    kind = "acme_group"

class Watch:
    settings = FeatureSettings

    def apply(self, pipeline, settings):
        pipeline.add(SqsQueue(id="watch", name="watch"))
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.syspath_prepend(tmp_path)
    return Site(tmp_path)


def built(site: Site, module: str, lines: str, told: list[PluginError] | None = None, **entries: str) -> Pipeline:
    """The blueprint with a feature that adds a queue and then does what the lines say."""
    code = HEAD + "\n".join(f"        {line}" for line in lines.splitlines())
    site.install("acme", {f"{FEATURES}:watch": f"{module}:Watch", **entries}, **{module: code})
    project = Project(site.folder, Config.model_validate({"features": {"watch": {}}}))
    arguments: Any = (project, Catalogue(), Names("a1b2c3"), site.folder)
    return blueprint(*arguments) if told is None else blueprint(*arguments, told.append)


def test_a_feature_adds_to_the_recipe(site: Site) -> None:
    pipeline = built(site, "adds", "")

    assert {"stream", "errors_alarm", "watch"} <= pipeline.resources.keys()


@pytest.mark.parametrize(
    ("module", "lines", "reason"),
    [
        ("raises", "pipeline.change('table', name='x')\nraise LookupError('gone')", r"LookupError: gone \(.*raises.py"),
        ("quits", "raise SystemExit(1)", "SystemExit: 1"),
        ("refuses", "raise StreamctlError('no')", "StreamctlError: no"),
        ("taken", "pipeline.add(SqsQueue(id='stream', name='x'))", "already has a resource called 'stream'"),
        ("dangles", "pipeline.change('watch', name='${nobody.arn}')", "nobody.arn}, which does not exist"),
        ("unseen", "pipeline.series.append('Errors')", "'Errors' is among the series of `metrics`"),
        ("nothing", "pipeline.add('queue')", r"failed: TypeError: .*nothing.py:\d+\)|failed: AttributeError: .*py:\d+"),
        ("strange", "pipeline.add(Group(id='group', name='x'))", "of the kind acme_group, which is not registered"),
        (
            "useless",
            "pipeline.add(CloudwatchAlarm(id='a', name='a', namespace='AWS/Lambda', metric='Luck', threshold=1))",
            "alarm a could never fire",
        ),
    ],
)
def test_a_feature_that_fails_is_named_and_leaves_nothing(site: Site, module: str, lines: str, reason: str) -> None:
    told: list[PluginError] = []

    pipeline = built(site, module, lines, told)

    (error,) = told
    assert error.message.startswith("The plugin watch (acme 1.0) failed: ")
    with pytest.raises(AssertionError if not error else PluginError, match=reason):
        raise error
    assert "watch" not in pipeline.resources
    assert "errors_alarm" in pipeline.resources
    assert pipeline.resources["table"].name == "analytics-results-a1b2c3"


def test_whoever_builds_is_refused(site: Site) -> None:
    with pytest.raises(PluginError, match=r"The plugin watch \(acme 1.0\) failed: LookupError: gone"):
        built(site, "stops", "raise LookupError('gone')")


def test_settings_that_contradict_each_other_are_the_users_mistake(site: Site) -> None:
    with pytest.raises(ConfigError, match=r"^choose one$"):
        built(site, "contradicts", "raise ConfigError('choose one')", [])


def test_a_kind_that_is_registered_may_be_added(site: Site) -> None:
    entries = {f"{RESOURCES}:acme_group": "brings_kind:Group"}

    pipeline = built(site, "brings_kind", "pipeline.add(Group(id='group', name='x'))", **entries)

    assert pipeline.resources["group"].kind == "acme_group"


def looked(pipeline: Pipeline) -> list[Check]:
    situation: Any = Situation(aws=None, now=datetime.now(UTC), sent_at=None)  # type: ignore[arg-type]
    return [check for look in pipeline.looks for check in look(situation)]


@pytest.mark.parametrize(
    ("module", "body", "reason"),
    [
        ("look_raises", "raise LookupError('blind')", "LookupError: blind (?s:.)*look_raises.py"),
        ("look_forgets", "return None", "TypeError: 'NoneType' object is not iterable"),
        ("look_gives", "return ['fine']", "TypeError: 'fine' is no Check"),
    ],
)
def test_a_look_that_fails_is_a_failed_check_that_names_its_plugin(
    site: Site, module: str, body: str, reason: str
) -> None:
    pipeline = built(
        site, module, f"def seen(situation):\n    {body}\npipeline.check(seen, {{'stream': ('kinesis:ListShards',)}})"
    )

    (check,) = looked(pipeline)

    assert (check.name, check.passed) == ("seen", False)
    assert check.detail.startswith("The plugin watch (acme 1.0) failed: ")
    with pytest.raises(PluginError, match=reason):
        raise PluginError(check.detail)
    assert list(pipeline.looks.values()) == [{"stream": ("kinesis:ListShards",)}]


def test_a_look_that_works_says_what_it_saw(site: Site) -> None:
    lines = "def seen(situation):\n    yield Check('queue', True, 'empty')\npipeline.check(seen, {})"

    assert looked(built(site, "look_works", lines)) == [Check("queue", passed=True, detail="empty")]


@pytest.mark.parametrize(
    ("module", "raised", "kind"),
    [
        ("look_denied", "ClientError({'Error': {'Code': 'AccessDenied'}}, 'ListQueues')", ClientError),
        ("look_explained", "__import__('streamctl.errors').errors.AwsError('throttled')", AwsError),
    ],
)
def test_what_aws_refuses_to_a_look_is_raised_as_ever(
    site: Site, module: str, raised: str, kind: type[Exception]
) -> None:
    pipeline = built(site, module, f"def seen(situation):\n    raise {raised}\npipeline.check(seen, {{}})")

    with pytest.raises(kind):
        looked(pipeline)


def test_a_package_that_cannot_be_made_is_that_of_its_plugin(site: Site) -> None:
    pipeline = built(site, "packs", "pipeline.ship('own', lambda: 1 / 0)")

    with pytest.raises(PluginError, match=r"The plugin watch \(acme 1.0\) cannot be packed: ZeroDivisionError"):
        pipeline.pack()


def test_what_a_feature_does_when_all_are_applied_is_undone_where_it_fails(site: Site) -> None:
    told: list[PluginError] = []
    lines = "def late():\n    pipeline.add(SqsQueue(id='late', name='late'))\n    1 / 0\npipeline.when_complete(late)"

    pipeline = built(site, "late", lines, told)

    assert [error.message.partition(" (/")[0] for error in told] == [
        "The plugin watch (acme 1.0) failed: ZeroDivisionError: division by zero"
    ]
    assert "late" not in pipeline.resources
    assert "watch" in pipeline.resources


def test_what_a_feature_does_when_all_are_applied_is_in_the_pipeline(site: Site) -> None:
    lines = "pipeline.when_complete(lambda: pipeline.add(SqsQueue(id='later', name=str(len(pipeline.resources)))))"

    pipeline = built(site, "later", lines)

    assert pipeline.resources["later"].name == str(len(pipeline.resources) - 1)


def test_a_wrong_generator_is_said_before_events_are_made(site: Site) -> None:
    project = Project(site.folder, Config.model_validate({"producer": {"generator": "absent"}}))
    told: list[PluginError] = []

    pipeline = blueprint(project, Catalogue(), Names("a1b2c3"), site.folder, told.append)

    assert "stream" in pipeline.resources
    assert [error.message for error in told] == [
        "producer.generator: there is no plugin called 'absent' in streamctl.generators."
    ]
