from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.session import get_session
from moto import mock_aws

from streamctl.aws import Aws, partition_of
from streamctl.errors import CredentialsError

KEYS = ("test", "test")


def test_the_region_asked_for_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert Aws(region="eu-central-1").region == "eu-central-1"
    assert Aws().region == "eu-west-1"


def test_no_region_at_all_is_an_error_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(CredentialsError, match="No AWS region") as refusal:
        _ = Aws().region
    assert "--local" in (refusal.value.hint or "")


def test_a_client_is_made_once_even_by_many_threads() -> None:
    aws = Aws(region="eu-central-1", credentials=KEYS)

    with ThreadPoolExecutor(8) as pool:
        clients = set(pool.map(lambda _: id(aws.client("kinesis")), range(32)))

    assert len(clients) == 1
    assert aws.once("kinesis") is not aws.client("kinesis")


def test_a_client_for_creates_sends_once() -> None:
    aws = Aws(region="eu-central-1", credentials=KEYS)

    assert aws.once("lambda").meta.config.retries["total_max_attempts"] == 1
    assert aws.client("lambda").meta.config.retries == {"mode": "standard", "total_max_attempts": 4}


@mock_aws
def test_the_identity_is_asked_for_once_and_watched_like_every_call() -> None:
    aws = Aws(region="eu-central-1", credentials=KEYS)
    calls: list[tuple[str, str]] = []
    aws.watch(lambda service, operation: calls.append((service, operation)))

    assert aws.account == "123456789012"
    assert aws.identity.partition == "aws"
    assert calls == [("sts", "GetCallerIdentity")]


def test_an_endpoint_on_this_machine_is_reached_without_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        aws = Aws(region="eu-central-1", endpoint_url=f"http://127.0.0.1:{server.getsockname()[1]}", credentials=KEYS)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(aws.once("sts").get_caller_identity)
            connection, _ = server.accept()
            with connection:
                request = connection.recv(1000)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            assert asked.exception() is not None

    assert request.startswith(b"POST / ")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"])
def test_the_partition_of_a_region_is_the_sdks_own(region: str) -> None:
    assert partition_of(region) == get_session().get_partition_for_region(region)


def test_a_region_the_sdk_has_not_heard_of_is_one_of_aws_itself() -> None:
    assert partition_of("mars-north-1") == "aws"
