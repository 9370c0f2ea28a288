"""The AWS kinds a pipeline is made of, one file each: the whole truth about the kind is in its file.

To add a kind, write a `Resource` in a file of its name, list it here, and give it a case in
`tests/resources/conftest.py`: `streamctl.testing.check_resource` then proves the contract.

Written from AWS's documentation and its service models, and tried on moto and the emulator; not yet tried on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.event_source_mapping import EventSourceMapping
from streamctl.resources.iam_role import IamRole
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.kms_key import KmsKey
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.log_group import LogGroup
from streamctl.resources.s3_bucket import S3Bucket
from streamctl.resources.sns_subscription import SnsSubscription
from streamctl.resources.sns_topic import SnsTopic
from streamctl.resources.sqs_queue import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.engine.resource import Resource

KINDS: Mapping[str, type[Resource]] = {
    "cloudwatch_alarm": CloudwatchAlarm,
    "cloudwatch_dashboard": CloudwatchDashboard,
    "dynamodb_table": DynamodbTable,
    "event_source_mapping": EventSourceMapping,
    "iam_role": IamRole,
    "kinesis_stream": KinesisStream,
    "kms_key": KmsKey,
    "lambda_function": LambdaFunction,
    "log_group": LogGroup,
    "s3_bucket": S3Bucket,
    "sns_subscription": SnsSubscription,
    "sns_topic": SnsTopic,
    "sqs_queue": SqsQueue,
}
"""Kind to class: how a resource noted in the state file is found again."""
