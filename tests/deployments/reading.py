"""Everything AWS tells of a pipeline, found by its name and read by plain calls, in words that hold for any name."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import running, storing, telling
from .asking import Account
from .varying import VARYING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Told = tuple[str, dict[str, Any]]
"""The name of one thing, and the answer of each call about it."""
Deployment = dict[str, dict[str, dict[str, Any]]]
"""Kind, name and call to an answer."""

KINDS: Mapping[str, Callable[[Account], Iterator[Told]]] = {
    "cloudwatch_alarm": telling.alarms,
    "cloudwatch_dashboard": telling.dashboards,
    "dynamodb_table": storing.tables,
    "event_source_mapping": running.mappings,
    "iam_role": running.roles,
    "kinesis_stream": storing.streams,
    "kms_key": storing.keys,
    "lambda_function": running.functions,
    "log_group": running.log_groups,
    "s3_bucket": storing.buckets,
    "sns_subscription": telling.subscriptions,
    "sns_topic": telling.topics,
    "sqs_queue": storing.queues,
}
TAGS = frozenset({"Tags", "TagSet", "tags"})


def read(client: Callable[[str], Any], name: str) -> Deployment:
    """All that `client(service)` tells of the pipeline: name and ids as words, documents parsed, tags as mappings."""
    account = Account(client, name)
    found = {kind: dict(tell(account)) for kind, tell in KINDS.items()}
    known = {account.number: "ACCOUNT", name: "NAME"}
    words = _Words(known | {drawn: _Words(known).of(word) for drawn, word in _drawn(found).items()})
    return {
        kind: {words.of(thing): words.put(answers, (kind,)) for thing, answers in things.items()}
        for kind, things in found.items()
    }


def _drawn(found: Deployment) -> dict[str, str]:
    """What AWS draws and others refer to: the ids of keys, and when a table's stream was switched on."""
    keys = {told["alias"]["TargetKeyId"]: f"(id of {name})" for name, told in found["kms_key"].items()}
    tables = {name: told["describe_table"]["Table"] for name, told in found["dynamodb_table"].items()}
    labels = {
        table["LatestStreamLabel"]: f"(label of {name})"
        for name, table in tables.items()
        if "LatestStreamLabel" in table
    }
    return keys | labels


class _Words:
    """Puts words in the place of what is another in every pipeline."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        written = "|".join(re.escape(each) for each in words)
        self._any = re.compile(rf"(?<![A-Za-z0-9])({written})(?![A-Za-z0-9])")

    def of(self, text: str) -> str:
        return self._any.sub(lambda match: self._words[match[0]], text)

    def put(self, value: Any, path: tuple[str, ...]) -> Any:
        """The same in words; `path` is the kind and the keys so far."""
        if path in VARYING:
            return VARYING[path]
        if isinstance(value, dict):
            return {self.of(key): self.put(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            if path[-1] in TAGS:
                return self.put(dict(_tag(each) for each in value), path)
            return [self.put(each, path) for each in value]
        if isinstance(value, str):
            document = _document(value)
            return self.of(value) if document is None else self.put(document, path)
        return value.isoformat() if isinstance(value, datetime) else value


def _tag(pair: Mapping[str, str]) -> tuple[str, str]:
    """`{"Key": …, "Value": …}`, or as KMS calls the two."""
    return (pair["TagKey"], pair["TagValue"]) if "TagKey" in pair else (pair["Key"], pair["Value"])


def _document(text: str) -> Any | None:
    """The JSON document in a string, or None where it holds none."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
