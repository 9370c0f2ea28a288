"""Starts answering_server.c, compiled with the system's compiler."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE = Path(__file__).with_name("answering_server.c")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NoCompilerError(RuntimeError):
    """There is no C compiler here."""


@contextmanager
def answering(
    answers: Mapping[str, bytes] | None = None, *, delay_ms: float = 0, folder: Path | None = None
) -> Iterator[str]:
    """The URL of an endpoint that answers every request. `answers` by operation; or the `folder` they lie in."""
    with tempfile.TemporaryDirectory(prefix="streamctl-benchmarks-") as temporary:
        place = Path(temporary)
        for operation, answer in (answers or {}).items():
            (place / operation).write_bytes(answer)
        program = _compiled(place / "answering_server")
        server = subprocess.Popen(
            [program, str(folder or place), str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()
            server.communicate()


def requests(url: str) -> int:
    """How many requests the endpoint has answered."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    with closing(connection):
        connection.request("POST", "/", b"{}", {"X-Amz-Target": "AnsweringServer.CountRequests"})
        return int(connection.getresponse().read())


def environment(url: str) -> dict[str, str]:
    """That of a process that takes the endpoint for AWS."""
    return os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": url}


def _compiled(program: Path) -> str:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise NoCompilerError("no C compiler: install cc, or name one in CC")
    subprocess.run([compiler, "-O2", "-Wall", "-pthread", "-o", str(program), str(SOURCE)], check=True)
    return str(program)
