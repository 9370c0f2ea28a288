"""What an app of either language has around it: its settings, its exact packages and how to deploy it.

`locked/` holds the files that pin packages: package-lock.json is made by `npm install --package-lock-only
--omit-lockfile-registry-resolved`, requirements.txt by `pip-compile --generate-hashes --no-emit-index-url`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from streamctl.exporters import stack_import

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.exporters.cdk.model import Model
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover


IGNORED = "cdk.out/\n.venv/\nnode_modules/\n"
"""What CDK and the packages' installers put beside the app, and no repository is to hold."""


def pinned(name: str) -> str:
    """A file of `locked/`."""
    return (files("streamctl.exporters.cdk") / "locked" / name).read_text(encoding="utf-8")


def cdk_json(app: str, drawn: Model) -> str:
    """The settings of `cdk`: the pipeline's name, and no metadata in the template."""
    settings = {
        "app": app,
        "versionReporting": False,
        "pathMetadata": False,
        "assetMetadata": False,
        "context": {"pipelineName": drawn.name} if drawn.name else {},
    }
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def handover(design: Design, known: Attributes, install: str, cli: str) -> Handover:
    """As to a template, with the logical ids of which CDK's agree: `cdk import` would leave the owner's tags there."""
    return stack_import.handover(
        design,
        known,
        stack=f"streamctl-{design.name}",
        bucket="not-read",
        before=install,
        after=f"{cli} deploy -c pipelineName={design.name}",
    )


def readme(language: str, install: str, cli: str, drawn: Model) -> str:
    """How to deploy the app and how to delete it."""
    name = drawn.name or "demo"
    return f"""\
# The pipeline as an app of the AWS CDK in {language}

Every resource is an L1 construct, with the logical ids of `streamctl export cloudformation`. L2 constructs cannot say
that what holds data goes with its stack and stays where it is replaced, and they rewrite policy documents; only the
code of the functions is one, an asset. Not tried on AWS itself. Account and region are those of your credentials;
`{cli} bootstrap` has to have been run there once. Node.js is needed in either language.

```console
{install}
{cli} deploy -c pipelineName={name}
```

To delete it with all its data:

```console
{cli} destroy -c pipelineName={name}
```

CloudFormation empties no bucket and takes off no deletion protection: a stack with either of them fails to delete, and
says so. `code/` holds the zips and, beside each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
