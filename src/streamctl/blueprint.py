"""The blueprint of a project: the recipe with every feature that is on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from streamctl.errors import ConfigError, PluginError
from streamctl.plugins import Broken, Catalogue, Plugin, refuse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.config import Project
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.names import Names
    from streamctl.pipeline.package import Package


def blueprint(project: Project, catalogue: Catalogue, names: Names, folder: Path, broken: Broken = refuse) -> Pipeline:
    """The pipeline as configured, nothing looked up; its code is put into the folder at deployment.

    Each feature finds the recipe and the features before it. Of one that is broken nothing is in the pipeline. Raises
    ConfigError, and what `broken` raises.
    """
    from streamctl.pipeline.recipe import recipe

    pipeline = recipe(project.config, names, folder)
    for name, (feature, settings) in catalogue.features(project.config, project.source, broken).items():
        plugin, extended = catalogue.get(catalogue.FEATURES, name), pipeline.copy()
        try:
            with plugin.blamed("failed", ConfigError):
                feature.apply(extended, settings)
                examine(extended, catalogue)
        except PluginError as error:
            broken(error)
        else:
            _sign(extended, pipeline, plugin)
            pipeline = extended
    try:
        catalogue.generator(project.config.producer.generator)  # a wrong name is better said before `produce`
    except PluginError as error:
        broken(error)
    return pipeline


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


def _sign(extended: Pipeline, before: Pipeline, plugin: Plugin) -> None:
    """Let what a feature has left in the pipeline to be called later say whose it is when it fails."""
    from streamctl.pipeline.checks import guarded

    extended.looks = {
        look if look in before.looks else guarded(look, plugin.blame): permissions
        for look, permissions in extended.looks.items()
    }
    extended.packages = {
        file: pack if file in before.packages else partial(_packed, pack, plugin)
        for file, pack in extended.packages.items()
    }


def _packed(pack: Callable[[], Package], plugin: Plugin) -> Package:
    with plugin.blamed("cannot be packed"):
        return pack()
