"""Everything that can be set, with its unit, its limit and its default.

The limits are AWS's own, so that a value AWS would refuse is refused before the first call. Where the recipe names a
default, it is the default here.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"

NAME_RULE = "Lower-case letters, digits and hyphens between them, 32 at most."
"""The same for people."""

LOG_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)


LONGEST_FIELDS_CHARACTERS = 3000  # the function is told in its environment, and Lambda takes 4 KB of that


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StreamSettings(Section):
    """The Kinesis data stream."""

    mode: Literal["provisioned", "on_demand"] = Field(
        "provisioned", description="Capacity mode: 'provisioned' with a number of shards, or 'on_demand'."
    )
    shards: int = Field(2, ge=1, le=10_000, description="Shards of a provisioned stream, 1 to 10000 (1 MiB/s each).")
    retention_hours: int = Field(24, ge=24, le=8760, description="Hours a record can be read again, 24 to 8760.")
    encryption: bool = Field(True, description="Encrypt at rest with the key that AWS manages for Kinesis.")


class FunctionSettings(Section):
    """The Lambda function that processes the records."""

    runtime: Literal["python3.11", "python3.12", "python3.13", "python3.14"] = Field(
        "python3.11", description="Lambda runtime: python3.11 to python3.14."
    )
    architecture: Literal["x86_64", "arm64"] = Field("x86_64", description="Instruction set: 'x86_64' or 'arm64'.")
    memory_mb: int = Field(512, ge=128, le=10_240, description="Memory in MB, 128 to 10240; CPU grows with it.")
    timeout_seconds: int = Field(300, ge=1, le=900, description="Longest run of one batch in seconds, 1 to 900.")
    reserved_concurrency: int | None = Field(
        None,
        ge=1,
        description="Invocations at a time set apart from the account's and never exceeded, at least 1 (0 would stop "
        "the processor); shards times parallelization_factor can be used. AWS keeps 100 of an account unreserved.",
        examples=[10],
    )
    log_retention_days: int = Field(14, description="Days CloudWatch keeps the function's logs: 1, 3, 5, 7, 14, 30, …")

    @model_validator(mode="after")
    def _retention_is_one_cloudwatch_knows(self) -> FunctionSettings:
        if self.log_retention_days not in LOG_RETENTION_DAYS:
            raise ValueError(f"log_retention_days must be one of {', '.join(map(str, sorted(LOG_RETENTION_DAYS)))}")
        return self


RetryAttempts = Annotated[int, Field(ge=-1, le=10_000)]
RecordAge = Annotated[int, Field(ge=-1, le=604_800)]


class EventSourceSettings(Section):
    """The event source mapping: how Lambda reads the stream."""

    batch_size: int = Field(100, ge=1, le=10_000, description="Most records in one invocation, 1 to 10000.")
    batching_window_seconds: int = Field(
        5,
        ge=0,
        le=300,
        description="Seconds to wait for a full batch, 0 to 300; at least 1 when batch_size is over 10.",
    )
    parallelization_factor: int = Field(1, ge=1, le=10, description="Concurrent batches per shard, 1 to 10.")
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = Field(
        "TRIM_HORIZON",
        description="Where a new mapping begins: 'TRIM_HORIZON' (the oldest record, so none is missed) or 'LATEST'.",
    )
    bisect_on_error: bool = Field(True, description="Halve a failing batch until the bad record stands alone.")
    maximum_retry_attempts: RetryAttempts = Field(
        10, description="Retries of a failing batch before it is set aside, 0 to 10000; -1 is for ever."
    )
    maximum_record_age_seconds: RecordAge = Field(
        -1, description="Age in seconds at which a failing record is set aside, 60 to 604800; -1 is never."
    )

    on_failure: Literal["sqs", "s3"] = Field(
        "sqs",
        description="Where Lambda tells of a batch it gave up on: 'sqs' (a queue; the records have to be read from the "
        "stream before they expire) or 's3' (a bucket that gets the records, too).",
    )
    on_failure_days: int = Field(
        14, ge=1, le=3650, description="Days until what a bucket of on_failure holds is deleted, 1 to 3650."
    )

    @model_validator(mode="after")
    def _fits_lambda(self) -> EventSourceSettings:
        if self.batch_size > 10 and self.batching_window_seconds < 1:
            raise ValueError("batching_window_seconds must be at least 1 when batch_size is over 10")
        if 0 <= self.maximum_record_age_seconds < 60:
            raise ValueError("maximum_record_age_seconds must be -1 or at least 60")
        return self


FieldPath = Annotated[str, Field(pattern=r"^[^.{]+(\.[^.{]+)*$", max_length=200)]
NEVER_REDACTED = {
    "eventId": "it is the item's key",
    "timestamp": "it is part of the item's key",
    "eventType": "it decides what an item's metrics are",
}


class TableSettings(Section):
    """The table of results, and what of an event is kept in it."""

    point_in_time_recovery: bool = Field(
        False,
        description="Keep what is needed to restore any second of the last 35 days; costs by size. Encryption at rest "
        "needs no setting: DynamoDB's own key is always on.",
    )
    deletion_protection: bool = Field(
        False, description="AWS, and `streamctl down`, refuse to delete the table until this is false again."
    )
    raw_data: Literal["keep", "omit"] = Field(
        "keep",
        description="Each event's payload as it was sent, in rawData: 'keep' it, or 'omit' it. Omitted or redacted, "
        "the item has its sha256 instead, from which a value of few possibilities can be guessed.",
    )
    redacted_fields: list[FieldPath] = Field(
        [],
        max_length=50,
        description='Fields whose values are stored nowhere behind the stream, like ["userId", "location.city"]: '
        "the item says [redacted] instead, also in rawData. A path goes into every element of a list. The stream holds "
        "the event as it was sent until its retention ends.",
    )

    @model_validator(mode="after")
    def _redacts_what_can_be(self) -> TableSettings:
        for path in self.redacted_fields:
            first = path.partition(".")[0]
            if first in NEVER_REDACTED:
                raise ValueError(f"redacted_fields cannot hold {path}: {NEVER_REDACTED[first]}")
        if len(json.dumps(self.redacted_fields)) > LONGEST_FIELDS_CHARACTERS:
            raise ValueError(
                f"redacted_fields is longer than {LONGEST_FIELDS_CHARACTERS} characters, all paths together"
            )
        return self


EventType = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/#-]{1,100}$")]
MOST_EVENT_TYPES = 20


class ProcessorSettings(Section):
    """What the processor makes of an event: the recipe's mapping, or a function of yours."""

    path: str | None = Field(
        None,
        min_length=1,
        description="Your Python file, or a folder that is a package (its own files, no folders in it), with a "
        "function process(event) -> metrics. Paths begin at the folder of this configuration. Without one the recipe's "
        "mapping holds.",
        examples=["my_processor.py"],
    )
    requirements: str | None = Field(
        None,
        min_length=1,
        description="What that file imports beside the standard library, as pip reads it: pure Python only. It is "
        "shipped with the function.",
        examples=["requirements.txt"],
    )
    event_schema: str | None = Field(
        None,
        min_length=1,
        description="A JSON Schema (draft 2020-12 or 7, in one file; `format` is not checked): events that do not fit "
        "it are set aside, with the rule that they break.",
        examples=["event.schema.json"],
    )
    event_types: list[EventType] | None = Field(
        None,
        min_length=1,
        max_length=MOST_EVENT_TYPES,
        description=f"Event types that EventsProcessed is counted by, 1 to {MOST_EVENT_TYPES}; all others together are "
        "`other`. Each can be four metrics of $0.30 a month. The recipe's four unless set.",
        examples=[["reading"]],
    )

    @property
    def adds_anything(self) -> bool:
        """The processor is not just the recipe's."""
        return bool(self.path or self.event_schema or self.event_types)

    @model_validator(mode="after")
    def _requirements_have_somebody_to_import_them(self) -> ProcessorSettings:
        if self.requirements and not self.path:
            raise ValueError("requirements are for the file that path names: set it, too")
        return self


