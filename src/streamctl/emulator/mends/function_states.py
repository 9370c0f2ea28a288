"""Lambda: a function becomes Active, and a change Successful, after a moment.

MiniStack takes half a second over it, which is most of what an `up` on this machine would wait for. It must not be no
time at all: whoever does not wait for a function is to find out here, and not on AWS.
"""

from __future__ import annotations

from ministack.services import lambda_svc

PENDING_SECONDS = 0.05
_DELAY = "_LAMBDA_STATE_TRANSITION_DELAY"


def apply() -> None:
    if not isinstance(getattr(lambda_svc, _DELAY), float):  # a release that renamed it fails at start, not later
        raise TypeError(f"{lambda_svc.__name__}.{_DELAY} is no number")
    setattr(lambda_svc, _DELAY, PENDING_SECONDS)
