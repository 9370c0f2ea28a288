"""What the exported apps become: the template of `export cloudformation`, in the same logical ids."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest

from streamctl.engine.graph import Graph
from streamctl.exporters.template import template
from streamctl.pipeline.design import Design
from streamctl.plugins import Catalogue
from streamctl.resources import LambdaFunction

from ...synthesizing import assets, needs_cdk, synthesized
from .comparing import cdks, ours
from .test_apps import Parameter

if TYPE_CHECKING:
    from pathlib import Path


@needs_cdk
@pytest.mark.parametrize("form", ["cdk-python", "cdk-typescript"])
def test_a_synthesized_app_is_our_template(tmp_path: Path, form: str, all_kinds: Design) -> None:
    files = {**Catalogue().exporter(form).export(all_kinds), **all_kinds.code}

    output = synthesized(form, tmp_path / form, files, "shop")

    made = json.loads((output / "streamctl-shop.template.json").read_text(encoding="utf-8"))
    functions = [each for each in all_kinds.resources if isinstance(each, LambdaFunction)]
    keys = {all_kinds.code[each.package]: each.code_key for each in functions}
    zips = {key: keys[content] for key, content in assets(output).items()}
    wanted = ours(template(all_kinds), "shop")
    assert cdks(made, zips) == wanted
    changed = copy.deepcopy(made)
    changed["Resources"]["Stream"]["Properties"]["RetentionPeriodHours"] = 25
    assert cdks(changed, zips) != wanted


@needs_cdk
@pytest.mark.parametrize("form", ["cdk-python", "cdk-typescript"])
def test_types_that_only_a_plugin_knows_refer_to_one_another_as_in_our_template(tmp_path: Path, form: str) -> None:
    first = Parameter(id="first", name="first-${pipeline.name}")
    second = Parameter(id="second", name="second", text="of ${first.arn}", after=("first",))
    drawn = Design(Graph([first, second]), {}, "shop")

    output = synthesized(form, tmp_path / form, Catalogue().exporter(form).export(drawn), "shop")

    made = json.loads((output / "streamctl-shop.template.json").read_text(encoding="utf-8"))
    assert cdks({"Outputs": {}, **made}, {}) == ours(template(drawn), "shop")
