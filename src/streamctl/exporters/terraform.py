"""`export terraform`: a root module for the AWS provider, how to apply it, and how it takes over what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN, NAME_RULE
from streamctl.engine.block import Code, Nested
from streamctl.engine.resource import OWNER_TAG
from streamctl.exporters.hcl import arguments, block, expression
from streamctl.exporters.terraform_blocks import Blocks
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

DATA = ("aws_caller_identity", "aws_partition", "aws_region")
IMPORTS_FILE = "imports.tf"
TERRAFORM_VERSION = ">= 1.5"
PROVIDER = {"source": "hashicorp/aws", "version": "~> 6.0"}
VALUES_FILE = "terraform.tfvars"
IGNORED = ".terraform/\n*.tfstate\n*.tfstate.*\n"
"""What Terraform puts beside its files, and no repository is to hold: a state may hold secrets."""


class Terraform:
    """One Terraform root module for the AWS provider, deployed with `terraform apply`."""

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
            ".gitignore": IGNORED,
            "README.md": _readme(design),
        }

    def handover(self, design: Design, known: Attributes) -> Handover:
        """`import` blocks; the first `apply` shows what it does with them, asks, imports and changes the tags."""
        from streamctl.plugins import Handover

        dashboards = [each for each in design.resources if isinstance(each, CloudwatchDashboard)]
        commands = [
            "terraform init",
            "terraform apply",
            *(_untagged(known[each.id]["arn"]) for each in dashboards),
        ]
        files = {IMPORTS_FILE: _together(list(Blocks(design).imports(known))), VALUES_FILE: _values(design, known)}
        return Handover(files, "".join(f"{command}\n" for command in commands))


def _values(design: Design, known: Attributes) -> str:
    """Of the variables: so that no later command can look for what was taken over in another region."""
    return arguments({"pipeline_name": design.name, "region": known["aws"]["region"]})


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
    name = {
        "description": "Every name ends with it.",
        "type": Code("string"),
        **({"default": design.name} if design.name else {}),
        "validation": Nested({"condition": is_right, "error_message": NAME_RULE}),
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
    return [block(f'output "{each.id}_name"', _output(each, blocks)) for each in wanted if "name" in each.attributes]


def _output(resource: Resource, blocks: Blocks) -> dict[str, Any]:
    described = f"The name of the {resource.kind.replace('_', ' ')} {resource.id}."
    return {"description": described, "value": blocks.filled(resource.ref("name"))}


def _readme(design: Design) -> str:
    name = design.name or "demo"
    return f"""\
# The pipeline as a Terraform root module

Not tried on AWS itself, nor with the AWS provider: `terraform validate` accepts it with the schema of the provider's
version 6.25.

```console
terraform init
terraform apply -var pipeline_name={name}
```

The region is that of `AWS_REGION` or the profile, unless `-var region=…` names one: it has to be the same each time. A
name that runs already is not to be used again: of some kinds AWS makes no second one, and gives Terraform the first,
which the next `destroy` would delete. `streamctl handover terraform` lets Terraform take over what runs.

To delete it with all its data, what lies in its buckets included:

```console
terraform destroy -var pipeline_name={name}
```

A table that is protected fails to be deleted, and AWS says so: take `deletion_protection_enabled` off first. The
provider gives dashboards no tags, so a dashboard does not carry the one by which streamctl knows an export. A mail
address has to be confirmed by its owner; a subscription that never was goes with its topic.

What Terraform knows stands in `terraform.tfstate`: keep it, or configure a backend. `code/` holds the zips and, beside
each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
