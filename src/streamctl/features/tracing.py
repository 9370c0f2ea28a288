"""X-Ray traces what the function does, and each item says in which batch it came: what `streamctl trace` shows.

An invocation has one trace, and so have all events of its batch: X-Ray has no trace of a single event, since nothing
of it goes through Kinesis. The item's `traceId` leads from the one to the other.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from streamctl.aws.failures import explained
from streamctl.features.newest_items import PERMISSIONS, NewestItems
from streamctl.functions.processor.stamps import TRACE_ID, TRACE_ITEMS
from streamctl.pipeline.checks import Check
from streamctl.plugins import FeatureSettings
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.checks import Situation


class TracingSettings(FeatureSettings):
    """Nothing to set: Lambda samples one invocation a second and 5 % of the others, and takes no other rate."""


class Tracing:
    """X-Ray traces of the processor, and on each item the trace of its batch.

    It publishes no metric: X-Ray has none of a function.
    """

    settings = TracingSettings
    default = False

    def apply(self, pipeline: Pipeline, settings: TracingSettings) -> None:
        function = pipeline.get("function", LambdaFunction)
        pipeline.change("function", tracing="Active", environment={**function.environment, TRACE_ITEMS: "1"})
        # AWS ties neither to a resource.
        pipeline.allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")
        table = pipeline.names.table
        items = NewestItems("items with the trace of their batch", table, function.name, TRACE_ID)
        pipeline.check(partial(look, items), PERMISSIONS)


def look(items: NewestItems, situation: Situation) -> Iterator[Check]:
    """Lambda traces the function, and items say in which trace they are."""
    with explained(f"look at the function {items.function}"):
        found = situation.aws.client("lambda").get_function_configuration(FunctionName=items.function)
    mode = found.get("TracingConfig", {}).get("Mode", "PassThrough")
    is_active = mode == "Active"
    yield Check("tracing", is_active, f"Lambda says {mode}.", "" if is_active else "Run: streamctl up")
    yield items.look(situation.aws)
