"""Two pipelines of every kind there is, for all tests that only look at them or take back what they change."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ..shell import Shell
from . import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.emulator.process import Emulator

    from .reading import Deployment

REGION = "us-east-1"
ALL_FEATURES = Path(__file__).parents[2] / "examples" / "07-all-features" / "streamctl.toml"
EVERY_KIND = """
[features.alarms]
email = ["ops@example.com"]
encrypt_topic = true
"""
"""What makes the kinds that the example has none of: a bucket, beside it, by `on_failure`."""


@dataclass(frozen=True)
class Pair:
    """Two deployments of one configuration, by the same shell, on one emulator."""

    shell: Shell
    client: Callable[[str], Any]
    one: str
    other: str

    def read(self) -> tuple[Deployment, Deployment]:
        return read(self.client, self.one), read(self.client, self.other)


@pytest.fixture(scope="session")
def pair(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    bucket = ALL_FEATURES.read_text(encoding="utf-8").replace("[event_source]", '[event_source]\non_failure = "s3"')
    (folder / "streamctl.toml").write_text(bucket + EVERY_KIND, encoding="utf-8")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    environment = {
        **{key.upper(): value for key, value in keys.items()},
        "STREAMCTL_REGION": REGION,
        "STREAMCTL_ENDPOINT_URL": emulator.endpoint_url,
    }

    def client(service: str) -> Any:
        return boto3.client(service, region_name=REGION, endpoint_url=emulator.endpoint_url, **keys)

    made = Pair(Shell(folder, environment), client, f"t{secrets.token_hex(4)}", f"t{secrets.token_hex(4)}")
    for name in (made.one, made.other):
        made.shell.run("up", "--name", name)
    yield made
    for name in (made.one, made.other):
        made.shell.run("down", "--yes", "--name", name, check=False)
