"""`export cloudformation`: one YAML template, how to deploy it, and how a stack takes over what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.exporters import stack_import
from streamctl.exporters.template import template
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

FILE = "template.yaml"


class CloudFormation:
    """One CloudFormation template in YAML, deployed with `aws cloudformation deploy`."""

    def export(self, design: Design) -> dict[str, str]:
        from streamctl.exporters.yaml_text import written

        return {FILE: written(template(design)), "README.md": _readme(design)}

    def handover(self, design: Design, known: Attributes) -> Handover:
        """A stack imports what is there as it is, then takes the template, which brings its own tags and the rest."""
        asked = ': "${BUCKET:?It has to name an S3 bucket of yours, in the region of the pipeline, for the zips.}"'
        before = f"{asked}\n{_uploads(design)}"
        return stack_import.handover(
            design, known, stack=_stack(design), bucket='"$BUCKET"', before=before, after=_deploy_command(design)
        )


def _stack(design: Design) -> str:
    return f"streamctl-{design.name or 'demo'}"


def _uploads(design: Design) -> str:
    functions = [each for each in design.resources if isinstance(each, LambdaFunction)]
    return "\n".join(f'aws s3 cp {each.package} "s3://$BUCKET/{each.code_key}"' for each in functions)


def _deploy_command(design: Design) -> str:
    return f"""\
aws cloudformation deploy --stack-name {_stack(design)} --template-file {FILE} --s3-bucket "$BUCKET" \\
  --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \\
  --parameter-overrides PipelineName={design.name or "demo"} CodeBucket="$BUCKET\""""


def _readme(design: Design) -> str:
    return f"""\
# The pipeline as a CloudFormation template

The code of the functions has to lie in an S3 bucket of yours, in the region of the pipeline. The names of the zips hold
their hashes: CloudFormation sees by them that code has changed. Not tried on AWS itself: on the emulator, the stack is
in every setting what `streamctl up` makes.

```console
BUCKET=name-of-your-bucket
{_uploads(design)}
{_deploy_command(design)}
```

To delete it with all its data:

```console
aws cloudformation delete-stack --stack-name {_stack(design)}
aws cloudformation wait stack-delete-complete --stack-name {_stack(design)}
```

CloudFormation empties no bucket and takes off no deletion protection: a stack with either of them fails to delete, and
says so. `code/` holds the zips and, beside each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
