# ruff: noqa: SLF001 - MiniStack's functions are private to it; the version is pinned and each mend has a probe test
"""Kinesis: tags of a new stream, AWS's size limit of a request, and word of every put."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import kinesis

from streamctl.emulator.mends.replacing import after

if TYPE_CHECKING:
    from streamctl.emulator.driver.wake import Wake
    from streamctl.emulator.mends.responses import Response

REQUEST_BYTES = 10 * 1024 * 1024


def apply(wake: Wake) -> None:
    kinesis.esm_wake = wake  # every put sets it: the driver's readers hear of it at once
    after(kinesis, "_create_stream", _keep_tags)
    _raise_request_limit()


def _keep_tags(data: dict[str, Any], response: Response) -> Response:
    """CreateStream takes tags since 2024; MiniStack drops them, and ownership is proved by a tag."""
    if response[0] == 200:
        kinesis._streams[data["StreamName"]]["tags"].update(data.get("Tags") or {})
    return response


def _raise_request_limit() -> None:
    """PutRecords takes 10 MiB; MiniStack has 5 MB as a constant in the middle of a long function."""
    code = kinesis._put_records.__code__
    new = {5_242_880: REQUEST_BYTES, "Records total payload size exceeds 5 MB limit": "Records exceed 10 MB limit"}
    constants = tuple(new.get(each, each) if isinstance(each, int | str) else each for each in code.co_consts)
    kinesis._put_records.__code__ = code.replace(co_consts=constants)
