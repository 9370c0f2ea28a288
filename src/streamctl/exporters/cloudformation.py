"""`export cloudformation`: one YAML template, and how to deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from streamctl.exporters.template import template
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.pipeline.design import Design

FILE = "template.yaml"


class CloudFormation:
    """One CloudFormation template in YAML, deployed with `aws cloudformation deploy`."""

    def export(self, design: Design) -> dict[str, str]:
        return {FILE: written(template(design)), "README.md": _readme(design)}


class _Writer(yaml.SafeDumper):
    """YAML as people write templates: intrinsic functions in their short form, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _mapping(writer: _Writer, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1:
        (function, told), *_ = value.items()
        if function == "Ref":
            return writer.represent_scalar("!Ref", told)
        if function == "Fn::Sub":
            return writer.represent_scalar("!Sub", told)
        if function == "Fn::GetAtt":
            return writer.represent_scalar("!GetAtt", ".".join(told))
    return writer.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)


_Writer.add_representer(dict, _mapping)


def written(document: dict[str, Any]) -> str:
    """The template as YAML, its sections and resources set apart by empty lines."""
    parts = []
    for section, content in document.items():
        text = yaml.dump({section: content}, Dumper=_Writer, sort_keys=False, width=110, allow_unicode=True)
        parts.append(_apart(text) if section == "Resources" else text)
    return "\n".join(parts)


def _apart(section: str) -> str:
    """An empty line before each resource but the first."""
    first, *lines = section.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith("  ") and line[2] not in " -"]
    return first + "".join(("\n" if number in starts[1:] else "") + line for number, line in enumerate(lines))


def _readme(design: Design) -> str:
    name = design.name or "demo"
    functions = [each for each in design.resources if isinstance(each, LambdaFunction)]
    uploads = "\n".join(f"aws s3 cp {each.package} s3://BUCKET/{each.code_key}" for each in functions)
    return f"""\
# The pipeline as a CloudFormation template

The code of the functions has to lie in an S3 bucket of yours, in the region of the pipeline. The names of the zips hold
their hashes: CloudFormation sees by them that code has changed.

```console
{uploads}
aws cloudformation deploy --stack-name streamctl-{name} --template-file {FILE} \\
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
