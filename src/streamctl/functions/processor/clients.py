"""The clients of AWS, made in one place and only when they are first needed."""

from __future__ import annotations

from typing import Any

CALLS_AT_A_TIME = 8
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5


def client(service: str) -> Any:
    """A client that sends once, does not check its parameters, and has a connection for every thread of the pool."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},  # retrying.py knows the time left, the SDK does not
            max_pool_connections=CALLS_AT_A_TIME,
            parameter_validation=False,  # slow, and the items are checked already
        ),
    )
