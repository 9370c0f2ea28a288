"""The few things the driver asks of MiniStack directly: what no API would tell it in time, or take from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, lambda_svc

from streamctl.emulator.driver.mapping import Mapping, from_record

if TYPE_CHECKING:
    from collections.abc import Iterator


def enabled_mappings() -> dict[str, Mapping]:
    """Every enabled mapping of a Kinesis stream, in all accounts and regions, by its UUID."""
    return {
        record["UUID"]: from_record(account, region, record, role_arn)
        for account, region, record in _records()
        if record.get("Enabled", True) and (role_arn := _role_arn(account, region, record))
    }


def existing_mappings() -> set[str]:
    """The UUIDs of all mappings of Kinesis streams, disabled ones too."""
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


def _records() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for account, region, record in lambda_svc._iter_all_esms():
        if ":kinesis:" in record.get("EventSourceArn", ""):
            yield account, region, record


def _role_arn(account: str, region: str, record: dict[str, Any]) -> str | None:
    """The function's role; None once the function is gone."""
    with request_scope(account, region):
        _, config = lambda_svc._get_func_record_for_qualifier(record["FunctionName"], record.get("Qualifier"))
    return str(config["Role"]) if config and config.get("Role") else None
