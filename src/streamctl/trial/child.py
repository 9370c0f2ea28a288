"""What runs in the process of a trial: the package as Lambda would run it, of what is packed and nothing else.

It is started as a file and imports nothing of streamctl. On stdin comes a JSON document, `folder` (the package,
unpacked), `python` (the runtime's version) and `deliveries` (entries of Lambda's `Records`); into the file named by its
only argument goes another one: `failure`, why the package cannot be loaded, or `ends` and `metrics`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

PACKAGE = "own_processor"
RUNTIME = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"}
"""What Lambda's Python runtimes bring beside the standard library."""


def main() -> None:
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    sys.meta_path.insert(0, OnlyWhatLambdaHas(folder))
    sys.path.insert(0, str(folder))
    try:
        parse(folder / PACKAGE, asked["python"])
        own = importlib.import_module("processor.own").Own.shipped(redaction())
        if (folder / PACKAGE).is_dir() and importlib.import_module(PACKAGE).PROCESSOR:
            refuse_unfit(own.process)
    except (Exception, SystemExit) as error:
        answer: dict[str, Any] = {"failure": failure(error, folder)}
    else:
        answer = tried(own, asked["deliveries"], folder)
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no thread that the owner's code has left running can hold this up


class OnlyWhatLambdaHas:
    """Hides what happens to be installed on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if path is not None or name in sys.stdlib_module_names | RUNTIME or name.startswith("_sysconfigdata"):
            return
        if not (self._folder / name).is_dir() and not (self._folder / f"{name}.py").is_file():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def parse(package: Path, python: list[int]) -> None:
    """Raises SyntaxError for what that version of Python does not understand, as far as this one can tell."""
    for file in sorted(package.rglob("*.py")):
        ast.parse(file.read_bytes(), str(file), feature_version=(python[0], python[1]))


def refuse_unfit(process: Any) -> None:
    """Raises TypeError for what cannot be called as `process(event)`, or answers with no metrics whatever the event."""
    if not callable(process):
        raise TypeError("`process` is no function")
    if inspect.iscoroutinefunction(process) or inspect.isgeneratorfunction(process):
        raise TypeError("`process` is async or yields, and nobody waits for it: it must return the metrics")
    try:
        signature = inspect.signature(process)
    except ValueError:  # not all that is written in C tells
        return
    try:
        signature.bind({})
    except TypeError as error:
        raise TypeError(f"`process` must take one argument, the event: {error}") from None


def redaction() -> Any:
    return importlib.import_module("processor.redaction").Redaction.from_environment(os.environ)


def tried(own: Any, deliveries: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """What becomes of the records, and the metrics that would be published."""
    handler, metrics = (importlib.import_module(f"processor.{name}") for name in ("handler", "metrics"))
    record, item = importlib.import_module("processor.record").Record, importlib.import_module("processor.item").Item
    if own.process:
        own.process = explained(own.process, folder)
    at_ms, rules = int(time.time() * 1000), redaction()
    ends, seconds = [], []
    for each in [one for delivered in deliveries for one in record.from_lambda(delivered).expanded()]:
        began = time.perf_counter()
        ends.append(handler.prepare(each, at_ms, rules, own))
        seconds.append(time.perf_counter() - began)
    stored = [end for end in ends if isinstance(end, item)]
    lines = metrics.metric_lines(stored, len(ends) - len(stored), at_ms, own.event_types)
    return {
        "ends": [
            described(end, isinstance(end, item)) | {"milliseconds": 1000 * took}
            for end, took in zip(ends, seconds, strict=True)
        ],
        "metrics": [json.loads(line) for line in lines],
    }


def described(end: Any, is_item: bool) -> dict[str, Any]:
    if is_item:
        return {"item": json.loads(end.attributes), "size_bytes": end.size_bytes}
    return {"reason": end.reason, "detail": end.detail, "event_id": end.event_id}


def explained(process: Any, folder: Path) -> Any:
    """The owner's function, with where it fails printed: the lines of his own code."""

    def shown(event: Any) -> Any:
        try:
            return process(event)
        except BaseException as error:
            print(*own_lines(error, folder), sep="", end="", file=sys.stderr)  # noqa: T201  the parent shows it
            raise

    return shown


def failure(error: BaseException, folder: Path) -> str:
    """Why the package cannot be loaded, in a line, with the place in the owner's code; the lines go to stderr."""
    print(*own_lines(error, folder), sep="", end="", file=sys.stderr)  # noqa: T201  the parent shows it
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        words = f"SyntaxError: {error.msg}"
        return f"{words} ({Path(error.filename or '').name}:{error.lineno})"
    frames = own_frames(error, folder)
    return f"{words} ({frames[-1].filename}:{frames[-1].lineno})" if frames else words


def own_lines(error: BaseException, folder: Path) -> list[str]:
    return [*traceback.format_list(own_frames(error, folder)), *traceback.format_exception_only(error)]


def own_frames(error: BaseException, folder: Path) -> list[traceback.FrameSummary]:
    """Those in the owner's files, named as he knows them."""
    start = f"{folder / PACKAGE}{os.sep}"
    return [
        traceback.FrameSummary(frame.filename.removeprefix(start), frame.lineno, frame.name, line=frame.line)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(start)
    ]


if __name__ == "__main__":
    main()
