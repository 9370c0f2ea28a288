"""The folder as Lambda gets it: in a zip, under any name, with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import streamctl.functions.anomaly_detector
from streamctl.pipeline.package import package

HANDLE = """
import sys

before = set(sys.modules)
from anomaly_detector.handler import handle

dear = {"boto3", "botocore", "urllib3", "dataclasses", "streamctl"} & set(sys.modules)
assert not dear, f"the function imports {dear}"
class Context:
    def get_remaining_time_in_millis(self):
        return 30_000
print(handle({"Records": []}, Context()))
"""
FOLDER = Path(streamctl.functions.anomaly_detector.__file__).parent
DETECT = """
import sys

before = set(sys.modules)
from shipped.detector import THRESHOLD, Detector

foreign = {name.split(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names) - {"shipped"}
assert not foreign, f"the detector imports {foreign}"
detector = Detector()
scores = [detector.update(value, number * 300.0).score for number, value in enumerate([1.0, 2.0] * 300 + [9.0])]
print([number for number, score in enumerate(scores) if score >= THRESHOLD])
"""


def test_the_zipped_folder_detects_on_its_own(tmp_path):
    zipped = tmp_path / "function.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in FOLDER.glob("*.py"):
            archive.write(file, f"shipped/{file.name}")

    done = subprocess.run(
        [sys.executable, "-W", "error", "-S", "-c", DETECT],
        env={"PYTHONPATH": str(zipped)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[600]"


def test_the_zip_that_is_deployed_handles_a_batch_on_its_own(tmp_path):
    zipped = tmp_path / "function.zip"
    zipped.write_bytes(package("anomaly_detector").content)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-S", "-c", HANDLE],
        env={
            "PYTHONPATH": str(zipped),
            "AWS_REGION": "eu-west-1",
            "STATE_TABLE": "state",
            "RESULTS_TABLE": "results",
            "TOPIC_ARN": "topic",
            "PIPELINE": "demo01",
            "SERIES": "page_views,clicks",
            "WINDOW_SECONDS": "60",
            "ALLOWED_LATENESS_SECONDS": "60",
            "THRESHOLD": "0.5",
            "WARM_UP_WINDOWS": "250",
            "CLEAR_AFTER_WINDOWS": "3",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "watched records=0 counted=0" in done.stdout
    assert done.stdout.splitlines()[-1] == "{'batchItemFailures': []}"
