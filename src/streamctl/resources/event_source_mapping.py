"""What makes Lambda poll a stream and invoke a function with its records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block, Nested, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question, literal
from streamctl.engine.references import references
from streamctl.engine.resource import Live, Resource
from streamctl.errors import PluginError
from streamctl.resources.tags import to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws

_TABLE = ":table/"
PARTIAL_BATCHES = "ReportBatchItemFailures"
_TIED_TO_FUNCTION = frozenset(
    {
        "lambda:CreateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:UpdateEventSourceMapping",
    }
)
"""The actions that know `lambda:FunctionArn`."""
_AT_REST = frozenset({"Enabled", "Disabled"})
_ON = frozenset({"Enabled", "Enabling", "Creating", "Updating"})


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping(Resource):
    """A stream read for a function. AWS knows it by the two of them; `name` is for people.

    A table has another stream each time it is turned on: a mapping of any of them is that of the table, and is replaced
    when it is not that of the stream the table has now. What the earlier one still holds is read no more then.
    `Enabled` does not prove that Lambda polls yet: only a record that arrives does.
    """

    kind: ClassVar[str] = "event_source_mapping"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    fixed: ClassVar[frozenset[str]] = frozenset({"event_source_arn", "function_name", "table_stream_arn"})
    found_by: ClassVar[frozenset[str]] = frozenset({"event_source_arn", "function_name"})
    attributes: ClassVar[frozenset[str]] = frozenset({"uuid", "arn"})
    cloudformation_attributes: ClassVar[dict[str, str]] = {"uuid": REF, "arn": "EventSourceMappingArn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"uuid": "uuid", "arn": "arn"}
    timeout_seconds: ClassVar[float] = 600  # an invocation in progress, which may take minutes, holds a change up
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("lambda:ListEventSourceMappings", "lambda:ListTags"),
        "create": ("lambda:CreateEventSourceMapping", "lambda:TagResource"),
        "update": ("lambda:TagResource", "lambda:UpdateEventSourceMapping"),
        "delete": ("lambda:DeleteEventSourceMapping",),
    }
    unscoped: ClassVar[frozenset[str]] = frozenset(
        {"lambda:CreateEventSourceMapping", "lambda:ListEventSourceMappings"}
    )
    tagging: ClassVar[frozenset[str]] = frozenset({"lambda:CreateEventSourceMapping", "lambda:TagResource"})

    event_source_arn: str
    """Of a Kinesis stream, or of the table whose stream is read."""
    function_name: str
    table_stream_arn: str = ""
    """The stream that the table has now, `${table.stream_arn}`; empty for a Kinesis stream."""
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    """Where a new mapping begins, and nothing else. LATEST misses what is sent in the minutes until Lambda polls."""
    batch_size: int = 100
    """Records per invocation: 1 to 10,000."""
    batching_window_seconds: int = 5
    """How long to gather a batch: 0 to 300; at least 1 for more than 10 records."""
    parallelization_factor: int = 1
    """Batches of one shard in work at a time: 1 to 10."""
    bisect_on_error: bool = False
    maximum_retry_attempts: int = -1
    """-1, for ever, to 10,000."""
    maximum_record_age_seconds: int = -1
    """-1, for ever, or 60 to 604,800."""
    report_batch_item_failures: bool = False
    on_failure_arn: str = ""
    """The queue, topic or bucket that is told of a batch given up."""
    filter_patterns: tuple[Mapping[str, Any], ...] = ()
    """At most 5, as Lambda's event filtering defines them: what none of them matches never reaches the function."""
    enabled: bool = True

    def check(self) -> None:
        if any(attribute == "stream_arn" for _, attribute in references(self.event_source_arn)):
            raise PluginError(
                f"{self.id} is to be found by the stream of a table, which is another one each time it is turned on.",
                "Give the table's ARN as event_source_arn, and that of its stream as table_stream_arn.",
            )

    def scope(self, action: str) -> tuple[str, ...]:
        """Its ARN holds an id that Lambda draws: a policy can only name them all, and the function."""
        if action in self.unscoped:
            return ("*",)
        return ("arn:${aws.partition}:lambda:${aws.region}:${aws.account}:event-source-mapping:*",)

    def condition(self, action: str) -> Mapping[str, Mapping[str, str]]:
        if action not in _TIED_TO_FUNCTION:
            return super().condition(action)
        arn = f"arn:${{aws.partition}}:lambda:${{aws.region}}:${{aws.account}}:function:{self.function_name}"
        return {**super().condition(action), "ArnEquals": {"lambda:FunctionArn": arn}}

    def read(self, aws: Aws) -> Live | None:
        functions = aws.client("lambda")
        found = self._find(functions)
        if found is None:
            return None
        arn = found["EventSourceMappingArn"]
        tags = or_none(functions.list_tags, Resource=arn)
        return Live(
            attributes={"uuid": found["UUID"], "arn": arn},
            settings=_settings(found),
            tags=tags.get("Tags", {}) if tags else {},
            state=found["State"],
            ready=tags is not None and found["State"] in _AT_REST,
        )

    def _find(self, functions: Any) -> Any | None:
        """Asked by the stream alone: a mapping outlives its function, and Lambda lists none of a missing function.

        It outlives its table too, and nobody can ask for those of a table: all are listed.
        """
        source = {} if _TABLE in self.event_source_arn else {"EventSourceArn": self.event_source_arn}
        pages = functions.get_paginator("list_event_source_mappings").paginate(**source)
        answer = or_none(pages.build_full_result) or {}
        wanted = self.event_source_arn, self.function_name
        mappings = (each for each in answer.get("EventSourceMappings", ()) if "FunctionArn" in each)
        return next((each for each in mappings if (_source(each)[0], _function_name(each)) == wanted), None)

    def create(self, aws: Aws) -> None:
        aws.once("lambda").create_event_source_mapping(**self._definition(), Tags=dict(self.tags))

    def _definition(self) -> dict[str, Any]:
        """What CreateEventSourceMapping and CloudFormation say in the same words."""
        return {
            "EventSourceArn": self.table_stream_arn or self.event_source_arn,
            "FunctionName": self.function_name,
            "StartingPosition": self.starting_position,
            **self._changeable(),
            **(self._destination() if self.on_failure_arn else {}),
            **(self._filter() if self.filter_patterns else {}),
        }

    def cloudformation(self) -> Sequence[Declaration]:
        properties = {**self._definition(), "Tags": to_pairs(self.tags)}
        return (Declaration("AWS::Lambda::EventSourceMapping", properties, identity={"Id": self.ref("uuid")}),)

    def terraform(self) -> Sequence[Block]:
        arguments = {
            "event_source_arn": self.table_stream_arn or self.event_source_arn,
            "function_name": self.function_name,
            "starting_position": self.starting_position,
            "enabled": self.enabled,
            "batch_size": self.batch_size,
            "maximum_batching_window_in_seconds": self.batching_window_seconds,
            "parallelization_factor": self.parallelization_factor,
            "bisect_batch_on_function_error": self.bisect_on_error,
            "maximum_retry_attempts": self.maximum_retry_attempts,
            "maximum_record_age_in_seconds": self.maximum_record_age_seconds,
            "function_response_types": self._response_types(),
            "tags": self.tags,
            **self._nested(),
        }
        return (Block("aws_lambda_event_source_mapping", arguments, identity=self.ref("uuid")),)

    def _nested(self) -> dict[str, Nested]:
        on_failure = Nested({"on_failure": Nested({"destination_arn": self.on_failure_arn})})
        filters = Nested({"filter": [Nested({"pattern": json_document(each)}) for each in self.filter_patterns]})
        return {
            **({"destination_config": on_failure} if self.on_failure_arn else {}),
            **({"filter_criteria": filters} if self.filter_patterns else {}),
        }

    def _response_types(self) -> list[str]:
        return [PARTIAL_BATCHES] if self.report_batch_item_failures else []

    def update(self, aws: Aws, live: Live) -> None:
        functions = aws.client("lambda")
        if missing := self.missing_tags(live):
            functions.tag_resource(Resource=live.attributes["arn"], Tags=missing)
        differences = self.differing(live).keys() - {"tags"}
        if differences:
            functions.update_event_source_mapping(
                UUID=live.attributes["uuid"],
                **self._changeable(),
                **(self._destination() if "on_failure_arn" in differences else {}),
                **(self._filter() if "filter_patterns" in differences else {}),
            )

    def questions(self) -> dict[str, Question]:
        """As `_find` asks: by the stream, or for those of all tables."""
        found = f"FunctionArn && ends_with(FunctionArn, {literal(f':{self.function_name}')})"
        if self.table_stream_arn:
            found += f" && starts_with(EventSourceArn, {literal(f'{self.event_source_arn}/stream/')})"
        asked = {} if self.table_stream_arn else {"EventSourceArn": self.event_source_arn}
        return {
            "uuid": Question("lambda", "list_event_source_mappings", asked, f"EventSourceMappings[?{found}].UUID | [0]")
        }

    def readiness(self) -> Question:
        state = "Enabled" if self.enabled else "Disabled"
        return Question("lambda", "get_event_source_mapping", {"UUID": self.ref("uuid")}, "State", state)

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("lambda").delete_event_source_mapping(UUID=live.attributes["uuid"])

    def _changeable(self) -> dict[str, Any]:
        return {
            "Enabled": self.enabled,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.batching_window_seconds,
            "ParallelizationFactor": self.parallelization_factor,
            "BisectBatchOnFunctionError": self.bisect_on_error,
            "MaximumRetryAttempts": self.maximum_retry_attempts,
            "MaximumRecordAgeInSeconds": self.maximum_record_age_seconds,
            "FunctionResponseTypes": self._response_types(),
        }

    def _destination(self) -> dict[str, Any]:
        """Sent only where there is one or it changes: an empty one removes it, and is refused where none is meant."""
        return {"DestinationConfig": {"OnFailure": {"Destination": self.on_failure_arn}}}

    def _filter(self) -> dict[str, Any]:
        """An empty one removes it."""
        filters = [{"Pattern": json.dumps(each)} for each in self.filter_patterns]
        return {"FilterCriteria": {"Filters": filters} if filters else {}}


