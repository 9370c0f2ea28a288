"""The one error of calls to AWS."""

from __future__ import annotations


class CallError(Exception):
    """AWS refused a call, or gave no answer that can be read.

    `code` is AWS's, or names what happened on the way; it is safe to log, unlike AWS's `words`. `is_passing`: waiting
    a moment may cure it, since the call was throttled, a connection was lost, or the fault is on AWS's side.
    """

    def __init__(self, code: str, words: str = "", *, is_passing: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.words = words
        self.is_passing = is_passing
