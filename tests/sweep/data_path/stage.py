"""What one life stands on: a stream, a table and two queues of its own in the emulator."""

from __future__ import annotations

from typing import Any

from streamctl.emulator.process import ACCOUNT, REGION

from . import truth


class Stage:
    """Made at once with plain clients; `clear` takes it away."""

    def __init__(self, clients: dict[str, Any], name: str) -> None:
        self.clients = clients
        self.name = name
        """Of the stream and of the table."""
        clients["kinesis"].create_stream(StreamName=name, ShardCount=2)
        clients["dynamodb"].create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "eventId", "KeyType": "HASH"},
                {"AttributeName": "timestamp", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "eventId", "AttributeType": "S"},
                {"AttributeName": "timestamp", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.rejected_url = clients["sqs"].create_queue(QueueName=f"{name}-rejected")["QueueUrl"]
        self.failures_url = clients["sqs"].create_queue(QueueName=f"{name}-failures")["QueueUrl"]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"

    def truth(self) -> truth.Truth:
        return truth.look(self.clients, self.name, self.rejected_url, self.failures_url)

    def records(self) -> dict[str, list[tuple[str, bytes]]]:
        """Sequence number and payload of every record, by shard."""
        return truth.records(self.clients["kinesis"], self.name)

    def payloads(self) -> list[bytes]:
        return [data for shard in self.records().values() for _, data in shard]

    def reshard(self, how: str) -> None:
        kinesis = self.clients["kinesis"]
        shards = kinesis.list_shards(StreamName=self.name)["Shards"]
        open_shards = [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
        first, second, *_ = sorted(open_shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
        if how == "split":
            low, high = (int(first["HashKeyRange"][end]) for end in ("StartingHashKey", "EndingHashKey"))
            middle = str((low + high) // 2)
            kinesis.split_shard(StreamName=self.name, ShardToSplit=first["ShardId"], NewStartingHashKey=middle)
        elif how == "merge":
            both = {"ShardToMerge": first["ShardId"], "AdjacentShardToMerge": second["ShardId"]}
            kinesis.merge_shards(StreamName=self.name, **both)
        else:
            count = {"double": 4, "halve": 1}[how]
            kinesis.update_shard_count(StreamName=self.name, TargetShardCount=count, ScalingType="UNIFORM_SCALING")

    def clear(self) -> None:
        """The emulator need not keep what was judged."""
        self.clients["kinesis"].delete_stream(StreamName=self.name)
        self.clients["dynamodb"].delete_table(TableName=self.name)
        for url in (self.rejected_url, self.failures_url):
            self.clients["sqs"].delete_queue(QueueUrl=url)
