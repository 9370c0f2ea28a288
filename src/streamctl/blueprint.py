"""The blueprint of a project: the recipe with every feature that is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.config import Project
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.names import Names
    from streamctl.plugins import Catalogue


def blueprint(project: Project, catalogue: Catalogue, names: Names, folder: Path) -> Pipeline:
    """The pipeline as configured, nothing looked up; its code is put into the folder at deployment. Raises PluginError
    and ConfigError.
    """
    from streamctl.pipeline.recipe import recipe

    pipeline = recipe(project.config, names, folder)
    for feature, settings in catalogue.features(project.config, project.source).values():
        feature.apply(pipeline, settings)
    pipeline.complete()
    catalogue.generator(project.config.producer.generator)  # a wrong name is better said before `produce`
    return pipeline