class GeneratorSettings(Section):
    """Events made by a function of yours."""

    path: str | None = Field(
        None,
        min_length=1,
        description="Your Python file with a function event(rng, sequence, at) that makes an event for `produce`. "
        "Installed generators are chosen by `generator` of [producer].",
        examples=["my_generator.py"],
    )


class ProducerSettings(Section):
    """What `streamctl produce` sends when nothing else is asked for."""

    generator: str = Field("recipe", description="Which installed generator makes the events.")
    batches: int = Field(3, ge=1, description="Batches to send, at least 1.")
    batch_size: int = Field(10, ge=1, le=100_000, description="Events in a batch, 1 to 100000.")
    interval_seconds: float = Field(2.0, ge=0, le=3600, description="Seconds between batches, 0 to 3600.", strict=False)
    connections: int = Field(
        8, ge=1, le=256, description="Requests under way at a time, 1 to 256; with 1, events are sent in their order."
    )
    aggregate: bool = Field(
        False,
        description="Pack small events into fewer, fuller records, as Amazon's producer library (KPL) does.",
    )
    keys: Literal["own", "spread"] = Field(
        "own",
        description="Partition keys: 'own' (an event's userId), or 'spread' (every shard gets its share).",
    )


class VerifySettings(Section):
    """How long `streamctl verify` waits for what is still on its way."""

    deadline_seconds: float = Field(
        120.0, ge=0, le=86_400, description="Seconds to wait for events in flight, 0 to 86400.", strict=False
    )


