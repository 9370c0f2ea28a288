"""A virtual environment for the peers: some of them pin versions that streamctl's own does not have."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(os.environ.get("STREAMCTL_BENCHMARKS", ".benchmarks"))
REQUIREMENTS = Path(__file__).with_name("peers.txt")


def python() -> str:
    """The interpreter that has the peers, made the first time: with this Python, boto3 of the same version as ours."""
    folder = (FOLDER / f"peers-{sys.version_info.major}.{sys.version_info.minor}").absolute()
    interpreter, done = folder / "bin" / "python", folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if not done.exists() or done.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        done.write_text(wanted)
    return str(interpreter)


def program(name: str) -> str:
    """A command that the peers' environment has, such as `aws`."""
    return str(Path(python()).with_name(name))
