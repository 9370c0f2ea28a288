"""The peers of our producer, each as its own documentation would have it: `peer_producers.py PEER URL EVENTS`.

Runs in the peers' environment and knows nothing of streamctl. Events are made as the recipe makes them, a mapping each,
and encoded as JSON; `ready` are made before, and only sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime

STREAM, REGION = "benchmark", "eu-west-1"
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
BATCH = 500
EVENT_BYTES = 350


def event(number: int) -> dict:
    """One of the recipe's four kinds."""
    kind = random.choice(["page_view", "purchase", "user_signup", "click"])
    made = {
        "eventId": f"20261123T161154-k3f9-{number:09d}",
        "eventType": kind,
        "userId": f"user_{random.randint(1000, 9999)}",
        "sessionId": f"session_{random.randint(100000, 999999)}",
        "deviceType": random.choice(["desktop", "mobile", "tablet"]),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "location": {
            "country": random.choice(["US", "UK", "DE", "FR", "JP"]),
            "city": random.choice(["New York", "London", "Berlin", "Paris", "Tokyo"]),
        },
    }
    if kind == "page_view":
        made |= {
            "pageUrl": f"/page/{random.randint(1, 100)}",
            "loadTime": random.randint(500, 3000),
            "sessionLength": random.randint(10, 1800),
            "pagesViewed": random.randint(1, 10),
        }
    elif kind == "purchase":
        made |= {
            "amount": round(random.uniform(10.99, 299.99), 2),
            "currency": "USD",
            "itemsCount": random.randint(1, 5),
        }
    elif kind == "user_signup":
        made |= {
            "signupMethod": random.choice(["email", "social", "phone"]),
            "campaignSource": random.choice(["google", "facebook", "direct", "email"]),
        }
    return made


def encoded(made: dict) -> bytes:
    """As JSON of about 350 bytes."""
    return json.dumps(made | NOTE).encode()


NOTE: dict = {}
NOTE = {"note": "x" * (EVENT_BYTES - 12 - sum(len(encoded(event(0))) for _ in range(2000)) // 2000)}


def entry(made: dict) -> dict:
    return {"Data": encoded(made), "PartitionKey": made["userId"]}


def boto3_client(url: str) -> object:
    import boto3

    return boto3.client("kinesis", endpoint_url=url, region_name=REGION, **KEYS)


def one_by_one(url: str, events: int) -> None:
    """One PutRecord an event, as the recipe sends them, without its pauses."""
    kinesis = boto3_client(url)
    for number in range(events):
        kinesis.put_record(StreamName=STREAM, **entry(event(number)))


def boto3(url: str, events: int) -> None:
    """PutRecords of 500, refused records again."""
    kinesis = boto3_client(url)
    for first in range(0, events, BATCH):
        put(kinesis, [entry(event(number)) for number in range(first, first + BATCH)])


def ready(url: str, events: int) -> None:
    """The same, with events that are there already."""
    kinesis = boto3_client(url)
    records = [entry(event(number)) for number in range(BATCH)]
    for _ in range(0, events, BATCH):
        put(kinesis, records)


def put(kinesis: object, records: list) -> None:
    while records:
        answer = kinesis.put_records(StreamName=STREAM, Records=records)
        if not answer["FailedRecordCount"]:
            return
        records = [record for record, told in zip(records, answer["Records"], strict=True) if "ErrorCode" in told]


async def aiokpl(url: str, events: int) -> None:
    from aiokpl import Config, Producer

    unlimited = {"rate_limit_records_per_sec_per_shard": 1e9, "rate_limit_bytes_per_sec_per_shard": 1e12}
    async with Producer(Config(region=REGION, endpoint_url=url, **KEYS, **unlimited)) as producer:
        waiting = []
        for number in range(events):
            made = event(number)
            sent = await producer.put_record(stream=STREAM, partition_key=made["userId"], data=encoded(made))
            waiting.append(sent)
        await producer.flush()
        for sent in waiting:
            await sent.wait()


async def async_kinesis(url: str, events: int) -> None:
    from kinesis import Producer

    unlimited = {"put_rate_limit_per_shard": 10**9, "put_bandwidth_limit_per_shard": 10**9}
    async with Producer(stream_name=STREAM, endpoint_url=url, region_name=REGION, **unlimited) as producer:
        for number in range(events):
            made = event(number)
            await producer.put(made | NOTE, partition_key=made["userId"])
        await producer.flush()


def main() -> None:
    peer, url, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
    work = globals()[peer]
    for count in (BATCH, events):  # the first time imports and connects
        cpu, wall = time.process_time(), time.perf_counter()
        if asyncio.iscoroutinefunction(work):
            asyncio.run(work(url, count))
        else:
            work(url, count)
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))


if __name__ == "__main__":
    main()
