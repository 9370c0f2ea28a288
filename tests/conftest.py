"""What all tests share: one emulator for each test process."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import hypothesis
import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.emulator import process

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from streamctl.emulator.process import Emulator


# A shell's background job is born deaf to Ctrl-C, and so would be every command that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes to make and to run depends on what else the machine does.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

LONG = ("tests/end_to_end/", "tests/policy/", "tests/test_documents.py")
MORE_THAN_CORES = 2


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half of the time the tests wait for a pipeline, which needs no core: with `-n auto` there are more workers."""
    return (yield) + MORE_THAN_CORES


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that in the end no worker is left alone with a long test."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session", autouse=True)
def routes_of_moto() -> None:
    """Made before anything looks at several services at once: Python 3.11 compiles them wrongly in several threads."""
    with mock_aws():
        aws = Aws(region="eu-central-1", credentials=("key", "secret"))
        aws.client("lambda").list_functions()
        aws.client("s3").list_buckets()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    yield process.start(folder)
    process.stop(folder)
