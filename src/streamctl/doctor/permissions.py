"""What whoever runs this may do, as IAM simulates it: without their session policies and their organisation's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.aws import partition_of
from streamctl.aws.failures import explained
from streamctl.doctor.finding import Finding, problem, warning
from streamctl.errors import UsageError
from streamctl.policy.audiences import AUDIENCES
from streamctl.policy.document import document
from streamctl.policy.grants import Place, grants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.doctor.patient import Patient

ACTIONS_SHOWN = 5


def permissions(patient: Patient) -> Finding:
    """What `streamctl policy operator` prints, asked for statement by statement."""
    if patient.aws.identity.arn.endswith(":root"):
        return Finding("The root user of the account may do everything.")
    principal = _principal(patient.aws.identity.arn)
    if principal is None:
        return warning(
            f"IAM cannot simulate for {patient.aws.identity.arn}.", "`streamctl policy` prints what is needed."
        )
    try:
        workspace = patient.sketch()
    except UsageError as error:
        return warning(f"Not simulated: {error.message}", "Name a pipeline with --name.")
    place = Place(patient.aws.account, patient.aws.region, partition_of(patient.aws.region))
    policy = document(grants(AUDIENCES["operator"], workspace.everything(), place))
    with explained(f"let IAM simulate what {principal} may do"):
        denied = sorted({action for line in policy["Statement"] for action in _denied(patient, principal, line)})
    if not denied:
        return Finding(f"{principal} may do all that up, status and down need.")
    shown = ", ".join(denied[:ACTIONS_SHOWN]) + (
        f" and {len(denied) - ACTIONS_SHOWN} more" * (len(denied) > ACTIONS_SHOWN)
    )
    return problem(f"{principal} may not: {shown}.", "Grant what `streamctl policy operator` prints.")


def _principal(arn: str) -> str | None:
    """The user, or the role behind a session; None for who has no policies of their own.

    A session's ARN leaves out its role's path, so that a role with one is not found.
    """
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind == "assumed-role":
        return f"{arn.split(':sts:')[0]}:iam::{arn.split(':')[4]}:role/{name.split('/')[0]}"
    return arn if kind == "user" else None


def _denied(patient: Patient, principal: str, statement: dict[str, Any]) -> Iterator[str]:
    pages = patient.aws.once("iam").get_paginator("simulate_principal_policy")
    context = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for keys in statement.get("Condition", {}).values()
        for key, value in keys.items()
    ]
    for page in pages.paginate(
        PolicySourceArn=principal,
        ActionNames=statement["Action"],
        ResourceArns=statement["Resource"],
        ContextEntries=context,
    ):
        for result in page["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield result["EvalActionName"]
