"""Policies are printed without credentials, and for a pipeline that need not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

PLACE = ("--account", "123456789012", "--region", "eu-central-1")


def test_a_policy_needs_neither_credentials_nor_a_pipeline(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("policy", "produce", "--name", "shop", *PLACE)

    assert said.document["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords"],
            "Resource": ["arn:aws:kinesis:eu-central-1:123456789012:stream/analytics-stream-shop"],
        }
    ]
    assert not list(tmp_path.iterdir())


def test_another_partition_has_other_arns(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("policy", "produce", "--name", "shop", *PLACE[:2], "--region", "cn-north-1")

    assert said.document["Statement"][0]["Resource"][0].startswith("arn:aws-cn:kinesis:cn-north-1:")


def test_a_policy_that_is_too_long_comes_in_parts(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    whole = shell.run("policy", "operator", "--name", "shop", *PLACE)
    assert "--part 1 to 2" in whole.err

    pieces = [shell.run("policy", "operator", "--name", "shop", *PLACE, "--part", part).document for part in "12"]

    assert [line for piece in pieces for line in piece["Statement"]] == whole.document["Statement"]
    assert shell.run("policy", "operator", "--name", "shop", *PLACE, "--part", "3", check=False).code == 2


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    shell = Shell(tmp_path)

    unnamed = shell.run("policy", "operator", check=False)
    placeless = shell.run("policy", "operator", "--name", "shop", "--region", "eu-central-1", check=False)
    wrong = shell.run("policy", "operator", "--name", "shop", "--account", "12", check=False)

    assert (unnamed.code, placeless.code, wrong.code) == (2, 3, 2)
    assert "--name" in unnamed.err
    assert "--account" in placeless.err
    assert "12 digits" in wrong.err
