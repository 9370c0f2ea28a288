"""`export terraform`: a module for Terraform and the AWS provider, how to apply it, and how it takes over what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN
from streamctl.engine.block import Code, Nested
from streamctl.engine.resource import OWNER_TAG
from streamctl.exporters.hcl import block, expression
from streamctl.exporters.terraform_blocks import Blocks
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

DATA = ("aws_caller_identity", "aws_partition", "aws_region")
IMPORTS_FILE = "imports.tf"
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

    def handover(self, design: Design, known: Attributes) -> Handover:
        """`import` blocks; the first `apply` shows what it does with them, asks, imports and changes the tags."""
        from streamctl.plugins import Handover

        dashboards = [each for each in design.resources if isinstance(each, CloudwatchDashboard)]
        commands = [
            "terraform init",
            f"terraform apply -var pipeline_name={design.name}",
            *(_untagged(known[each.id]["arn"]) for each in dashboards),
        ]
        files = {IMPORTS_FILE: _together(list(Blocks(design).imports(known)))}
        return Handover(files, "".join(f"{command}\n" for command in commands))


def _untagged(dashboard_arn: str) -> str:
    """The provider knows no tags of dashboards, and so leaves the owner's where it is."""
    return f"aws cloudwatch untag-resource --resource-arn {dashboard_arn} --tag-keys {OWNER_TAG}"


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
