"""A trial from outside: the package unpacked, a Python without anything else started, its answer read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamctl.errors import PluginError
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.package import Package

CHILD = Path(__file__).parent / "child.py"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT")
AS_IN_LAMBDA = {"TZ": "UTC", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
WITHOUT_CREDENTIALS = {
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,  # the SDK finds the home folder without HOME, too
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""The owner's code may call AWS; a trial must not do so in the name of whoever runs it."""


@dataclass(frozen=True)
class End:
    """What would become of one record: its item as DynamoDB is sent it, or why it is set aside."""

    milliseconds: float
    item: Mapping[str, Any] | None = None
    size_bytes: int = 0
    reason: str = ""
    detail: str = ""
    event_id: str | None = None


@dataclass(frozen=True)
class Trial:
    """What became of a batch; `metrics` are the documents in CloudWatch's embedded format, `printed` all that the
    owner's code printed and where it failed.
    """

    ends: tuple[End, ...]
    metrics: tuple[Mapping[str, Any], ...]
    printed: str


class LoadError(PluginError):
    """The package cannot be loaded; `printed` is what was printed on the way."""

    def __init__(self, message: str, hint: str | None, printed: str) -> None:
        super().__init__(message, hint)
        self.printed = printed


def try_processor(
    pipeline: Pipeline, package: Package | None = None, deliveries: Sequence[Mapping[str, Any]] = ()
) -> Trial:
    """What the pipeline's processor makes of deliveries (entries of Lambda's `Records`); without any it is only seen
    whether it can be loaded. It is packed where no package is given.

    Raises LoadError where it cannot be loaded or comes to no end, and what packing raises.
    """
    function = pipeline.get("function", LambdaFunction)
    package = package or pipeline.packages[Path(function.package)]()
    told = {name: value for name, value in function.environment.items() if "${" not in value}
    timeout_seconds, runtime = function.invocation_timeout_seconds, function.runtime
    with tempfile.TemporaryDirectory(prefix="streamctl-trial-") as folder:
        answer, code = Path(folder) / "answer.json", Path(folder) / "code"
        with zipfile.ZipFile(BytesIO(package.content)) as archive:
            archive.extractall(code)
        asked = {"folder": str(code), "python": _version(runtime), "deliveries": list(deliveries)}
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-B", "-u", str(CHILD), str(answer)],
                input=json.dumps(asked).encode(),
                env={name: os.environ[name] for name in KEPT if name in os.environ}
                | AS_IN_LAMBDA
                | WITHOUT_CREDENTIALS
                | told,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise LoadError(
                f"The processor came to no end within the function's timeout of {timeout_seconds:g} s.",
                "Lambda would deliver the batch again, in halves, and give the record up in the end.",
                _text(error.stdout or b""),
            ) from error
        printed = _text(done.stdout)
        if not answer.exists():
            raise LoadError(f"The processor ended its own process (exit code {done.returncode}).", None, printed)
        return _read(json.loads(answer.read_bytes()), printed, runtime)


def _read(answer: Mapping[str, Any], printed: str, runtime: str) -> Trial:
    if "failure" in answer:
        raise LoadError(f"The processor cannot be loaded: {answer['failure']}.", _advice(answer, runtime), printed)
    return Trial(tuple(End(**end) for end in answer["ends"]), tuple(answer["metrics"]), printed)


def _advice(answer: Mapping[str, Any], runtime: str) -> str:
    if answer["failure"].startswith("ModuleNotFoundError"):
        return "In Lambda there is only what is shipped: name it in a file of requirements, processor.requirements."
    here = sys.version_info
    if _version(runtime) != [here.major, here.minor]:
        return f"It was tried with Python {here.major}.{here.minor}, as far as that can stand for {runtime}."
    return "Mend it and try again: `streamctl invoke` shows what it prints."


def _version(runtime: str) -> list[int]:
    return [int(part) for part in runtime.removeprefix("python").split(".")]


def _text(printed: bytes) -> str:
    return printed.decode("utf-8", "backslashreplace")