class Config(Section):
    """The whole of streamctl.toml."""

    name: str | None = Field(
        None,
        pattern=NAME_PATTERN,
        description="The pipeline's name, the suffix of every resource: up to 32 lower-case letters, digits, hyphens. "
        "Drawn at random when not set.",
        examples=["shop"],
    )
    region: str | None = Field(
        None,
        pattern=r"^[a-z]{2,8}(-[a-z]+)+-\d+$",
        description="AWS region, like eu-central-1.",
        examples=["eu-central-1"],
    )
    profile: str | None = Field(
        None, min_length=1, description="Profile of the AWS configuration to use.", examples=["work"]
    )
    endpoint_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Send every request to this URL instead of AWS: an emulator of yours.",
        examples=["http://127.0.0.1:4566"],
    )
    stream: StreamSettings = Field(default_factory=StreamSettings, description="The Kinesis data stream.")
    function: FunctionSettings = Field(default_factory=FunctionSettings, description="The Lambda function.")
    event_source: EventSourceSettings = Field(
        default_factory=EventSourceSettings, description="How Lambda reads the stream."
    )
    table: TableSettings = Field(
        default_factory=TableSettings, description="The table, and what is kept of an event in it."
    )
    processor: ProcessorSettings = Field(
        default_factory=ProcessorSettings, description="What is made of an event: a function of yours, a schema."
    )
    generator: GeneratorSettings = Field(
        default_factory=GeneratorSettings, description="A function of yours that makes events."
    )
    producer: ProducerSettings = Field(default_factory=ProducerSettings, description="What `produce` sends.")
    verify: VerifySettings = Field(default_factory=VerifySettings, description="How `verify` looks.")
    features: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Features by name, each with its own settings; `enabled = false` turns one off.",
    )

    @model_validator(mode="after")
    def _has_one_generator(self) -> Config:
        if self.generator.path and "generator" in self.producer.model_fields_set:
            raise ValueError(
                "generator.path is a file of yours, producer.generator an installed generator: choose one of them"
            )
        return self
