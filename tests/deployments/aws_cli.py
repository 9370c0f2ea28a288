"""Running an exported script as somebody who has the AWS CLI."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "STREAMCTL_AWS_CLI"
TIMEOUT_SECONDS = 300
needs_aws_cli = pytest.mark.skipif(
    VARIABLE not in os.environ,
    reason=f"slow, and needs the aws CLI: name one by {VARIABLE}, in an environment of its own",
)


def run(
    script: Path, *arguments: str, environment: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """The script's end, with all that it said."""
    command = os.environ[VARIABLE]
    subprocess.run([command, "--version"], capture_output=True, check=True)
    path = f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(script), *arguments],
        env={"PATH": path, "LC_ALL": "C.UTF-8", "HOME": str(script.parent), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
