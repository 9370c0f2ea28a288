"""The resource policy that lets nobody in without TLS; it grants nothing."""

from __future__ import annotations

from typing import Any


def tls_only(service: str, *arns: str) -> dict[str, Any]:
    """A policy for things of one AWS service (`sqs`), whose endpoints would answer plain HTTP, too."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": f"{service}:*",
                "Resource": arns[0] if len(arns) == 1 else list(arns),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
