"""How everything is called. The pipeline's name is the suffix of every resource's name."""

from __future__ import annotations

import string
from dataclasses import dataclass

METRIC_NAMESPACE = "RealTimeAnalytics"
POLICY_NAME = "KinesisLambdaProcessorPolicy"
CANARY_ID_PREFIX = "canary-"
"""How the ids of the events begin that `up` sends to see the pipeline work; they belong to no run."""
NO_EVENT_PREFIXES = ("anomaly:", "rejected:")
"""How the ids of the table's items begin that are no events: findings of the anomaly detector, and the marks of records
that were set aside."""
NOTIFICATIONS_PREFIX = "analytics-notifications-"
"""How the queues of `alarms test` begin, which hear what the alarms tell."""
SUFFIX_ALPHABET = string.ascii_lowercase + string.digits
SUFFIX_LENGTH = 6


def draw_name() -> str:
    """A name nobody else has: two thousand million possibilities."""
    import secrets

    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(SUFFIX_LENGTH))


@dataclass(frozen=True)
class Names:
    """The AWS names of the recipe's resources."""

    suffix: str

    @property
    def stream(self) -> str:
        return f"analytics-stream-{self.suffix}"

    @property
    def function(self) -> str:
        return f"kinesis-processor-{self.suffix}"

    @property
    def table(self) -> str:
        return f"analytics-results-{self.suffix}"

    @property
    def role(self) -> str:
        return f"kinesis-lambda-role-{self.suffix}"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.function}"

    @property
    def rejected_queue(self) -> str:
        """Records the processor can never process."""
        return f"analytics-rejected-{self.suffix}"

    @property
    def failures_queue(self) -> str:
        """What Lambda says of batches it gave up on."""
        return f"analytics-failures-{self.suffix}"

    @property
    def failures_bucket(self) -> str:
        """The same with the records, where a bucket is wanted; unique in all of AWS, and at most 62 characters."""
        return f"analytics-failed-{self.suffix}-${{aws.account}}"

    @property
    def dashboard(self) -> str:
        """Unique in the account, whatever the region."""
        return f"analytics-dashboard-{self.suffix}-${{aws.region}}"

    @property
    def alarms_topic(self) -> str:
        """Whom the alarms tell."""
        return f"analytics-alarms-{self.suffix}"

    @property
    def alarms_key(self) -> str:
        """What their messages are encrypted with."""
        return f"analytics-alarms-{self.suffix}"

    @property
    def detector(self) -> str:
        """The function that watches what is stored."""
        return f"anomaly-detector-{self.suffix}"

    @property
    def detector_log_group(self) -> str:
        return f"/aws/lambda/{self.detector}"

    @property
    def detector_role(self) -> str:
        return f"anomaly-lambda-role-{self.suffix}"

    @property
    def detector_failures_queue(self) -> str:
        """What Lambda says of batches it gave up on."""
        return f"analytics-anomaly-failures-{self.suffix}"

    @property
    def anomalies_table(self) -> str:
        """What the detector remembers; what it finds is in the results table."""
        return f"analytics-anomalies-{self.suffix}"

    @property
    def anomalies_topic(self) -> str:
        """Whom the detector tells."""
        return f"analytics-anomalies-{self.suffix}"

    def notifications_queue(self, token: str) -> str:
        """The queue of one `alarms test`: SQS refuses the name of a deleted queue for a minute."""
        return f"{NOTIFICATIONS_PREFIX}{token}-{self.suffix}"

    def alarm(self, title: str) -> str:
        return f"{title}-{self.suffix}"
