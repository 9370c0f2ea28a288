"""Carrying out a plan: creates, updates and deletes in the order of the graph, as many at once as it allows.

A failure skips only what needs it. Whatever happens, running again continues: every create is written to the state file
before it is sent, and everything is looked at before it is acted on.
"""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from streamctl.aws.failures import (
    Failure,
    classify,
    explain,
    is_missing,
    is_sdk_error,
    is_taken,
    is_throttled,
    is_too_early,
)
from streamctl.aws.waiting import backoff, growing_pauses, wait_for
from streamctl.engine.outcome import Outcome
from streamctl.engine.plan import (
    Action,
    Plan,
    Step,
    compare,
    is_ours,
    refuse_foreign,
    refuse_lost,
    refuse_protected,
)
from streamctl.engine.plugin_kinds import kind_error
from streamctl.engine.references import filled, references
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import Record, StateFile
from streamctl.engine.survey import expected, surroundings, survey
from streamctl.errors import AwsError, DeadlineError, OwnershipError, PluginError, StreamctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from streamctl.aws import Aws
    from streamctl.engine.graph import Graph
    from streamctl.engine.outcome import Observer
    from streamctl.engine.resource import Live, Resource

T = TypeVar("T")

PASSING_FAILURES_SECONDS = 120  # IAM takes seconds, rarely minutes, until Lambda can assume a new role
STALE_READS_SECONDS = 10
ROUNDS = 12  # of updates to one resource: a stream's shard count moves by at most a factor of two at a time


