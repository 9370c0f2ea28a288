from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from streamctl.doctor.examination import LOOKS, examine
from streamctl.doctor.finding import Finding, Verdict
from streamctl.doctor.patient import Patient
from streamctl.errors import AwsError, EmulatorError, StreamctlError
from streamctl.workspace import Request

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path, Request())


def failing(error: Exception) -> Finding:
    raise error


def test_a_look_that_fails_hides_no_other(patient: Patient) -> None:
    found = examine(
        patient,
        {"one": lambda _: failing(AwsError("Refused.")), "two": lambda _: Finding("Fine.")},
    )

    assert {name: finding.verdict for name, finding in found.items()} == {"one": Verdict.WARNING, "two": Verdict.OK}
    assert list(found) == ["one", "two"]


def test_a_look_that_takes_too_long_is_given_up(patient: Patient) -> None:
    never = threading.Event()

    def slow(_: Patient) -> Finding:
        never.wait()
        return Finding("Too late.")

    found = examine(patient, {"slow": slow, "fast": lambda _: Finding("Fine.")}, seconds=0.05)
    never.set()

    assert found["slow"].verdict is Verdict.WARNING
    assert "within" in found["slow"].seen
    assert found["fast"].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("look", "error", "verdict"),
    [
        ("credentials", AwsError("Refused."), Verdict.PROBLEM),
        ("shards", AwsError("Refused."), Verdict.WARNING),
        ("credentials", EmulatorError("Not running."), Verdict.WARNING),
        ("folder", PermissionError(13, "Permission denied", "/here"), Verdict.PROBLEM),
        ("folder", ValueError("ours"), Verdict.WARNING),
    ],
)
def test_what_stops_many_looks_is_a_problem_of_one(
    patient: Patient, look: str, error: StreamctlError, verdict: Verdict
) -> None:
    assert examine(patient, {look: lambda _: failing(error)})[look].verdict is verdict


def test_every_look_says_something_without_credentials_or_network(patient: Patient) -> None:
    nowhere = Patient(patient.start, Request(endpoint_url="http://127.0.0.1:9", region="eu-central-1"))

    found = examine(nowhere)

    assert found.keys() == LOOKS.keys()
    assert all(finding.seen for finding in found.values())
    assert all(finding.mend for finding in found.values() if finding.verdict is Verdict.PROBLEM)
