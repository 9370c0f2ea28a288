"""Which pipeline is meant, the name or the ARN of anything in it tells: one of every kind and every feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.adoption.subject import subject
from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.errors import UsageError
from streamctl.observe.inventory import inventory
from streamctl.resources import KINDS

from .conftest import REGION

if TYPE_CHECKING:
    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")

MAIL = "ops@example.com"


@pytest.fixture
def aws(pair: Pair) -> Aws:
    endpoint_url = pair.client("sqs").meta.endpoint_url
    return Aws(region=REGION, endpoint_url=endpoint_url, credentials=process.CREDENTIALS)


def test_the_name_and_the_arn_of_everything_tell_the_pipeline(pair: Pair, aws: Aws) -> None:
    resources = pair.shell.run("status", "--name", pair.one, "--json").document["resources"]
    listed = [item.name for item in inventory(aws, pair.one)]
    urls = [url for url in aws.client("sqs").list_queues()["QueueUrls"] if url.endswith(pair.one)]
    texts = {each[key] for each in resources for key in ("name", "arn")} | {*listed, *urls}
    texts -= {MAIL, f"email {MAIL}"}

    assert {each["kind"] for each in resources if each["arn"].startswith("arn:")} == set(KINDS)
    assert {text: subject(text).looked_up(aws) for text in texts} == dict.fromkeys(texts, pair.one)


def test_whoever_is_told_by_both_tells_of_neither(pair: Pair, aws: Aws) -> None:
    with pytest.raises(UsageError) as raised:
        subject(MAIL).looked_up(aws)

    assert {pair.one, pair.other} <= set(raised.value.message.rstrip(".").replace(":", ",").split(", "))
