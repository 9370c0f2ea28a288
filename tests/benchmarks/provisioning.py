"""`up`, `deploy` and `down` where AWS takes its time, against the limit and against a script with boto3's waiters.

A delaying proxy stands between them and one emulator. Whole processes are measured, Python's start and the emulator's
own time included. The batching window, which is the pipeline's and not ours, is 0 s.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from streamctl.emulator import process

from .. import foreign
from .delaying import Call, Proxy, delaying
from .delays import SECONDS
from .measuring import run
from .report import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

AREA = "provisioning"
NAME = "bench1"
SETTINGS = "[event_source]\nbatching_window_seconds = 0\nbatch_size = 10\n"
QUICK_SCALE = 0.1
LATENCY_SECONDS = 0.1
CALLS_OF_A_SECOND_UP = 25
SECONDS_OF_A_DEPLOY = 2.0
CHAIN_OF_READS = {"plan": 4, "status": 6}
"""Calls that need one another: who we are, the three of a role, a table or a queue; then how full the queues are."""
OF_THE_CANARY = frozenset({"PutRecord", "DeleteItem"})
RECIPE = "the recipe's order, boto3's waiters"
PEER = Path(__file__).with_name("naive_recipe.py")


@dataclass(frozen=True)
class Done:
    """One command: its time from start to end, what it printed, and its calls."""

    seconds: float
    cpu_seconds: float
    document: Any
    calls: list[Call]

    @property
    def writes(self) -> list[str]:
        return [call.operation for call in self.calls if call.is_write]

    @property
    def span_seconds(self) -> float:
        """From the first call to the end of the last."""
        return max(call.ended for call in self.calls) - min(call.began for call in self.calls)


@dataclass(frozen=True)
class Site:
    """A project's folder, and the way through the proxy."""

    folder: Path
    proxy: Proxy
    emulator_url: str
    scale: float

    def streamctl(self, *arguments: str) -> Done:
        return self._run(
            json.loads, "-m", "streamctl", *arguments, "--json", "--quiet", "--endpoint-url", self.proxy.endpoint_url
        )

    def recipe(self, command: str) -> Done:
        return self._run(str, str(PEER), command, NAME, str(self.scale))

    def _run(self, read: Callable[[str], Any], *arguments: str) -> Done:
        self.proxy.forget()
        cost, printed = run([sys.executable, *arguments], cwd=self.folder, environment=self._environment())
        return Done(cost.wall_seconds, cost.cpu_seconds, read(printed), self.proxy.calls)

    def _environment(self) -> Mapping[str, str]:
        key, secret = process.CREDENTIALS
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(self.folder),
            "STREAMCTL_NAME": NAME,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": process.REGION,
            "AWS_DEFAULT_REGION": process.REGION,
            "AWS_ENDPOINT_URL": self.proxy.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def change_the_code(self) -> None:
        """Other code than ours, put there past the proxy: to streamctl the same as sources that have changed."""
        key, secret = process.CREDENTIALS
        functions = boto3.client(
            "lambda", process.REGION, endpoint_url=self.emulator_url, aws_access_key_id=key,
            aws_secret_access_key=secret,
        )  # fmt: skip
        name = f"kinesis-processor-{NAME}"
        functions.update_function_code(FunctionName=name, ZipFile=foreign.zipped("def handle(event, context): pass"))
        foreign.await_function(functions, name)


@contextmanager
def _sites(scale: float) -> Iterator[tuple[Site, Site]]:
    """Ours and the peer's, on one emulator, each with a proxy that hears its own calls."""
    seconds = {kind: whole * scale for kind, whole in SECONDS.items()}
    with tempfile.TemporaryDirectory(prefix="streamctl-benchmarks-") as temporary:
        emulator, project = Path(temporary, "emulator"), Path(temporary, "project")
        project.mkdir()
        (project / "streamctl.toml").write_text(SETTINGS, encoding="utf-8")
        url = process.start(emulator, tied=True).endpoint_url
        try:
            with delaying(url, seconds) as ours, delaying(url, seconds) as theirs:
                yield Site(project, ours, url, scale), Site(project, theirs, url, scale)
        finally:
            process.stop(emulator)


