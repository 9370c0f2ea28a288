"""Topics that tell people: who is subscribed by mail, and that nobody may use one without TLS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from streamctl.resources.sns_subscription import SnsSubscription

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.pipeline.builder import Pipeline
    from streamctl.resources.sns_topic import SnsTopic

MailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


def subscribe(pipeline: Pipeline, topic: SnsTopic, addresses: Iterable[str], prefix: str) -> None:
    """Have mail addresses told what the topic is told. AWS asks each of them to confirm."""
    for address in dict.fromkeys(addresses):
        pipeline.add(
            SnsSubscription(
                id=f"{prefix}_email_{_digest(address)}",
                name=address,
                topic_arn=topic.ref("arn"),
                protocol="email",
                endpoint=address,
            )
        )


def publishing(topic: SnsTopic) -> dict[str, Any]:
    """What a statement of the topic's policy is about."""
    return {"Action": "sns:Publish", "Resource": topic.arn}


def only_over_tls(topic: SnsTopic) -> dict[str, Any]:
    """The statement that refuses everything else."""
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        **publishing(topic),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _digest(address: str) -> str:
    """The address's own, whichever others there are: one that is taken out of the settings must be missed."""
    return hashlib.sha256(address.encode()).hexdigest()[:8]
