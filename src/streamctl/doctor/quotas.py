"""What the account allows, beside what the pipeline takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained
from streamctl.doctor.finding import Finding, problem, warning

if TYPE_CHECKING:
    from streamctl.doctor.patient import Patient

CODE_WARNING = 0.9
MORE = "Ask for more under Service Quotas in the AWS console, or {instead}."


def shards(patient: Patient) -> Finding:
    with explained("read the limits of Kinesis"):
        limits = patient.aws.once("kinesis").describe_limits()
    left, stream = limits["ShardLimit"] - limits["OpenShardCount"], patient.project.config.stream
    seen = f"{limits['OpenShardCount']:,} of {limits['ShardLimit']:,} shards are open"
    known_here = any(patient.home.pipelines())
    if stream.mode == "provisioned" and stream.shards > left and not known_here:
        return problem(f"{seen}; this pipeline takes {stream.shards}.", MORE.format(instead="set fewer stream.shards"))
    return Finding(f"{seen}.")


def concurrency(patient: Patient) -> Finding:
    config = patient.project.config
    wanted = config.stream.shards * config.event_source.parallelization_factor
    free = _settings(patient)["AccountLimit"]["UnreservedConcurrentExecutions"]
    seen = f"{free:,} invocations at a time are free for all functions; this pipeline takes up to {wanted}."
    instead = "set a smaller event_source.parallelization_factor"
    return warning(seen, MORE.format(instead=instead)) if wanted > free else Finding(seen)


def code_storage(patient: Patient) -> Finding:
    settings = _settings(patient)
    used, most = settings["AccountUsage"]["TotalCodeSize"], settings["AccountLimit"]["TotalCodeSize"]
    seen = f"{used / 1e9:,.1f} of {most / 1e9:,.1f} GB of function code are used."
    return warning(seen, MORE.format(instead="delete old versions")) if used > CODE_WARNING * most else Finding(seen)


def _settings(patient: Patient) -> Any:
    with explained("read the limits of Lambda"):
        return patient.aws.once("lambda").get_account_settings()