def figures(*, quick: bool) -> list[Figure]:
    """`quick` scales the delays, and what the peer waits blindly: our own time is then the larger part of it.

    The peer runs beside our second round: both do little but wait.
    """
    scale = QUICK_SCALE if quick else 1.0
    with _sites(scale) as (site, peers), ThreadPoolExecutor(1) as beside:
        ups = [site.streamctl("up")]
        again = site.streamctl("up")
        site.change_the_code()
        deployed = site.streamctl("deploy")
        site.proxy.latency_seconds = LATENCY_SECONDS
        planned, looked = site.streamctl("plan"), site.streamctl("status")
        site.proxy.latency_seconds = 0.0
        recipe = beside.submit(lambda: [peers.recipe(command) for command in ("up", "down")])
        downs = [site.streamctl("down", "--yes")]
        ups.append(site.streamctl("up"))
        downs.append(site.streamctl("down", "--yes"))
        naive_up, naive_down = recipe.result()
    built, removed = (min(runs, key=lambda done: done.seconds) for runs in (ups, downs))
    critical = (SECONDS["stream"] + SECONDS["mapping"]) * scale
    note = _joined("the better of 2", f"delays x {scale:g}" if quick else "")
    return [
        _seconds("up", built.seconds, "critical path: stream, then mapping", critical, _up_note(built, note),
                 None if quick else 1.05),
        _seconds("up, from the first call to the canary", _without_canary(built), "critical path", critical, note),
        _seconds("up", built.seconds, RECIPE, naive_up.seconds, note),
        _seconds("down", removed.seconds, "critical path: mapping, then stream", critical, note,
                 None if quick else 1.1),
        _seconds("down", removed.seconds, RECIPE, naive_down.seconds, note),
        _second_up(again),
        _deploy(deployed, SECONDS["function"] * scale),
        *_reads("plan", planned),
        *_reads("status", looked),
    ]  # fmt: skip


def _up_note(built: Done, note: str) -> str:
    canary = built.document["canary_seconds"]
    return _joined(f"with its canary, {canary:.2f} s; {built.cpu_seconds:.2f} s of CPU", note)


def _without_canary(built: Done) -> float:
    sent = next(call.began for call in built.calls if call.operation == "PutRecord")
    return sent - min(call.began for call in built.calls)


def _second_up(again: Done) -> Figure:
    return Figure(
        area=AREA,
        what="a second up",
        unit="calls",
        ours=len(again.calls),
        peer="limit",
        theirs=CALLS_OF_A_SECOND_UP,
        at_most=1.0,
        note=f"{len(again.writes)} of them write; {again.seconds:.2f} s, {again.cpu_seconds:.2f} s of CPU",
    )


def _deploy(deployed: Done, own_wait: float) -> Figure:
    """The canary has its own waits: it is left out, and said."""
    canary = deployed.document["canary_seconds"]
    writes = [operation for operation in deployed.writes if operation not in OF_THE_CANARY]
    said = f"it writes {', '.join(writes)}; without its canary, {canary:.2f} s; {deployed.cpu_seconds:.2f} s of CPU"
    beyond, peer = deployed.seconds - own_wait - canary, "limit beyond the API's own wait"
    return _seconds("deploy of changed code", beyond, peer, SECONDS_OF_A_DEPLOY, said, 1.0)


def _reads(command: str, done: Done) -> list[Figure]:
    what, calls = f"{command}, {LATENCY_SECONDS * 1000:.0f} ms a call", len(done.calls)
    chain = CHAIN_OF_READS[command]
    return [
        _seconds(what, done.span_seconds, f"its {calls} calls one after another", calls * LATENCY_SECONDS),
        _seconds(what, done.span_seconds, f"its longest chain, {chain} calls", chain * LATENCY_SECONDS),
    ]


def _seconds(what: str, ours: float, peer: str, theirs: float, note: str = "", at_most: float | None = None) -> Figure:
    return Figure(area=AREA, what=what, unit="s", ours=ours, peer=peer, theirs=theirs, at_most=at_most, note=note)


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))
