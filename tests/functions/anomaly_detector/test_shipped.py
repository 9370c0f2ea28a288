"""The folder as Lambda gets it: in a zip, under any name, with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import streamctl.functions.anomaly_detector

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
