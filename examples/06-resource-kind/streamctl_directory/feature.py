"""The feature: each of the pipeline's things that others ask for, under a name that they can know."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from streamctl import FeatureSettings, Pipeline
from streamctl_directory.ssm_parameter import SsmParameter

PUBLISHED = {"stream": "arn", "table": "name", "rejected": "url"}
"""Resource to the attribute that is published."""


class DirectorySettings(FeatureSettings):
    prefix: str = Field(
        "/analytics",
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        max_length=200,
        description="Where in the Parameter Store: /PREFIX/PIPELINE/stream and so on.",
    )


class Directory:
    """Publishes the names of stream, table and queue in the Parameter Store, so that other applications find them."""

    settings = DirectorySettings
    default: ClassVar[bool] = False

    def apply(self, pipeline: Pipeline, settings: DirectorySettings) -> None:
        for resource_id, attribute in PUBLISHED.items():
            pipeline.add(
                SsmParameter(
                    id=f"directory_{resource_id}",
                    name=f"{settings.prefix}/{pipeline.names.suffix}/{resource_id}",
                    value=f"${{{resource_id}.{attribute}}}",
                    description=f"The {attribute} of the pipeline's {resource_id}.",
                )
            )
