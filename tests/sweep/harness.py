"""The sweep: one fault at a time into `up`, `deploy` and `down`, and after each a look at the whole account.

A round is the life of a pipeline: up, then (where a fault is left for them) the canary, and deploy after a code change,
then down. Each of them may meet one fault, is repeated until it succeeds, and is judged by what is then in the account.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3

from streamctl.aws.failures import is_sdk_error
from streamctl.emulator.process import ACCOUNT, CREDENTIALS
from streamctl.errors import StreamctlError

from ..account import Account, Thing
from ..foreign import await_function, make_neighbours, zipped
from .commands import REGION, Clients, Commands
from .faults import Call, Fault, Killed, Kind, Wire, faults_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

COMMANDS = ("up", "prove", "deploy", "down")
ALWAYS = ("up", "down")
"""Parts of every round; the others only where a fault waits for them."""
OTHERWISE = {Kind.GIVEN_UP: "down", Kind.CHANGED_MIND: "up"}
"""After some kills, another command comes next."""
TRIES = 3
STREAM_LABEL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")
SAME_REQUESTS = 3  # of one request during a command: more are looks of the same wait, and stand for the same moment


@dataclass
class Verdict:
    """What became of one command. Lists hold what is wrong, in words."""

    command: str
    fault: Fault | None
    after: tuple[Fault, ...] = ()
    """What happened to this pipeline before."""
    met: bool = False
    tries: int = 0
    succeeded: bool = False
    wrong: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)

    @property
    def absorbed(self) -> bool:
        """Nobody had to run the command again."""
        return self.succeeded and self.tries == 1 and not (self.fault and self.fault.kind.is_kill)

    @property
    def recovered(self) -> bool:
        return self.succeeded and not (self.wrong or self.leaked or self.touched or self.tracebacks)

    def __str__(self) -> str:
        said = [*self.wrong, *(f"leaked {name}" for name in self.leaked), *(f"touched {name}" for name in self.touched)]
        before = f" (after {', '.join(map(str, self.after))})" if self.after else ""
        return f"{self.fault or self.command}{before}: {'; '.join([*said, *self.tracebacks]) or 'recovered'}"


class Sweep:
    """One emulator, and pipelines made with `commands` on it, one after another."""

    def __init__(
        self, endpoint_url: str, folder: Path, commands: Callable[[Path, str, Clients], Commands], name: str
    ) -> None:
        self._session = boto3.session.Session(*CREDENTIALS, region_name=REGION)
        self._endpoint_url = endpoint_url
        self._plain: dict[str, Any] = {}
        self._folder = folder
        self._make = commands
        self._wire = Wire()
        self._clients = Clients(endpoint_url, self._wire)
        self._stem, self._generation = name, 0
        self._expected: dict[str, Counter[tuple[str, ...]]] = {}
        self._start_anew()

    def calls(self) -> dict[str, list[Call]]:
        """Every call that an undisturbed life makes, by command; it also learns what must be there after each."""
        found = {}
        for command in filter(self._has, COMMANDS):
            verdict = self._run(command, None)
            assert verdict.succeeded, verdict
            found[command] = [call for call, repeat in self._wire.carried if repeat <= SAME_REQUESTS]
            self._expected[command] = self._own()
        assert not self._expected["down"], "even undisturbed, something is left"
        return found

    def _has(self, command: str) -> bool:
        return hasattr(self._pipeline, command)

    def kinds_after(self, command: str) -> Counter[str]:
        """How many of each kind are there after an undisturbed command."""
        kinds: Counter[str] = Counter()
        for (kind, *_), count in self._expected[command].items():
            kinds[kind] += count
        return kinds

    def rounds(self, faults: Iterable[Fault]) -> Iterator[Verdict]:
        """Let every fault happen once. A command that fails for good takes the rest of its round with it."""
        waiting = {command: deque(fault for fault in faults if fault.command == command) for command in COMMANDS}
        for _ in range(sum(map(len, waiting.values()))):  # every round takes at least one
            for verdict in self._round(waiting) if any(waiting.values()) else ():
                yield verdict
                if not verdict.recovered:
                    break
            else:
                continue
            yield from self._give_up()

    def _round(self, waiting: dict[str, deque[Fault]]) -> Iterator[Verdict]:
        earlier: tuple[Fault, ...] = ()
        for command in COMMANDS:
            fault = waiting[command].popleft() if waiting[command] else None
            if fault and fault.kind in OTHERWISE:
                yield self._judge(self._run_otherwise(fault, earlier))
                if fault.kind is Kind.CHANGED_MIND:
                    yield self._judge(self._run("down", None))
                return
            if fault or command in ALWAYS:
                verdict = self._run(command, fault)
                verdict.after = earlier
                yield self._judge(verdict)
            earlier += (fault,) if fault else ()

    def _give_up(self) -> Iterator[Verdict]:
        """After a failure: does an undisturbed `down` still clean up? Then on with another name."""
        verdict = self._judge(self._run("down", None))
        if not verdict.recovered:
            yield verdict
        self._start_anew()

    def _run(self, command: str, fault: Fault | None) -> Verdict:
        """The command again and again until it succeeds, the fault in its first try."""
        if command == "deploy":
            self._change_the_code()
        verdict = Verdict(command, fault)
        self._wire.start(fault, self._pipeline.disk)
        while not verdict.succeeded and verdict.tries < TRIES:
            verdict.tries += 1
            try:
                getattr(self._pipeline, command)()
                verdict.succeeded = True
            except Killed:
                self._wire.revive()
            except StreamctlError as error:
                last = error.message
            except Exception as error:
                last = f"{type(error).__name__}: {error}"
                if not is_sdk_error(error):
                    verdict.tracebacks.append(last)
        verdict.met = self._wire.met
        if not verdict.succeeded:
            verdict.wrong.append(f"no success in {TRIES} tries: {last}")
        return verdict

    def _run_otherwise(self, fault: Fault, earlier: tuple[Fault, ...]) -> Verdict:
        """The command is killed, and the next thing is another one."""
        if fault.command == "deploy":
            self._change_the_code()
        self._wire.start(fault, self._pipeline.disk)
        with suppress(Killed):
            getattr(self._pipeline, fault.command)()
        met = self._wire.met
        self._wire.revive()
        verdict = self._run(OTHERWISE[fault.kind], None)
        verdict.fault, verdict.met, verdict.after = fault, met, earlier
        return verdict

    def _judge(self, verdict: Verdict) -> Verdict:
        """Compare the account with what must be there now."""
        if verdict.command == "down":
            now = self._account()
            verdict.touched = sorted(map(str, self._before - now))
            verdict.leaked = sorted(name for name in map(str, now - self._before) if name not in verdict.touched)
        elif verdict.succeeded:
            own, expected = self._own(), self._expected[verdict.command]
            verdict.wrong += [f"not as it should be: {kind} {name} {is_}" for kind, name, is_ in own - expected]
            verdict.wrong += [f"missing: {kind} {name}" for kind, name, _ in expected - own]
        return verdict

    def _start_anew(self) -> None:
        """A name that nothing has been done with, and its neighbours."""
        self._generation += 1
        # Names of one length and their own letter, so that what is expected can be said for any of them.
        self._name = f"{self._stem}{self._generation:03d}"
        self._pipeline = self._make(self._folder / self._name, self._name, self._clients)
        make_neighbours(self._client, self._name)
        self._before = self._account()

    def _account(self) -> Counter[Thing]:
        return Account(self._client).things()

    def _own(self) -> Counter[tuple[str, ...]]:
        """How many of each kind, name and settings carry our name, which is written the same for every pipeline."""
        ends = f"-{self._name}", f"-{self._name}-{ACCOUNT}", f"-{self._name}-{REGION}"
        ours = Account(self._client, lambda name: name.endswith(ends)).things()
        told: Counter[tuple[str, ...]] = Counter()
        for each, count in ours.items():
            told[each.kind, *(self._unnamed(text) for text in (each.name, each.settings))] += count
        return told

    def _unnamed(self, text: str) -> str:
        """As it is of any pipeline, whenever its table's stream began."""
        return STREAM_LABEL.sub("BEGIN", text.replace(self._name, "NAME"))

    def _change_the_code(self) -> None:
        """Other code and settings than ours, behind our back: the same as new sources here."""
        functions = self._client("lambda")
        name = f"kinesis-processor-{self._name}"
        functions.update_function_code(FunctionName=name, ZipFile=zipped("def handle(event, context): return 1"))
        await_function(functions, name)
        for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=7)

    def _client(self, service: str) -> Any:
        """A client that is not on the wire."""
        if service not in self._plain:
            self._plain[service] = self._session.client(service, endpoint_url=self._endpoint_url)
        return self._plain[service]


def all_faults(calls: dict[str, list[Call]]) -> list[Fault]:
    return [fault for command, made in calls.items() for call in made for fault in faults_of(command, call)]
