"""A finished pipeline to be written down for another tool: what every export is made from."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from streamctl.engine.graph import Graph
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG
from streamctl.pipeline.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamctl.engine.resource import Resource
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.package import Package

PIPELINE_NAME = Names("${pipeline.name}")
"""The names of a pipeline whose own name is the other tool's parameter."""


@dataclass(frozen=True)
class Design:
    """A pipeline of any name, in any account and region: these stand in it as `${pipeline.name}`, `${aws.account}`,
    `${aws.region}` and `${aws.partition}`. No resource carries the owner's tag; they carry EXPORT_TAG in its place.
    """

    graph: Graph
    packages: Mapping[Path, Package]
    """The code of its functions by the place of the zip, relative to the export: `code/processor.zip`."""
    name: str | None = None
    """What it is called here, where it has a name: a default for the parameter."""

    @classmethod
    def of(cls, pipeline: Pipeline, name: str | None) -> Design:
        """The design of a blueprint that was drawn up for PIPELINE_NAME. Raises PluginError."""
        packages = pipeline.pack()
        graph = Graph(_retagged(each, OWNER_TAG, EXPORT_TAG) for each in pipeline.graph().resources.values())
        return cls(graph, packages, name)

    @property
    def owned(self) -> Design:
        """The same as it is while streamctl's: with the owner's tag."""
        graph = Graph(_retagged(each, EXPORT_TAG, OWNER_TAG) for each in self.graph.resources.values())
        return replace(self, graph=graph)

    @property
    def resources(self) -> list[Resource]:
        """Each after all that it needs, else in the order of the recipe."""
        return [self.graph.resources[name] for name in self.graph.order]

    @cached_property
    def code(self) -> dict[str, bytes]:
        """Every zip, its source beside it, by place in the export."""
        found: dict[str, bytes] = {}
        for file, package in self.packages.items():
            found[file.as_posix()] = package.content
            with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
                found |= {
                    f"{file.with_suffix('').as_posix()}/{name}": archive.read(name) for name in archive.namelist()
                }
        return found


def _retagged(resource: Resource, old: str, new: str) -> Resource:
    return replace(resource, tags={new if key == old else key: value for key, value in resource.tags.items()})
