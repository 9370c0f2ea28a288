"""Reading what Lambda put into a bucket about batches it gave up on: an object each, with the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.aws import failures

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

ACTIONS = ("s3:GetObject", "s3:ListBucket")
PREFIX = "aws/lambda/"
"""How the keys of Lambda's objects begin."""


def objects(s3: Any, name: str, known: Container[str] = ()) -> Iterator[tuple[str, str]]:
    """Key and text of every object, without those whose keys are known. Raises what the SDK raises."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=PREFIX):
        for key in (found["Key"] for found in page.get("Contents", ())):
            if key not in known and (text := _text(s3, name, key)) is not None:
                yield key, text


def _text(s3: Any, name: str, key: str) -> str | None:
    """None where it was removed meanwhile."""
    try:
        body: bytes = s3.get_object(Bucket=name, Key=key)["Body"].read()
    except Exception as error:
        if failures.code(error) != "NoSuchKey":
            raise
        return None
    return body.decode("utf-8", "replace")