class Applier:
    """Carries out plans against one target. `clock` and `sleep` are for tests."""

    def __init__(
        self,
        aws: Aws,
        state: StateFile,
        observer: Observer,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._aws = aws
        self._state = state
        self._observer = observer
        self._clock = clock
        self._stopping = threading.Event()
        self._sleep = sleep or self._sleep_unless_stopping
        self._lock = threading.Lock()

    def apply(self, plan: Plan, ids: Collection[str], *, leftovers: bool = True) -> Outcome:
        """Make the resources `ids` equal to the plan, and delete what it no longer wants."""
        outcome = Outcome()
        known = surroundings(self._aws)

        def visit(resource_id: str) -> None:
            step = plan.steps[resource_id]
            with self._lock:
                needs = plan.graph.needs[resource_id]
                # Once the holes are filled, nothing else would remember what it has to go before.
                resource = replace(filled(step.resource, known), after=tuple(sorted(needs)))
                broken = needs & (outcome.failed.keys() | outcome.skipped)
            live = step.live
            if resource_id in ids:
                live = self._guarded(replace(step, resource=resource), self._converge, broken, outcome)
            with self._lock:
                known[resource_id] = live.attributes if live else expected(resource, known)

        plan.graph.walk(visit, stopping=self._stopping)
        for leftover in plan.leftovers if leftovers else ():
            dependents = {each.resource.id for each in plan.leftovers if leftover.resource.id in each.resource.after}
            broken = dependents & outcome.in_the_way
            self._guarded(leftover, self._remove_unless_it_holds_data, broken, outcome)
        return outcome

    def destroy(self, graph: Graph) -> Outcome:
        """Delete everything in the graph. Ownership and protection are checked before the first delete.

        Of what a plugin's kind cannot look at or delete nothing is known, so nothing waits for it.
        """
        outcome = Outcome()
        unknown: dict[str, PluginError] = {}
        found = survey(graph, self._aws, alone=graph.resources, failed=unknown)
        refuse_foreign(found.values(), self._state)
        refuse_protected(found.values())

        def visit(resource_id: str) -> None:
            resource, live = found[resource_id]
            step = Step(resource, Action.DELETE, live)
            if resource_id in unknown:
                self._fail(step, unknown[resource_id], outcome)
                return
            with self._lock:
                dependents = {name for name, needs in graph.needs.items() if resource_id in needs}
                broken = dependents & outcome.in_the_way
            self._guarded(step, self._remove, broken, outcome)

        graph.walk(visit, backwards=True, stopping=self._stopping)
        return outcome

    def adopt(self, graph: Graph, steps: Mapping[str, Step]) -> Outcome:
        """Make what is there ours, by its tag alone, and remember it as it is. `steps` are by id."""
        outcome = Outcome()

        def visit(resource_id: str) -> None:
            if resource_id in steps:
                with self._lock:
                    broken = graph.needs[resource_id] & outcome.in_the_way
                self._guarded(steps[resource_id], self._adopt, broken, outcome)

        graph.walk(visit, stopping=self._stopping)
        return outcome

    def _guarded(
        self, step: Step, act: Callable[[Step], Live | None], broken: Iterable[str], outcome: Outcome
    ) -> Live | None:
        """Act on one resource, and turn what it raises into the outcome."""
        name = step.resource.id
        if because := ", ".join(sorted(broken)):
            self._observer.skipped(step, because)
            with self._lock:
                outcome.skipped.add(name)
            return step.live
        started = self._clock()
        self._observer.started(step)
        try:
            live = act(step)
        except Exception as raised:
            doing = f"{step.action.value} {step.resource.kind} {step.resource.name}"
            broken_kind = kind_error(step.resource, raised, doing)
            if not (broken_kind or is_sdk_error(raised) or isinstance(raised, StreamctlError)):
                raise
            self._fail(step, broken_kind or explain(raised, doing), outcome)
            return step.live
        self._observer.finished(step, self._clock() - started)
        with self._lock:
            outcome.done.add(name)
        return live

    def _fail(self, step: Step, error: StreamctlError, outcome: Outcome) -> None:
        self._observer.failed(step, error)
        with self._lock:
            outcome.failed[step.resource.id] = error

    def _converge(self, planned: Step) -> Live | None:
        resource, live = planned.resource, planned.live
        _refuse_open(resource)
        leaving = self._state.is_deleting(resource.id)
        step = compare(resource, live, leaving=leaving)  # anew: its holes are filled by now
        if step.action is Action.KEEP and not self._state.is_claimed(resource.id):
            return live
        if live and step.action in {Action.CREATE, Action.REPLACE}:
            self._delete(resource, live)
            live = None
        if live is None:
            self._create(resource)
        else:
            self._remember(resource)
        live = self._update_until_equal(resource, self._wait_until_ready(resource))
        self._state.made(resource.id)
        return live

    def _adopt(self, step: Step) -> Live:
        resource = step.resource
        tagging = replace(resource, tags={OWNER_TAG: resource.tags[OWNER_TAG]})

        def tagged() -> Live | None:
            """Looked at anew: where a tag replaces all others, it must be beside those of this moment."""
            live = resource.read(self._aws)
            refuse_lost(resource, live)
            if live is None or not live.ready or not tagging.missing_tags(live):
                return live if live and live.ready else None
            only_tags = replace(live, settings={})
            self._until_passed(partial(self._sent, tagging.update, only_tags, missing_is=True), resource)
            return None

        live = self._wait(tagged, f"{resource.kind} {resource.name} to carry our tag", resource)
        fields = asdict(resource) | dict(live.settings) | {"name": resource.name}
        self._state.intend(resource.id, Record(resource.kind, fields, made=True))
        return live

    def _remove_unless_it_holds_data(self, step: Step) -> Live | None:
        if step.live and step.resource.has_data(self._aws):
            raise AwsError(
                f"{step.resource.kind} {step.resource.name} is no longer configured, but holds data: it is kept.",
                "Settle what it holds with `streamctl replay`, then run `streamctl up` again.",
            )
        return self._remove(step)

    def _remove(self, step: Step) -> Live | None:
        if step.live:
            self._delete(step.resource, step.live)
        self._state.forget(step.resource.id)
        return None

    def _create(self, resource: Resource) -> None:
        self._remember(resource)

        def create() -> bool:
            try:
                resource.create(self._aws)
            except Exception as error:
                if not is_taken(error) and classify(error) is not Failure.UNKNOWN:
                    raise
                return self._is_there(resource, error)
            return True

        self._until_passed(create, resource)

    def _is_there(self, resource: Resource, error: Exception) -> bool:
        """After a create that was refused as taken, or got no answer: did it happen?"""
        live = resource.read(self._aws)
        if live is None or live.is_leaving:
            return False  # not there, or not there for long: send it again
        if not is_ours(resource, live, self._state) or (is_taken(error) and not live.tags):
            self._state.forget(resource.id)
            raise OwnershipError(
                f"{resource.kind} {resource.name} appeared while we were about to make it, and is not ours.",
                "Choose another --name.",
            )
        return True

    def _update_until_equal(self, resource: Resource, live: Live) -> Live:
        for _ in range(ROUNDS):
            differences = resource.differing(live)
            if not differences:
                break
            update = partial(self._sent, resource.update, live, missing_is=False)
            self._until_passed(update, resource)
            live = self._look_until_changed(resource, differences)
            if resource.differing(live) == differences:
                remark = f"was asked to change {', '.join(differences)}, but still reports the old value"
                self._observer.noted(Step(resource, Action.UPDATE, live, differences), remark)
                break
        else:
            raise DeadlineError(
                f"{resource.kind} {resource.name} is on its way, but not there after {ROUNDS} changes.",
                "Run the command again later: AWS limits how often and how far it can change in a day.",
            )
        if live.failure:
            raise AwsError(
                f"AWS gave up on {resource.kind} {resource.name}: {live.failure}",
                "Mend what it names and run the command again.",
            )
        return live

    def _look_until_changed(self, resource: Resource, differences: object) -> Live:
        """What is there after an update: some services go on telling the old value for seconds."""
        deadline = self._clock() + STALE_READS_SECONDS
        live = self._wait_until_ready(resource)
        for pause in growing_pauses():
            if resource.differing(live) != differences or self._clock() > deadline:
                break
            self._sleep(pause)
            live = self._wait_until_ready(resource)
        return live

    def _delete(self, resource: Resource, live: Live) -> None:
        if live.expires:
            self._observer.noted(Step(resource, Action.DELETE, live), live.expires)
            return
        self._state.deleting(resource.id)
        if not live.is_leaving:
            self._until_passed(lambda: self._sent(resource.delete, live, missing_is=True), resource)
        self._wait_until_gone(resource)

    def _sent(self, call: Callable[[Aws, Live], None], live: Live, *, missing_is: bool) -> bool:
        """Send an update or a delete, which can be repeated. False: try again, as AWS is busy or not consistent yet."""
        try:
            call(self._aws, live)
        except Exception as error:
            if is_missing(error):
                return missing_is
            if is_taken(error) or classify(error) is Failure.UNKNOWN:
                return False  # busy with an earlier change, or no answer
            raise
        return True

    def _until_passed(self, attempt: Callable[[], bool], resource: Resource) -> None:
        """Repeat an attempt while it fails for a passing reason.

        Where it only has to wait for something, it is as often as a look; where AWS hears too much, ever more rarely.
        """
        deadline = self._clock() + max(PASSING_FAILURES_SECONDS, resource.timeout_seconds)
        for count, pause in enumerate(growing_pauses()):
            try:
                if attempt():
                    return
                passing: Exception | None = None
            except Exception as error:
                if classify(error) is not Failure.NO_EFFECT:
                    raise
                passing = error
            if self._clock() > deadline:
                raise passing or DeadlineError(
                    f"AWS stays busy with {resource.kind} {resource.name}.", "Run the command again in a while."
                )
            self._sleep(pause if passing is None or is_too_early(passing) else backoff(count))

    def _wait_until_ready(self, resource: Resource) -> Live:
        def look() -> Live | None:
            live = resource.read(self._aws)
            return live if live and live.ready else None

        return self._wait(look, f"{resource.kind} {resource.name} to be ready", resource)

    def _wait_until_gone(self, resource: Resource) -> None:
        def look() -> bool | None:
            return None if resource.read(self._aws) else True

        self._wait(look, f"{resource.kind} {resource.name} to be gone", resource)

    def _wait(self, look: Callable[[], T | None], what: str, resource: Resource) -> T:
        def patiently() -> T | None:
            try:
                return look()
            except Exception as error:
                if is_throttled(error):
                    return None  # a look that AWS does not allow now is only missed
                raise

        return wait_for(
            patiently, what=what, timeout_seconds=resource.timeout_seconds, clock=self._clock, sleep=self._sleep
        )

    def _remember(self, resource: Resource) -> None:
        self._state.intend(resource.id, Record(resource.kind, asdict(resource)))

    def _sleep_unless_stopping(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise StreamctlError("Stopped while waiting.")


def _refuse_open(resource: Resource) -> None:
    """Raises AwsError where a hole is left although all that it needs is done, or was not asked for."""
    hole = next(references(resource), None)
    if hole:
        raise AwsError(
            f"{resource.kind} {resource.name} needs the {hole[1]} of {hole[0]}, and AWS tells of none.",
            "Make it first: `streamctl provision`, or `streamctl up` for all of it.",
        )
