"""Round prices and a design to change one thing of at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamctl.cost.design import Design
from streamctl.cost.prices import Prices
from streamctl.cost.processing import STREAMCTL

PRICES = Prices(
    region="here",
    read_at="2026-11-25",
    source="made up",
    pages=(),
    dollars={
        "kinesis_shard_hour": 0.01,
        "kinesis_million_put_units": 0.02,
        "kinesis_extended_shard_hour": 0.03,
        "kinesis_long_term_gb_month": 0.04,
        "kinesis_on_demand_stream_hour": 0.05,
        "kinesis_on_demand_gb_in": 0.06,
        "kinesis_on_demand_gb_out": 0.07,
        "kinesis_on_demand_extended_gb_month": 0.08,
        "lambda_million_requests": 0.2,
        "lambda_x86_64_gb_second": 0.00002,
        "lambda_arm64_gb_second": 0.00001,
        "dynamodb_million_writes": 0.5,
        "dynamodb_storage_gb_month": 0.3,
        "dynamodb_recovery_gb_month": 0.1,
        "logs_gb": 0.4,
        "logs_storage_gb_month": 0.05,
        "metric_month": 0.3,
        "thousand_metric_requests": 0.01,
        "alarm_month": 0.1,
        "dashboard_month": 3.0,
        "kms_key_month": 1.0,
        "kms_ten_thousand_requests": 0.03,
    },
)
PROCESSING = replace(STREAMCTL, batch_cpu_ms=0.75, event_cpu_ms=0.09)
"""A processor whose time does not change when the real one's is measured anew."""
DESIGN = Design(processing=PROCESSING, shards=2, encrypted_stream=True, alarms=10)


def with_(**settings: Any) -> Design:
    return replace(DESIGN, **settings)
