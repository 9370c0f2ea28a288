"""What one look says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """`seen` in one sentence; `mend` says what to do where there is something to do."""

    seen: str
    verdict: Verdict = Verdict.OK
    mend: str = ""


def warning(seen: str, mend: str = "") -> Finding:
    return Finding(seen, Verdict.WARNING, mend)


def problem(seen: str, mend: str = "") -> Finding:
    return Finding(seen, Verdict.PROBLEM, mend)
