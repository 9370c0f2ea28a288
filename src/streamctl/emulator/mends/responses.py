"""Answers in the shape MiniStack's handlers give them."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json, json_response

Response = tuple[int, dict[str, str], Any]


def answer(body: dict[str, Any]) -> Response:
    status, headers, text = json_response(body)
    return status, headers, text


def refuse(code: str, message: str, status: int = 400) -> Response:
    status, headers, text = error_response_json(code, message, status)
    return status, headers, text


def invalid(message: str) -> Response:
    """Kinesis's answer to a request that makes no sense."""
    return refuse("InvalidArgumentException", message)


def missing(message: str) -> Response:
    """Kinesis's answer to a request for something that is not there."""
    return refuse("ResourceNotFoundException", message)
