"""What a producer, a stream and a processor leave behind, on moto; and the way of one event through it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.tracing.trace import trace
from tests.cbor import refuse_cbor
from tests.verify.conftest import AT, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamctl.tracing.way import Way

LOG_GROUP = "/aws/lambda/processor"


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    with mock_aws():
        aws = Aws(region="eu-west-1", credentials=("key", "secret"))
        refuse_cbor(aws)
        yield Pipeline(aws, tmp_path)


@pytest.fixture
def follow(pipeline: Pipeline) -> Callable[..., Way]:
    """The way of an event, an hour after the runs, on a pipeline that may take 30 seconds with one."""

    def follow(event_id: str, **options: Any) -> Way:
        options = {"now": lambda: AT + timedelta(hours=1), "link": lambda trace_id: f"console/{trace_id}", **options}
        return trace(
            event_id, pipeline.folder, pipeline.aws, pipeline.places, log_group=LOG_GROUP, settle_seconds=30, **options
        )

    return follow
