from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from streamctl.doctor.finding import Verdict
from streamctl.doctor.machine import configuration, folder, runtime, state, versions
from streamctl.doctor.patient import Patient
from streamctl.engine.state import StateFile, Target
from streamctl.errors import ConfigError, PluginError
from streamctl.workspace import Request

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path, Request())


def test_versions_are_told(patient: Patient) -> None:
    assert all(name in versions(patient).seen for name in ("streamctl", "Python", "boto3", "ministack"))


def test_a_valid_configuration_is_named(patient: Patient) -> None:
    (patient.start / "streamctl.toml").write_text('name = "shop"\n')

    assert "streamctl.toml is valid" in configuration(patient).seen


def test_a_broken_configuration_is_told_by_its_own_error(patient: Patient) -> None:
    (patient.start / "streamctl.toml").write_text("[stream\n")

    with pytest.raises(ConfigError, match="not valid TOML"):
        configuration(patient)


def test_what_a_feature_refuses_as_it_is_applied_is_told(patient: Patient) -> None:
    (patient.start / "streamctl.toml").write_text(
        "[table]\nredacted_fields = ['amount']\n[features.anomaly_detection]\n"
    )

    with pytest.raises(PluginError, match="cannot watch purchase_amount"):
        configuration(patient)


@pytest.mark.parametrize(
    ("today", "verdict"),
    [
        (date(2026, 11, 24), Verdict.OK),
        (date(2027, 2, 1), Verdict.WARNING),
        (date(2027, 6, 30), Verdict.PROBLEM),
    ],
)
def test_a_runtime_is_told_before_lambda_gives_it_up(patient: Patient, today: date, verdict: Verdict) -> None:
    assert runtime(patient, today).verdict is verdict


def test_a_folder_to_write_to_is_told_with_its_room(patient: Patient) -> None:
    assert "GB are free" in folder(patient).seen


def saved(patient: Patient) -> Path:
    file = patient.home.state_file("shop")
    StateFile.new(file, "shop", Target("123456789012", "eu-central-1")).save()
    return file


def test_a_state_file_of_ours_is_private(patient: Patient) -> None:
    saved(patient)

    assert (state(patient).verdict, "shop" in state(patient).seen) == (Verdict.OK, True)


def test_a_state_file_that_others_can_read_is_told_with_the_command_that_mends_it(patient: Patient) -> None:
    file = saved(patient)
    file.chmod(0o644)

    assert state(patient).verdict is Verdict.WARNING
    assert state(patient).mend == f"chmod 600 {file}"


def test_a_damaged_state_file_is_a_problem(patient: Patient) -> None:
    saved(patient).write_text("{")

    assert (state(patient).verdict, "damaged" in state(patient).seen) == (Verdict.PROBLEM, True)