def _source(found: Mapping[str, Any]) -> tuple[str, str]:
    """What is read: the stream, or the table and that one of its streams."""
    arn = str(found.get("EventSourceArn", ""))
    table, label, _ = arn.partition("/stream/")
    return (table, arn) if _TABLE in table and label else (arn, "")


def _function_name(found: Mapping[str, Any]) -> str:
    return str(found["FunctionArn"].split(":")[6])


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    """Under our names; what AWS leaves out stands at Lambda's default."""
    source, table_stream = _source(found)
    return {
        "event_source_arn": source,
        "table_stream_arn": table_stream,
        "function_name": _function_name(found),
        "batch_size": found["BatchSize"],
        "batching_window_seconds": found.get("MaximumBatchingWindowInSeconds", 0),
        "parallelization_factor": found.get("ParallelizationFactor", 1),
        "bisect_on_error": found.get("BisectBatchOnFunctionError", False),
        "maximum_retry_attempts": found.get("MaximumRetryAttempts", -1),
        "maximum_record_age_seconds": found.get("MaximumRecordAgeInSeconds", -1),
        "report_batch_item_failures": PARTIAL_BATCHES in found.get("FunctionResponseTypes", ()),
        "on_failure_arn": found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", ""),
        "filter_patterns": [json.loads(each["Pattern"]) for each in found.get("FilterCriteria", {}).get("Filters", ())],
        "enabled": found["State"] in _ON,
    }
