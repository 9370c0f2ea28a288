"""The blueprint of a project: the recipe with every feature that is on."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamctl.errors import ConfigError, PluginError
from streamctl.plugins import Broken, Catalogue, Plugin, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.config import Project
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.design import Design
    from streamctl.pipeline.names import Names
    from streamctl.pipeline.package import Package
    from streamctl.plugins import Feature, FeatureSettings


CODE = Path("code")
"""Where an export holds the code of the functions."""


def blueprint(project: Project, catalogue: Catalogue, names: Names, folder: Path, broken: Broken = refuse) -> Pipeline:
    """The pipeline as configured, nothing looked up; its code is put into the folder at deployment.

    Each feature finds the recipe and the features before it. Of one that is broken nothing is in the pipeline. Raises
    ConfigError, and what `broken` raises.
    """
    from streamctl.pipeline.recipe import recipe

    pipeline = recipe(project.config, names, folder, project.folder)
    for name, (feature, settings) in catalogue.features(project.config, project.source, broken).items():
        with _whole_or_not(pipeline, broken):
            _extend(pipeline, feature, settings, catalogue, catalogue.get(catalogue.FEATURES, name))
    while pipeline.last:
        act = pipeline.last.pop(0)
        with _whole_or_not(pipeline, broken):
            act()
    try:
        catalogue.generator(project.config.producer.generator)  # a wrong name is better said before `produce`
    except PluginError as error:
        broken(error)
    return pipeline


def design(project: Project, catalogue: Catalogue, name: str | None) -> Design:
    """The blueprint as other tools are told of it, every plugin that is on included. Raises ConfigError, PluginError.

    What the pipeline is called is open in it; `name` is what they suggest.
    """
    from streamctl.pipeline.design import PIPELINE_NAME, Design

    pipeline = blueprint(project, catalogue, PIPELINE_NAME, CODE)
    return Design.of(pipeline, name)


def examine(pipeline: Pipeline, catalogue: Catalogue) -> None:
    """Raises PluginError for what could not be made, shown, or taken down again once the feature is off."""
    from streamctl.pipeline.builder import Series

    pipeline.graph()
    for resource in pipeline.resources.values():
        if not _is_known(resource, catalogue):
            raise PluginError(
                f"{resource.id} is of the kind {resource.kind}, which is not registered: turned off, the feature could "
                "not be taken down.",
                f"Register {type(resource).__name__} as {resource.kind} in the group {catalogue.RESOURCES}.",
            )
    if strange := [each for each in pipeline.series if not isinstance(each, Series)]:
        raise PluginError(f"{strange[0]!r} is among the series of `metrics`, and is no Series.")


def _is_known(resource: Resource, catalogue: Catalogue) -> bool:
    try:
        return catalogue.kind(resource.kind) is type(resource)
    except PluginError:
        return False


def _extend(
    pipeline: Pipeline, feature: Feature[Any], settings: FeatureSettings, catalogue: Catalogue, plugin: Plugin
) -> None:
    """Apply a feature, and let what it has left to be called later say whose it is when it fails."""
    from streamctl.pipeline.checks import guarded

    before = pipeline.copy()
    with plugin.blamed("failed", ConfigError):
        feature.apply(pipeline, settings)
        examine(pipeline, catalogue)
    for look in [look for look in pipeline.looks if look not in before.looks]:
        pipeline.looks[guarded(look, plugin.blame)] = pipeline.looks.pop(look)
    for file in pipeline.packages.keys() - before.packages.keys():
        pipeline.packages[file] = partial(_packed, pipeline.packages[file], plugin)
    for position in range(len(before.last), len(pipeline.last)):
        pipeline.last[position] = partial(_completed, pipeline, pipeline.last[position], catalogue, plugin)


def _completed(pipeline: Pipeline, act: Callable[[], None], catalogue: Catalogue, plugin: Plugin) -> None:
    with plugin.blamed("failed", ConfigError):
        act()
        examine(pipeline, catalogue)


@contextmanager
def _whole_or_not(pipeline: Pipeline, broken: Broken) -> Iterator[None]:
    """Either all that is done inside is in the pipeline, or nothing."""
    before = pipeline.copy()
    try:
        yield
    except PluginError as error:
        pipeline.restore(before)
        broken(error)


def _packed(pack: Callable[[], Package], plugin: Plugin) -> Package:
    with plugin.blamed("cannot be packed"):
        return pack()
