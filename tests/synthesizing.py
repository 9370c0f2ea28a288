"""The exported apps of the AWS CDK, run as their READMEs say, with packages that are installed beforehand."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

TOOLS = Path(os.environ.get("STREAMCTL_CDK", "nowhere"))
needs_cdk = pytest.mark.skipif(
    not (TOOLS / "venv").is_dir(), reason="STREAMCTL_CDK names no folder in which .ci/cdk installed what CDK needs"
)


def synthesized(form: str, folder: Path, files: Mapping[str, str | bytes], name: str) -> Path:
    """Write the export and synthesize it for the pipeline of that name; returns CDK's output, a folder."""
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content if isinstance(content, bytes) else content.encode())
    variables = {}
    if form == "cdk-typescript":
        (folder / "node_modules").symlink_to(TOOLS / "node_modules")
        command = ["node_modules/.bin/cdk", "synth", "--quiet", "-c", f"pipelineName={name}"]
    else:
        command = [str(TOOLS / "venv" / "bin" / "python"), "app.py"]
        variables = {"CDK_OUTDIR": "cdk.out", "CDK_CONTEXT_JSON": json.dumps({"pipelineName": name})}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "cdk.out"


def assets(output: Path) -> dict[str, bytes]:
    """The zips that CDK would upload, by their keys in its bucket."""
    return {file.name.removeprefix("asset."): file.read_bytes() for file in output.glob("asset.*.zip")}
