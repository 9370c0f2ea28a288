"""`export cloudformation`: one YAML template, and how to deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.exporters.template import template
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.pipeline.design import Design

FILE = "template.yaml"


class CloudFormation:
    """One CloudFormation template in YAML, deployed with `aws cloudformation deploy`."""

    def export(self, design: Design) -> dict[str, str]:
        from streamctl.exporters.yaml_text import written

        return {FILE: written(template(design)), "README.md": _readme(design)}


def _readme(design: Design) -> str:
    name = design.name or "demo"
    functions = [each for each in design.resources if isinstance(each, LambdaFunction)]
    uploads = "\n".join(f"aws s3 cp {each.package} s3://BUCKET/{each.code_key}" for each in functions)
    return f"""\
# The pipeline as a CloudFormation template

The code of the functions has to lie in an S3 bucket of yours, in the region of the pipeline. The names of the zips hold
their hashes: CloudFormation sees by them that code has changed. Not tried on AWS itself: on the emulator, the stack is
in every setting what `streamctl up` makes.

```console
{uploads}
aws cloudformation deploy --stack-name streamctl-{name} --template-file {FILE} --s3-bucket BUCKET \\
  --capabilities CAPABILITY_NAMED_IAM \\
  --parameter-overrides PipelineName={name} CodeBucket=BUCKET
```

To delete it with all its data:

```console
aws cloudformation delete-stack --stack-name streamctl-{name}
aws cloudformation wait stack-delete-complete --stack-name streamctl-{name}
```

CloudFormation empties no bucket and takes off no deletion protection: a stack with either of them fails to delete, and
says so. `code/` holds the zips and, beside each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
