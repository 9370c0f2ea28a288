"""Grants as an IAM policy: what shares resources and condition, or actions and condition, stands in one statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.policy.grants import Grant

MANAGED_POLICY_CHARACTERS = 6144
"""IAM's limit for a managed policy, white space not counted. A role holds 10,240 inline, a user 2,048."""

Document = dict[str, Any]


def document(grants: Iterable[Grant]) -> Document:
    """One policy, however long."""
    return _document(_statements(grants))


def parts(whole: Document, most: int = MANAGED_POLICY_CHARACTERS) -> list[Document]:
    """The same policy as few documents that IAM takes as managed policies."""
    made: list[list[Document]] = [[]]
    for statement in whole["Statement"]:
        if made[-1] and size(_document([*made[-1], statement])) > most:
            made.append([])
        made[-1].append(statement)
    return [_document(statements) for statements in made]


def size(policy: Document) -> int:
    """Its characters as IAM counts them."""
    return len(json.dumps(policy, separators=(",", ":")))


def _document(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}


def _statements(grants: Iterable[Grant]) -> list[Document]:
    by_resource: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for grant in grants:
        key = tuple(sorted(grant.arns)), json.dumps(grant.condition, sort_keys=True)
        by_resource.setdefault(key, set()).add(grant.action)
    by_actions: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for (arns, condition), actions in by_resource.items():
        by_actions.setdefault((tuple(sorted(actions)), condition), set()).update(arns)
    return [
        _statement(actions, sorted(arns), condition)
        for (actions, condition), arns in sorted(by_actions.items(), key=lambda entry: (entry[0], sorted(entry[1])))
    ]


def _statement(actions: tuple[str, ...], arns: list[str], condition: str) -> Document:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": arns}
    found = json.loads(condition)
    return statement | {"Condition": found} if found else statement
