from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from filelock import FileLock

from streamctl.aws.waiting import wait_for
from streamctl.emulator import process
from streamctl.errors import EmulatorError
from tests.emulator.conftest import aws_of, create_function

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def wait_for_snapshot_after(folder: Path, moment: float) -> None:
    deadline = time.monotonic() + 15
    path = folder / "snapshot.json"
    while not (path.exists() and path.stat().st_mtime > moment):
        assert time.monotonic() < deadline, "no snapshot was taken"
        time.sleep(0.05)


def test_nothing_runs_in_an_empty_folder(tmp_path: Path) -> None:
    assert process.running(tmp_path) is None
    assert process.stop(tmp_path) is False


def test_start_returns_when_requests_are_answered(folder: Path) -> None:
    emulator = process.start(folder)
    assert aws_of(emulator).client("kinesis").list_streams()["StreamNames"] == []
    assert emulator.endpoint_url.startswith("http://127.0.0.1:")
    assert emulator.started_at.utcoffset() is not None


def test_starting_again_returns_the_one_that_runs(folder: Path) -> None:
    first = process.start(folder)
    assert process.start(folder) == first == process.running(folder)


def test_two_starts_at_once_make_one_server(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: process.start(folder), range(4)))
    assert len({each.pid for each in found}) == 1


def test_an_emulator_started_to_stay_says_so(folder: Path) -> None:
    assert process.start(folder).keep is False
    assert process.start(folder, keep=True).keep is True
    assert process.start(folder).keep is True


