"""Kinesis: tags of a new stream, AWS's size limit of a request, a change of capacity mode, word of every put."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import kinesis

from streamctl.emulator.mends.replacing import after, replace
from streamctl.emulator.mends.responses import answer, missing

if TYPE_CHECKING:
    from types import FunctionType

    from streamctl.emulator.driver.wake import Wake
    from streamctl.emulator.mends.responses import Response

REQUEST_BYTES = 10 * 1024 * 1024


def apply(wake: Wake) -> None:
    kinesis.esm_wake = wake  # every put sets it: the driver's readers hear of it at once
    after(kinesis, "_create_stream", _keep_tags)
    raise_request_limit(kinesis._put_records)
    _add_update_stream_mode()


def _keep_tags(data: dict[str, Any], response: Response) -> Response:
    """CreateStream takes tags since 2024; MiniStack drops them, and ownership is proved by a tag."""
    if response[0] == 200:
        kinesis._streams[data["StreamName"]]["tags"].update(data.get("Tags") or {})
    return response


def raise_request_limit(put_records: FunctionType) -> None:
    """PutRecords takes 10 MiB; MiniStack has 5 MB as a constant in the middle of a long function.

    Raises TypeError when the constant or its message is not there.
    """
    code = put_records.__code__
    new = {5_242_880: REQUEST_BYTES, "Records total payload size exceeds 5 MB limit": "Records exceed 10 MB limit"}
    if not new.keys() <= set(code.co_consts):
        raise TypeError(f"{put_records.__name__} has another limit than {list(new)}")
    constants = tuple(new.get(each, each) if isinstance(each, int | str) else each for each in code.co_consts)
    put_records.__code__ = code.replace(co_consts=constants)


def _add_update_stream_mode() -> None:
    """MiniStack does not know the operation. As on AWS, the shards stay as they are."""
    others = kinesis.handle_request

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
        if not headers.get("x-amz-target", "").endswith(".UpdateStreamMode"):
            response: Response = await others(method, path, headers, body, query)
            return response
        data = json.loads(body)
        name, stream = kinesis._resolve_stream(data)
        if stream is None:
            return missing(f"Stream {name} not found")
        stream["StreamModeDetails"] = data["StreamModeDetails"]
        return answer({})

    replace(kinesis, "handle_request", handle)
