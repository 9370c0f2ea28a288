"""Where discarded records are reported: the document as Lambda defines it, and how it is sent."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl.emulator.driver.records import payload

if TYPE_CHECKING:
    from streamctl.emulator.driver.clients import Clients
    from streamctl.emulator.driver.delivery import Discarded
    from streamctl.emulator.driver.mapping import Mapping


def document(mapping: Mapping, shard_id: str, discarded: Discarded, now: datetime) -> dict[str, Any]:
    """What a queue or topic gets; `responseContext` only when the function was invoked."""
    records, answer = discarded.records, discarded.answer
    batch_info, precision = (
        ("DDBStreamBatchInfo", "seconds") if mapping.reads_a_table else ("KinesisBatchInfo", "milliseconds")
    )
    first, last = (_iso(datetime.fromtimestamp(each.arrived_at, UTC), precision) for each in (records[0], records[-1]))
    result: dict[str, Any] = {
        "requestContext": {
            "requestId": answer.request_id if answer else str(uuid.uuid4()),
            "functionArn": mapping.function_arn,
            "condition": str(discarded.condition),
            "approximateInvokeCount": discarded.invocations,
        }
    }
    if answer:
        result["responseContext"] = {
            "statusCode": answer.status_code,
            "executedVersion": answer.executed_version,
            "functionError": answer.function_error,
        }
    return result | {
        "version": "1.0",
        "timestamp": _iso(now),
        batch_info: {
            "shardId": shard_id,
            "startSequenceNumber": records[0].sequence_number,
            "endSequenceNumber": records[-1].sequence_number,
            "approximateArrivalOfFirstRecord": first,
            "approximateArrivalOfLastRecord": last,
            "batchSize": len(records),
            "streamArn": mapping.stream_arn,
        },
    }


def object_key(mapping: Mapping, shard_id: str, now: datetime) -> str:
    """The key of the object a bucket gets."""
    return f"aws/lambda/{mapping.uuid}/{shard_id}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def send(clients: Clients, mapping: Mapping, shard_id: str, discarded: Discarded) -> None:
    """Report to the mapping's destination, if it has one. Raises what the SDK raises."""
    if mapping.destination_arn is None:
        return
    service, name = mapping.destination_arn.split(":", 5)[2::3]
    client = clients.of_role(service, mapping.account, mapping.region, mapping.role_arn)
    now = datetime.now(UTC)
    body = document(mapping, shard_id, discarded, now)
    if service == "s3":
        body["payload"] = payload(discarded.records).decode()
        client.put_object(Bucket=name, Key=object_key(mapping, shard_id, now), Body=json.dumps(body).encode())
    elif service == "sqs":
        client.send_message(QueueUrl=f"{clients.endpoint_url}/{mapping.account}/{name}", MessageBody=json.dumps(body))
    else:
        client.publish(TopicArn=mapping.destination_arn, Message=json.dumps(body))


def _iso(moment: datetime, precision: str = "milliseconds") -> str:
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
