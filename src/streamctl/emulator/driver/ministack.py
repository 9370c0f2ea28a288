"""The few things the driver asks of MiniStack directly: what no API would tell it in time, or take from it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, kinesis, lambda_svc

from streamctl.emulator.driver.mapping import Mapping, from_record, reads_a_stream, reads_a_table

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_RETENTION_SECONDS = 24 * 3600.0
UNREADABLE = "PROBLEM: The mapping cannot be read"

logger = logging.getLogger(__name__)


def enabled_mappings() -> dict[str, Mapping]:
    """Every enabled mapping of a stream, in all accounts and regions, by its UUID."""
    read = (_read(account, region, record) for account, region, record in _records() if record.get("Enabled", True))
    return {mapping.uuid: mapping for mapping in read if mapping}


def existing_mappings() -> set[str]:
    """The UUIDs of all mappings of streams, disabled ones too."""
    return {record["UUID"] for _, _, record in _records()}


def note_result(mapping: Mapping, result: str) -> None:
    """What GetEventSourceMapping shows as LastProcessingResult."""
    record = lambda_svc._esms.get_scoped(mapping.account, mapping.region, mapping.uuid)
    if record is not None:
        record["LastProcessingResult"] = result


def note_iterator_age(mapping: Mapping, milliseconds: float) -> None:
    """The age of a batch's last record, as AWS publishes it for each batch."""
    name = mapping.function_arn.split(":")[6]
    with request_scope(mapping.account, mapping.region):
        cloudwatch.record_metric("AWS/Lambda", "IteratorAge", milliseconds, "Milliseconds", {"FunctionName": name})


def _read(account: str, region: str, record: dict[str, Any]) -> Mapping | None:
    """None when its function is gone, or when the record cannot be read: the others must not suffer from that."""
    try:
        role_arn = _role_arn(account, region, record)
        retention_seconds = _retention_seconds(record["EventSourceArn"])
        return from_record(account, region, record, role_arn, retention_seconds) if role_arn else None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        problem = f"{UNREADABLE}: {error!r}"
        if record.get("LastProcessingResult") != problem:  # said once, though it is read again all the time
            logger.exception("Mapping %s cannot be read", record.get("UUID"))
            record["LastProcessingResult"] = problem
        return None


def _records() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for account, region, record in lambda_svc._iter_all_esms():
        if reads_a_stream(record.get("EventSourceArn", "")):
            yield account, region, record


def _role_arn(account: str, region: str, record: dict[str, Any]) -> str | None:
    """The function's role; None once the function is gone."""
    with request_scope(account, region):
        _, config = lambda_svc._get_func_record_for_qualifier(record["FunctionName"], record.get("Qualifier"))
    return str(config["Role"]) if config and config.get("Role") else None


def _retention_seconds(stream_arn: str) -> float:
    """Of the mapping's stream, while there is one; that of a table cannot be chosen."""
    if reads_a_table(stream_arn):
        return TABLE_RETENTION_SECONDS
    region, account, resource = stream_arn.split(":")[3:]
    stream = kinesis._streams.get_scoped(account, region, resource.partition("/")[2])
    return stream["RetentionPeriodHours"] * 3600.0 if stream else float("inf")
