"""Who we are to AWS, where, and whether the clocks agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from streamctl.aws import is_known_region
from streamctl.aws.clock import clock_ahead_seconds
from streamctl.doctor.finding import Finding, problem, warning

if TYPE_CHECKING:
    from streamctl.doctor.patient import Patient

EXPIRING = timedelta(minutes=15)
SKEW_PROBLEM_SECONDS = 240  # AWS refuses a request that is five minutes off
SKEW_WARNING_SECONDS = 30


def region(patient: Patient) -> Finding:
    name = patient.aws.region
    if not is_known_region(name):
        return warning(f"boto3 knows no region {name}.", "Look for a slip of the pen, or bring boto3 up to date.")
    return Finding(f"{name}.")


def credentials(patient: Patient) -> Finding:
    if not patient.has_region:
        return warning("Not looked at: there is no region to ask in.")
    identity = patient.aws.identity
    seen = f"Account {identity.account}, as {identity.arn}"
    expires = patient.aws.credentials_expire_at
    if expires and expires - datetime.now(UTC) < EXPIRING:
        return warning(f"{seen}, until {expires:%H:%M} UTC.", "Sign in again before a long command.")
    if identity.arn.endswith(":root") and not patient.aws.endpoint_url:
        return warning(f"{seen}.", "Use a user or a role with what `streamctl policy operator` prints.")
    return Finding(f"{seen}, until {expires:%Y-%m-%d %H:%M} UTC." if expires else f"{seen}.")


def clock(patient: Patient) -> Finding:
    ahead = clock_ahead_seconds(patient.aws, lambda: datetime.now(UTC))
    if ahead is None:
        return warning("AWS did not tell its time.")
    seen = f"This machine and AWS are {abs(ahead):.0f} s apart."
    mend = "Set this machine's clock, by NTP for example: AWS refuses what is five minutes off."
    if abs(ahead) >= SKEW_PROBLEM_SECONDS:
        return problem(seen, mend)
    return warning(seen, mend) if abs(ahead) >= SKEW_WARNING_SECONDS else Finding(seen)
