"""`export terraform`: a module for Terraform and the AWS provider, and how to apply it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN
from streamctl.engine.block import Code, Nested
from streamctl.exporters.hcl import block, expression
from streamctl.exporters.terraform_blocks import Blocks

if TYPE_CHECKING:
    from streamctl.pipeline.design import Design

DATA = ("aws_caller_identity", "aws_partition", "aws_region")
TERRAFORM_VERSION = ">= 1.5"
PROVIDER = {"source": "hashicorp/aws", "version": ">= 6.0, < 7.0"}


class Terraform:
    """One Terraform module for the AWS provider, deployed with `terraform apply`."""

    def export(self, design: Design) -> dict[str, str]:
        blocks = Blocks(design)
        return {
            "main.tf": _main(blocks),
            "variables.tf": _together(_variables(design)),
            "outputs.tf": _together(_outputs(design, blocks)),
            "versions.tf": block(
                "terraform",
                {"required_version": TERRAFORM_VERSION, "required_providers": Nested({"aws": PROVIDER})},
            ),
            "README.md": _readme(design),
        }


def _together(blocks: list[str]) -> str:
    return "\n".join(blocks)


def _main(blocks: Blocks) -> str:
    resources = list(blocks.written())
    text = "".join(resources)
    data = [block(f'data "{each}" "current"', {}) for each in DATA if f"data.{each}.current." in text]
    return _together([block('provider "aws"', {"region": Code("var.region")}), *data, *resources])


def _variables(design: Design) -> list[str]:
    is_right = Code(f"can(regex({expression(NAME_PATTERN)}, var.pipeline_name))")
    wrong = "Lower-case letters, digits and hyphens between them, 32 at most."
    name = {
        "description": "Every name ends with it.",
        "type": Code("string"),
        **({"default": design.name} if design.name else {}),
        "validation": Nested({"condition": is_right, "error_message": wrong}),
    }
    region = {
        "description": "Where the pipeline runs; by default where the provider's environment or profile says.",
        "type": Code("string"),
        "default": None,
    }
    return [block('variable "pipeline_name"', name), block('variable "region"', region)]


def _outputs(design: Design, blocks: Blocks) -> list[str]:
    """Where events go in, where they are stored, and where to look for those that are not."""
    wanted = [each for each in design.resources if each.holds_data or each.kind == "lambda_function"]
    return [
        block(f'output "{each.id}_name"', _value(blocks.filled(each.ref("name"))))
        for each in wanted
        if "name" in each.attributes
    ]


def _value(value: Any) -> dict[str, Any]:
    return {"value": value}


def _readme(design: Design) -> str:
    name = design.name or "demo"
    return f"""\
# The pipeline as a Terraform module

Not tried on AWS itself, nor with the AWS provider: `terraform validate` accepts it with the schema of the provider's
version 6.25.

```console
terraform init
terraform apply -var pipeline_name={name} -var region=eu-west-1
```

To delete it with all its data, what lies in its buckets included:

```console
terraform destroy -var pipeline_name={name} -var region=eu-west-1
```

A table that is protected fails to be deleted, and AWS says so: take `deletion_protection_enabled` off first. The
provider gives dashboards no tags, so a dashboard does not carry the one by which streamctl knows an export. A mail
address has to be confirmed by its owner; a subscription that never was goes with its topic.

What Terraform knows stands in `terraform.tfstate`: keep it, or configure a backend. `code/` holds the zips and, beside
each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
