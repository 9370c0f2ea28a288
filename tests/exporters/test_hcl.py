from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import unicodedata
from typing import TYPE_CHECKING, Any

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.engine.block import Call, Code, Nested
from streamctl.exporters.hcl import Template, block, expression

if TYPE_CHECKING:
    from pathlib import Path

TERRAFORM = shutil.which("terraform")
needs_terraform = pytest.mark.skipif(TERRAFORM is None, reason="terraform is not on PATH")

EVERY_FORM = {
    "name": Template(("shop-", Code("var.pipeline_name"))),
    "size": 2.0,
    "on": True,
    "tags": {"streamctl:export": "shop", "team": Code("var.team"), Code("var.key"): 1},
    "arns": ["a", Code("aws_sqs_queue.q.arn")],
    "attribute": [Nested({"name": "id"}), Nested({"name": "at", "default": None})],
    "policy": Call("jsonencode", {"Statement": [{"Effect": "Deny", "Action": []}], "Empty": {}}),
    "lifecycle": Nested({"ignore_changes": [Code("size")]}),
}

AS_TERRAFORM_WRITES_IT = """\
resource "acme_thing" "thing" {
  name = "shop-${var.pipeline_name}"
  size = 2
  on   = true
  tags = {
    "streamctl:export" = "shop"
    team               = var.team
    (var.key)          = 1
  }
  arns = ["a", aws_sqs_queue.q.arn]

  attribute {
    name = "id"
  }

  attribute {
    name    = "at"
    default = null
  }

  policy = jsonencode({
    Statement = [
      {
        Effect = "Deny"
        Action = []
      },
    ]
    Empty = {}
  })

  lifecycle {
    ignore_changes = [size]
  }
}
"""

AWKWARD = [
    "${aws:username}",
    "%{if}",
    "$$${x} $${ $ % %%%{",
    'a "quoted" \\ back\\slash\\n',
    "two\nlines\r\n\ttab",
    "\x01\b\f\x7f",
    "ü 😀 </&> \x85 \u2028",
    "",
    {"a b": [1, 2.5, -1, 1e-7, 12345678901234, True, None], "${k}": {}, "": [], "1": "x" * 120},
    {"for": 1, "null": 2, "true": 3, "in": 4},
    [["a"], [], [{"b": ["c" * 60, "d" * 60]}]],
]

TEXTS = st.text(st.characters(codec="utf-8")).map(lambda text: unicodedata.normalize("NFC", text))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def terraform(folder: Path, *arguments: str, told: str = "") -> str:
    assert TERRAFORM
    done = subprocess.run([TERRAFORM, f"-chdir={folder}", *arguments], input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(value: Any) -> Any:
    """What the independent reader told, its texts without quotes and escapes."""
    if isinstance(value, dict):
        return {read(key): read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [read(inner) for inner in value]
    if not (isinstance(value, str) and value.startswith('"')):
        return value
    text = re.sub(r"([$%])\1\{", r"\1{", value)
    return json.loads(text, strict=False)


def test_every_form_is_laid_out_as_people_write_it() -> None:
    assert block('resource "acme_thing" "thing"', EVERY_FORM) == AS_TERRAFORM_WRITES_IT


def test_a_block_without_arguments_is_one_line() -> None:
    assert block('data "aws_region" "current"', {}) == 'data "aws_region" "current" {}\n'


def test_a_dollar_before_an_expression_does_not_mark_it_as_text() -> None:
    assert expression(Template(("US$", Code("var.price")))) == r'"US\u0024${var.price}"'


@given(VALUES)
def test_an_independent_reader_finds_the_value_that_was_written(value: Any) -> None:
    found = hcl2.loads(block("locals", {"value": value}))

    assert read(found["locals"][0]["value"]) == value


@needs_terraform
def test_terraform_itself_finds_the_values_and_nothing_to_lay_out_anew(tmp_path: Path) -> None:
    text = block("locals", {"values": AWKWARD, "priced": Template(("US$", Code("1 + 1"), "$"))})
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "forms.tf").write_text(AS_TERRAFORM_WRITES_IT, encoding="utf-8")
    terraform(tmp_path, "fmt", "-check", "-diff")
    (tmp_path / "forms.tf").unlink()

    told = terraform(tmp_path, "console", told="base64encode(jsonencode([local.values, local.priced]))\n")

    assert json.loads(base64.b64decode(json.loads(told))) == [AWKWARD, "US$2$"]
