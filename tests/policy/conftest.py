"""An emulator that enforces permissions, and users who have exactly the policies that streamctl prints."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from streamctl.blueprint import blueprint as complete_blueprint
from streamctl.config import Config, Project
from streamctl.emulator import process
from streamctl.pipeline.names import POLICY_NAME, Names
from streamctl.plugins import Catalogue
from streamctl.policy.audiences import AUDIENCES
from streamctl.policy.document import Document, document
from streamctl.policy.grants import Place, grants

from ..shell import Said, Shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline

REGION = "us-east-1"
AT_ONCE = "[event_source]\nbatching_window_seconds = 0\nbatch_size = 10\n"
"""Nothing waits for more records."""
ROOT = process.CREDENTIALS


def blueprint(folder: Path, features: Iterable[str] = ()) -> Pipeline:
    """The pipeline of a project that configures nothing, with the defaults' features and these."""
    project = Project(folder, Config(features={name: {} for name in features}))
    return complete_blueprint(project, Catalogue(), Names("shop"), folder)


def printed(audience: str, folder: Path, features: Iterable[str] = ()) -> Document:
    pipeline, place = blueprint(folder, features), Place("123456789012", "eu-central-1")
    return document(grants(AUDIENCES[audience], pipeline.graph(), place, pipeline.looks.values()))


def actions(policy: Document) -> list[str]:
    return sorted({action for statement in policy["Statement"] for action in statement["Action"]})


def without(policy: Document, action: str) -> Document:
    """The policy with one action taken out everywhere."""
    statements = [
        {**statement, "Action": [each for each in statement["Action"] if each != action]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": [statement for statement in statements if statement["Action"]]}


@dataclass
class Company:
    """One pipeline, `operator`, `produce` and `verify` as users with keys of their own, and somebody above them."""

    folder: Path
    endpoint_url: str
    name: str = field(default_factory=lambda: f"p{secrets.token_hex(3)}")
    policies: dict[str, Document] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.configure(f"{AT_ONCE}[features.dashboard]\n")
        for audience in AUDIENCES:
            said = self.run(ROOT, "policy", audience)
            self.policies[audience] = said.document
            user = f"{audience}-{self.name}"
            self.client("iam").create_user(UserName=user)
            key = self.client("iam").create_access_key(UserName=user)["AccessKey"]
            self.keys[audience] = (key["AccessKeyId"], key["SecretAccessKey"])
            self.allow(audience)

    def configure(self, text: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "streamctl.toml").write_text(text, encoding="utf-8")

    def client(self, service: str, keys: tuple[str, str] = ROOT) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
        )

    def allow(self, audience: str, *, but: str = "") -> None:
        """What `streamctl policy` printed for them, without one of the actions."""
        policy = without(self.policies[audience], but) if but else self.policies[audience]
        self.client("iam").put_user_policy(
            UserName=f"{audience}-{self.name}", PolicyName="streamctl", PolicyDocument=json.dumps(policy)
        )

    @property
    def role_policy(self) -> Document:
        answer = self.client("iam").get_role_policy(RoleName=Names(self.name).role, PolicyName=POLICY_NAME)
        return dict(answer["PolicyDocument"])

    def allow_processor(self, policy: Document) -> None:
        self.client("iam").put_role_policy(
            RoleName=Names(self.name).role, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(policy)
        )

    def run(self, who: str | tuple[str, str], *command: str) -> Said:
        """What somebody reads after typing `streamctl …`; whether it worked is for the test to say."""
        key, secret = self.keys[who] if isinstance(who, str) else who
        environment = {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": REGION,
            "STREAMCTL_NAME": self.name,
            "STREAMCTL_ENDPOINT_URL": self.endpoint_url,
        }
        return Shell(self.folder, environment).run(*command, check=False)


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulator that enforces permissions."""
    folder = tmp_path_factory.mktemp("enforcing")
    yield process.start(folder, tied=True, enforcing=True).endpoint_url
    process.stop(folder)


@pytest.fixture
def company(enforcing: str, tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "company", enforcing)
    yield made
    for audience in AUDIENCES:
        made.allow(audience)
    made.run("operator", "down", "--yes")
