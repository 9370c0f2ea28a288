"""Clients of the emulator for what works inside it, the driver and CloudFormation: through the gate, like everybody.

Streams are read and destinations written under the function's role, as Lambda does; only Invoke is Lambda's own.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.session import Session as CoreSession

LONGEST_INVOCATION_SECONDS = 920  # Lambda's 900, and some for the way
CONNECTIONS = 100


@dataclass
class Entry:
    """A client, made under a lock of its own: one that takes long holds up only those who want the same."""

    role_arn: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    client: Any = None


class Clients:
    """Cached clients for one emulator. Safe to share between threads."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, ...], Entry] = {}

    def of_role(self, service: str, account: str, region: str, role_arn: str) -> Any:
        """A client that acts as the role, with credentials that renew themselves."""
        return self._cached(service, account, region, role_arn)

    def of_account(self, service: str, account: str, region: str) -> Any:
        """A client of the account itself."""
        return self._cached(service, account, region, "")

    def forget_roles_but(self, role_arns: set[str]) -> None:
        """Close the clients of all other roles."""
        with self._lock:
            gone = [key for key, each in self._entries.items() if each.role_arn and each.role_arn not in role_arns]
            entries = [self._entries.pop(key) for key in gone]
        for entry in entries:
            if entry.client:
                entry.client.close()

    def _cached(self, service: str, account: str, region: str, role_arn: str) -> Any:
        key = (service, account, region, role_arn)
        with self._lock:
            entry = self._entries.setdefault(key, Entry(role_arn))
        with entry.lock:
            if entry.client is None:
                session = self._role_session(account, region, role_arn) if role_arn else _account_session(account)
                entry.client = self._client(session, service, region)
            return entry.client

    def _client(self, session: Session, service: str, region: str) -> Any:
        config = Config(
            connect_timeout=5,
            read_timeout=LONGEST_INVOCATION_SECONDS if service == "lambda" else 60,
            retries={"mode": "standard", "total_max_attempts": 1},  # the contract decides what is tried again
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
        )
        return session.client(service, region_name=region, endpoint_url=self.endpoint_url, config=config)

    def _role_session(self, account: str, region: str, role_arn: str) -> Session:
        security = self._client(_account_session(account), "sts", region)

        def assume() -> dict[str, str]:
            answer = security.assume_role(RoleArn=role_arn, RoleSessionName="event-source-mapping")["Credentials"]
            return {
                "access_key": answer["AccessKeyId"],
                "secret_key": answer["SecretAccessKey"],
                "token": answer["SessionToken"],
                "expiry_time": answer["Expiration"].isoformat(),
            }

        core = CoreSession()
        core._credentials = RefreshableCredentials.create_from_metadata(
            assume(), refresh_using=assume, method="sts-assume-role"
        )
        return Session(botocore_session=core)


def _account_session(account: str) -> Session:
    return Session(aws_access_key_id=account, aws_secret_access_key="test")  # noqa: S106 - an account number is a key here
