"""One AWS account, region and endpoint, and the clients to talk to it.

Nothing in streamctl asks whether the endpoint is AWS or an emulator: an emulator is an `endpoint_url`.
"""

from __future__ import annotations

import json
import os
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from streamctl import __version__
from streamctl.aws.failures import explained
from streamctl.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws.direct import Direct

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 60
RETRY_MODE = "standard"  # pinned: boto3's own default differs between releases
ATTEMPTS = 4
POOL_CONNECTIONS = 50


@dataclass(frozen=True)
class Identity:
    """Who we are to AWS."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`: the second part of every ARN."""
        return self.arn.split(":")[1]


def partition_of(region: str) -> str:
    """`aws`, `aws-cn`, …: known without asking AWS, from the SDK's own list; `aws` for a region of a strange name.

    The list is read without the SDK, whose import would take longer than all else that `streamctl policy` does.
    """
    sdk = find_spec("botocore")
    folder = ((sdk and sdk.submodule_search_locations) or [""])[0]
    partitions = json.loads(Path(folder, "data", "partitions.json").read_bytes())["partitions"]
    return next((str(each["id"]) for each in partitions if re.match(each["regionRegex"], region)), "aws")


def is_known_region(region: str) -> bool:
    """Whether the installed SDK has heard of it."""
    from botocore.session import get_session

    return region in get_session().get_available_regions("kinesis", partition_of(region))


class Aws:
    """Cached clients for one target. Safe to share between threads.

    `credentials` (access key id, secret key) override the usual chain of environment, profile and role.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self._requested_region = region
        self.profile = profile
        self.endpoint_url = endpoint_url
        self.own_credentials = credentials
        """Secret wherever they are not the emulator's, which are the only ones that streamctl gives."""
        self._clients: dict[tuple[str, int], Any] = {}
        self._direct: dict[str, Direct] = {}
        self._lock = threading.Lock()
        self._observers: list[Callable[[str, str], None]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets what this was made of, and makes clients of its own."""
        credentials = self.own_credentials
        return partial(
            Aws, region=self.region, profile=self.profile, endpoint_url=self.endpoint_url, credentials=credentials
        ), ()

    def client(self, service: str) -> Any:
        """The client of a service; passing failures are retried by the SDK."""
        return self._client(service, ATTEMPTS)

    def once(self, service: str) -> Any:
        """A client that sends each request exactly once: for creates, which must never be repeated blindly."""
        return self._client(service, 1)

    def direct(self, service: str) -> Direct:
        """Requests of a service sent once and without the SDK's models, where those would be most of the cost."""
        from streamctl.aws.direct import Direct

        client = self.once(service)
        with self._lock:
            return self._direct.setdefault(service, Direct(client))

    def content(self, path: str) -> bytes:
        """What a file holds that is sent as it is."""
        return Path(path).read_bytes()

    def watch(self, observer: Callable[[str, str], None]) -> None:
        """Call `observer(service, operation)` before every request of the clients made from now on."""
        self._observers.append(observer)

    @cached_property
    def region_if_set(self) -> str | None:
        """The region asked for, or the one of the profile or environment."""
        # Other tools read AWS_REGION; the SDK itself knows only AWS_DEFAULT_REGION.
        return self._requested_region or os.environ.get("AWS_REGION") or self._session.region_name

    @property
    def region(self) -> str:
        """The same, or CredentialsError where there is none."""
        if not self.region_if_set:
            raise CredentialsError(
                "No AWS region is set.",
                "Give --region, set AWS_REGION, or set region in streamctl.toml. "
                "Without an AWS account, --local runs everything on this machine.",
            )
        return self.region_if_set

    @cached_property
    def identity(self) -> Identity:
        """Who the credentials belong to, asked of AWS once. Raises CredentialsError."""
        with explained("ask AWS who we are"):
            answer = self.client("sts").get_caller_identity()
        return Identity(account=answer["Account"], arn=answer["Arn"])

    @property
    def account(self) -> str:
        return self.identity.account

    @property
    def environment(self) -> dict[str, str]:
        """What other tools of AWS have to be told to come to the same place: variable to value."""
        settings = {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_PROFILE": self.profile,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            **dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), self.own_credentials or (), strict=False)),
        }
        return {name: value for name, value in settings.items() if value}

    @property
    def credentials_expire_at(self) -> datetime | None:
        """In UTC; None for credentials that last, or whose end is not known."""
        with explained("look for credentials"):
            found = self._session.get_credentials()
        expires = getattr(found, "_expiry_time", None)  # the SDK tells it nowhere else
        return expires.astimezone(UTC) if expires else None

    @cached_property
    def _session(self) -> Any:
        import boto3

        keys = {}
        if self.own_credentials:
            keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), self.own_credentials, strict=True))
        with explained("open an AWS session"):
            return boto3.session.Session(profile_name=self.profile, **keys)

    @property
    def _is_on_this_machine(self) -> bool:
        return urlsplit(self.endpoint_url or "").hostname in {"127.0.0.1", "localhost", "::1"}

    def _client(self, service: str, attempts: int) -> Any:
        with self._lock:  # boto3 sessions do not make clients safely from several threads
            if (service, attempts) not in self._clients:
                self._clients[service, attempts] = self._make_client(service, attempts)
            return self._clients[service, attempts]

    def _make_client(self, service: str, attempts: int) -> Any:
        from botocore.config import Config

        with explained(f"open a client for {service}"):
            client = self._session.client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                config=Config(
                    connect_timeout=CONNECT_TIMEOUT_SECONDS,
                    read_timeout=READ_TIMEOUT_SECONDS,
                    retries={"mode": RETRY_MODE, "total_max_attempts": attempts},
                    max_pool_connections=POOL_CONNECTIONS,
                    user_agent_extra=f"streamctl/{__version__}",
                    # Elsewhere than at AWS a bucket has no host name of its own.
                    s3={"addressing_style": "path"} if self.endpoint_url else None,
                    proxies={} if self._is_on_this_machine else None,  # None: those of the environment
                ),
            )
        for observer in self._observers:
            client.meta.events.register("before-call", lambda model, notify=observer, **_: notify(service, model.name))
        return client
