"""Two pipelines of every kind there is, for all tests that only look at them or take back what they change."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ..every_kind import write_every_kind
from ..shell import Shell
from . import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.emulator.process import Emulator

    from .reading import Deployment

REGION = "eu-central-1"
"""Not us-east-1, where all other tests deploy: elsewhere a bucket has to be told where it is."""


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
    write_every_kind(folder)
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


@pytest.fixture
def environment(pair: Pair) -> dict[str, str]:
    """What the aws CLI has to know."""
    variables = pair.shell.environment
    return {
        "AWS_REGION": variables["STREAMCTL_REGION"],
        "AWS_ENDPOINT_URL": variables["STREAMCTL_ENDPOINT_URL"],
        **{key: value for key, value in variables.items() if key.startswith("AWS_")},
    }
