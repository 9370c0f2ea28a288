"""What is asked of AWS, answered by fakes: no emulator has limits, old credentials or a wrong clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws.session import Identity
from streamctl.config import Config
from streamctl.doctor.account import clock, credentials
from streamctl.doctor.finding import Verdict
from streamctl.doctor.permissions import permissions
from streamctl.doctor.quotas import code_storage, concurrency, shards
from streamctl.emulator import process

from ..policy.conftest import Company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER = "arn:aws:iam::123456789012:user/ann"


def patient(*, arn: str = USER, expires: datetime | None = None, config: Config | None = None, **answers: Any) -> Any:
    client = SimpleNamespace(**{name: lambda answer=answer: answer for name, answer in answers.items()})
    aws = SimpleNamespace(
        region="eu-central-1",
        account="123456789012",
        endpoint_url=None,
        identity=Identity("123456789012", arn),
        credentials_expire_at=expires,
        once=lambda service: client,
    )
    return SimpleNamespace(
        aws=aws,
        has_region=True,
        project=SimpleNamespace(config=config or Config()),
        home=SimpleNamespace(pipelines=list),
    )


def test_whose_credentials_they_are_is_told() -> None:
    assert credentials(patient()).seen == f"Account 123456789012, as {USER}."


def test_credentials_that_end_soon_are_told() -> None:
    soon, later = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (5, 60))

    assert credentials(patient(expires=soon)).verdict is Verdict.WARNING
    assert credentials(patient(expires=later)).verdict is Verdict.OK


def test_the_root_user_is_warned_of() -> None:
    assert credentials(patient(arn="arn:aws:iam::123456789012:root")).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(0, Verdict.OK), (60, Verdict.WARNING), (-290, Verdict.PROBLEM), (3600, Verdict.PROBLEM)]
)
def test_a_clock_that_is_wrong_is_told(seconds: int, verdict: Verdict) -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": told}}}

    assert clock(patient(get_caller_identity=answer)).verdict is verdict


@pytest.mark.parametrize(("opened", "verdict"), [(198, Verdict.OK), (199, Verdict.PROBLEM)])
def test_too_few_shards_are_told(opened: int, verdict: Verdict) -> None:
    assert shards(patient(describe_limits={"ShardLimit": 200, "OpenShardCount": opened})).verdict is verdict


@pytest.mark.parametrize(("free", "verdict"), [(2, Verdict.OK), (1, Verdict.WARNING)])
def test_too_little_concurrency_is_told(free: int, verdict: Verdict) -> None:
    settings = {"AccountLimit": {"UnreservedConcurrentExecutions": free}}

    assert concurrency(patient(get_account_settings=settings)).verdict is verdict


@pytest.mark.parametrize(("used", "verdict"), [(50, Verdict.OK), (95, Verdict.WARNING)])
def test_full_code_storage_is_told(used: int, verdict: Verdict) -> None:
    settings = {"AccountLimit": {"TotalCodeSize": 100}, "AccountUsage": {"TotalCodeSize": used}}

    assert code_storage(patient(get_account_settings=settings)).verdict is verdict


def test_who_has_no_policies_of_their_own_is_not_simulated() -> None:
    assert permissions(patient(arn="arn:aws:sts::123456789012:federated-user/ann")).verdict is Verdict.WARNING


@pytest.fixture
def company(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("enforcing")
    emulator = process.start(folder, tied=True, enforcing=True)
    yield Company(tmp_path / "company", emulator.endpoint_url)
    process.stop(folder)


def test_a_user_reads_what_is_missing_and_everything_else_is_well(company: Company) -> None:
    asked = {"Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy", "lambda:GetAccountSettings"], "Resource": "*"}
    policy = company.policies["operator"]
    for statement in policy["Statement"]:
        statement.pop("Condition", None)  # the emulator's simulation knows no conditions
    policy["Statement"].append(asked)
    company.allow("operator", but="kinesis:CreateStream")
    missing = company.run("operator", "doctor", "--json")
    company.allow("operator")
    well = company.run("operator", "doctor", "--json")

    assert (missing.code, well.code) == (5, 0), (missing, well)
    found = {finding["look"]: finding for finding in missing.document["findings"]}
    assert "kinesis:CreateStream" in found["permissions"]["seen"]
    assert json.dumps(well.document).count('"problem"') == 0
