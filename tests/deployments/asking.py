"""Asking an account by plain boto3 calls: whole answers, and lists of what a pipeline's name is in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEVER_SET = "(never set)"
UNSET = {
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_ownership_controls": "OwnershipControlsNotFoundError",
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_tagging": "NoSuchTagSet",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_function_event_invoke_config": "ResourceNotFoundException",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_policy": "ResourceNotFoundException",
    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
    "get_resource_policy": "PolicyNotFoundException",
}
"""How a service says, by an error, that something was never set."""


class Account:
    """What is asked of an account about one pipeline; `client` makes the client of a service."""

    def __init__(self, client: Callable[[str], Any], name: str) -> None:
        self.client = cache(client)
        self.number = str(self.client("sts").get_caller_identity()["Account"])
        region = re.escape(self.client("sts").meta.region_name)
        self._ends = re.compile(rf"-{re.escape(name)}(-({region}|{self.number}))?$")

    def owns(self, name: str) -> bool:
        """Whether the pipeline's name ends this one, but for the region or the account where those come last."""
        return self._ends.search(name) is not None

    def ask(self, service: str, operation: str, **arguments: Any) -> Any:
        """The whole answer of one call."""
        try:
            answer = getattr(self.client(service), operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] != UNSET.get(operation):
                raise
            return NEVER_SET
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def answers(self, service: str, *operations: str, **arguments: Any) -> dict[str, Any]:
        """The whole answer of each of the calls, by its name."""
        return {operation: self.ask(service, operation, **arguments) for operation in operations}

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Every entry of a list, whole."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page.get(key, ())

    def names(self, service: str, operation: str, key: str, field: str) -> Iterator[str]:
        """Those of the names in a list of mappings that are the pipeline's."""
        for entry in self.pages(service, operation, key):
            if self.owns(entry[field]):
                yield entry[field]