def test_a_clean_stop_keeps_the_state_and_the_address(folder: Path) -> None:
    before = process.start(folder)
    aws_of(before).client("sqs").create_queue(QueueName="kept")
    assert process.stop(folder) is True
    assert process.running(folder) is None
    after = process.start(folder)
    assert after.pid != before.pid
    assert after.endpoint_url == before.endpoint_url
    assert len(aws_of(after).client("sqs").list_queues()["QueueUrls"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_keeps_what_was_there_at_the_last_snapshot(folder: Path) -> None:
    emulator = process.start(folder)
    kinesis = aws_of(emulator).client("kinesis")
    kinesis.create_stream(StreamName="kept", ShardCount=1)
    kinesis.put_record(StreamName="kept", PartitionKey="k", Data=b"kept")
    wait_for_snapshot_after(folder, time.time())
    os.kill(emulator.pid, signal.SIGKILL)
    os.waitpid(emulator.pid, 0)
    assert process.running(folder) is None
    kinesis = aws_of(process.start(folder)).client("kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName="kept", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert [each["Data"] for each in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"kept"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM")
def test_sigterm_saves_too(folder: Path) -> None:
    emulator = process.start(folder)
    aws_of(emulator).client("sqs").create_queue(QueueName="kept")
    os.kill(emulator.pid, signal.SIGTERM)
    os.waitpid(emulator.pid, 0)
    assert len(aws_of(process.start(folder)).client("sqs").list_queues()["QueueUrls"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_only_the_owner_can_read_what_it_writes(folder: Path) -> None:
    process.start(folder)
    wait_for_snapshot_after(folder, 0)
    assert [oct((folder / name).stat().st_mode & 0o777) for name in ("emulator.json", "snapshot.json")] == ["0o600"] * 2


def test_another_server_on_a_recycled_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ours = self.headers["x-streamctl-nonce"] == "its own"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"yes" if ours else b"welcome")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        record = {
            "endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "pid": os.getpid(),
            "started_at": "2026-11-23T00:00:00+00:00",
            "version": "1",
            "keep": False,
            "nonce": "ours",
        }
        process.write_record(tmp_path, record)
        assert process.running(tmp_path) is None
        process.write_record(tmp_path, record | {"nonce": "its own"})
        assert process.running(tmp_path) is not None
        server.shutdown()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"endpoint_url": "http://example.com:1"}'])
def test_a_broken_record_means_that_nothing_runs(tmp_path: Path, content: str) -> None:
    (tmp_path / "emulator.json").write_text(content)
    assert process.running(tmp_path) is None


def test_a_server_that_does_not_answer_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "emulator.json").write_text('{"pid": 4711}')
    with FileLock(tmp_path / "server.lock"), pytest.raises(EmulatorError, match="does not answer"):
        process.start(tmp_path, timeout_seconds=0.2)
    assert (tmp_path / "emulator.json").exists()


@pytest.fixture
def stalled(folder: Path) -> Iterator[process.Emulator]:
    """An emulator that accepts connections and does not answer, like one that is very busy; it has a queue."""
    emulator = process.start(folder)
    aws_of(emulator).client("sqs").create_queue(QueueName="kept")
    os.kill(emulator.pid, signal.SIGSTOP)
    yield emulator
    with suppress(ProcessLookupError):  # a test may have let it go on, and end
        os.kill(emulator.pid, signal.SIGCONT)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP")
def test_a_busy_emulator_is_waited_for(stalled: process.Emulator) -> None:
    later = threading.Timer(1, os.kill, (stalled.pid, signal.SIGCONT))
    later.start()
    assert process.running(stalled.folder, answer_seconds=0.2) == stalled
    later.join()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP")
def test_an_emulator_that_stays_busy_is_not_called_absent(stalled: process.Emulator) -> None:
    with pytest.raises(EmulatorError, match=rf"is there \(process id {stalled.pid}\), but does not answer"):
        process.running(stalled.folder, busy_seconds=0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP")
def test_an_emulator_that_takes_long_to_stop_is_named_and_never_killed(stalled: process.Emulator) -> None:
    with pytest.raises(EmulatorError, match=rf"process id {stalled.pid}\) has not ended within 0 s") as caught:
        process.stop(stalled.folder, timeout_seconds=0.1)
    assert "It goes on saving" in (caught.value.hint or "")
    os.kill(stalled.pid, signal.SIGCONT)
    process.stop(stalled.folder)
    assert len(aws_of(process.start(stalled.folder)).client("sqs").list_queues()["QueueUrls"]) == 1


def test_stored_data_that_looks_like_the_snapshots_own_tags_survives_a_restart(folder: Path) -> None:
    item = {
        "id": {"S": "1"},
        "__bytes__": {"S": "x"},
        "tags": {"M": {"__scoped__": {"S": "x"}, "data": {"S": "x"}, "__account_region_scoped__": {"BOOL": True}}},
        "__plain__": {"B": b"\x00\xff"},
    }
    before = aws_of(process.start(folder)).client("dynamodb")
    before.create_table(
        TableName="wild",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    before.put_item(TableName="wild", Item=item)
    process.stop(folder)
    after = aws_of(process.start(folder)).client("dynamodb")
    assert after.get_item(TableName="wild", Key={"id": {"S": "1"}})["Item"] == item


def test_queue_urls_name_the_port_now_in_force(folder: Path) -> None:
    before = process.start(folder)
    old_url = aws_of(before).client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    process.stop(folder)
    port = urlsplit(before.endpoint_url).port or 0
    with socket.create_server(("127.0.0.1", port)):
        after = process.start(folder)
    sqs = aws_of(after).client("sqs")
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    assert after.endpoint_url != before.endpoint_url
    assert url.startswith(f"{after.endpoint_url}/")
    assert sqs.create_queue(QueueName="kept")["QueueUrl"] == url
    assert sqs.list_queues()["QueueUrls"] == [url]
    sqs.send_message(QueueUrl=old_url, MessageBody="still found")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "still found"


def test_the_gate_stands_before_the_running_server(folder: Path) -> None:
    address = urlsplit(process.start(folder).endpoint_url)
    assert address.hostname == "127.0.0.1"
    answers = []
    for headers in ({}, {"Origin": "https://example.com"}, {"Host": "rebound.example"}):
        connection = HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
        connection.request("GET", "/_ministack/health", headers=headers)
        answers.append(connection.getresponse().status)
        connection.close()
    assert answers == [200, 403, 403]


def test_functions_see_nothing_of_the_users_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("API_TOKEN", "the user's own")
    source = "import os, json\ndef handle(event, context):\n    return dict(os.environ)\n"
    aws = aws_of(process.start(folder))
    monkeypatch.undo()
    create_function(aws, "spy", source)
    answer = aws.client("lambda").invoke(FunctionName="spy")
    seen = json.loads(answer["Payload"].read())
    assert "API_TOKEN" not in seen
    assert "AWS_PROFILE" not in seen
    assert "STREAMCTL_EMULATOR_NONCE" not in seen
    assert "the user's own" not in seen.values()
    assert seen["AWS_CONFIG_FILE"] == os.devnull


def test_a_missing_ministack_is_explained() -> None:
    with pytest.raises(EmulatorError, match="MiniStack is missing") as caught:
        process.check_installation(lambda: None)
    assert "pip install 'streamctl[local]'" in (caught.value.hint or "")


def test_another_ministack_is_refused() -> None:
    with pytest.raises(EmulatorError, match=r"needs MiniStack 1\.5\.33, but 1\.6\.0 is installed"):
        process.check_installation(lambda: "1.6.0")


def test_a_server_that_dies_while_starting_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text("{ broken")
    with pytest.raises(EmulatorError, match=r"The saved state .*snapshot\.json cannot be read") as caught:
        process.start(tmp_path)
    assert "server.log" in (caught.value.hint or "")


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell when a parent is gone")
def test_an_emulator_tied_to_its_starter_ends_with_it(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from streamctl.emulator import process;"
        "process.start(pathlib.Path(sys.argv[1]), tied=True)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    wait_for(lambda: None if process.running(tmp_path) else True, what="its end", timeout_seconds=20)


def test_an_emulator_whose_folder_was_deleted_ends_and_does_not_bring_it_back(tmp_path: Path) -> None:
    folder = tmp_path / "emulator"
    emulator = process.start(folder)

    shutil.rmtree(folder)

    wait_for(lambda: None if answers(emulator) else True, what="its end", timeout_seconds=20)
    assert not folder.exists()


def answers(emulator: process.Emulator) -> bool:
    address = emulator.endpoint_url.removeprefix("http://127.0.0.1:")
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(address))) == 0
