"""The recipe's handler as it is written, but for its floats: a record at a time, one PutItem by the resource API, one
PutMetricData, and another for a purchase.
"""

from __future__ import annotations

import base64
import json
import os
import time
from decimal import Decimal
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["DYNAMODB_TABLE"])
cloudwatch = boto3.client("cloudwatch")


def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
    for record in event["Records"]:
        payload = base64.b64decode(record["kinesis"]["data"]).decode("utf-8")
        data = json.loads(payload, parse_float=Decimal)
        kind = data.get("eventType", "unknown")
        table.put_item(Item=item(record, data, kind, payload))
        count("EventsProcessed", 1, "Count", EventType=kind, DeviceType=data.get("deviceType", "unknown"))
        if kind == "purchase":
            count("PurchaseAmount", float(data["amount"]), "None")
    return {"batchItemFailures": []}


def item(record: dict[str, Any], data: dict[str, Any], kind: str, payload: str) -> dict[str, Any]:
    return {
        "eventId": record["kinesis"]["sequenceNumber"],
        "timestamp": int(record["kinesis"]["approximateArrivalTimestamp"]),
        "processedAt": int(time.time()),
        "eventType": kind,
        "userId": data.get("userId", "anonymous"),
        "sessionId": data.get("sessionId", ""),
        "deviceType": data.get("deviceType", "unknown"),
        "location": data.get("location", {}),
        "metrics": metrics(kind, data),
        "rawData": payload,
    }


def metrics(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "page_view":
            bounced = data["sessionLength"] < 30 and data["pagesViewed"] == 1
            return {"page_url": data["pageUrl"], "load_time": data["loadTime"], "bounce_rate": 1 if bounced else 0}
        case "purchase":
            return {"amount": data["amount"], "currency": data["currency"], "items_count": data["itemsCount"]}
        case "user_signup":
            return {"signup_method": data["signupMethod"], "campaign_source": data["campaignSource"]}
    return {}


def count(name: str, value: float, unit: str, **dimensions: str) -> None:
    cloudwatch.put_metric_data(
        Namespace="RealTimeAnalytics",
        MetricData=[
            {
                "MetricName": name,
                "Value": value,
                "Unit": unit,
                "Dimensions": [{"Name": each, "Value": said} for each, said in dimensions.items()],
            }
        ],
    )
