"""What is not taken over, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.adoption.report import Whose
from streamctl.engine.plan import Action
from streamctl.errors import OwnershipError, UsageError
from streamctl.resources.iam_role import IamRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.adoption.report import Finding, Report
    from streamctl.aws import Aws


def refuse(report: Report, aws: Aws, name: str) -> None:
    """Raises OwnershipError for what is somebody else's, UsageError where nothing is there, or data would be lost."""
    _refuse_absent(report, aws, name)
    _refuse_owned(report.there)
    _refuse_data_loss(report.there, aws)


def _refuse_absent(report: Report, aws: Aws, name: str) -> None:
    """What all regions share, or is in another one, is not enough: then the region is wrong."""
    if any(finding.live and not finding.live.elsewhere and not _is_shared(finding) for finding in report.there):
        return
    nothing = f"There is nothing of a pipeline {name} in account {aws.account}, region {aws.region}"
    if report.there:
        raise UsageError(
            f"{nothing}, but what another region may have made: {', '.join(map(_named, report.there))}.",
            "Look in that region with --region.",
        )
    strangers = ", ".join(f"{item.kind} {item.name}" for item in report.strangers)
    raise UsageError(
        f"{nothing}." + (f" Not in the configuration: {strangers}." if strangers else ""),
        "Its resources must have the recipe's names, such as "
        f"analytics-stream-{name}. `streamctl up` makes a pipeline.",
    )


def _refuse_owned(there: Iterable[Finding]) -> None:
    theirs = [finding for finding in there if finding.whose is Whose.ANOTHER]
    if theirs:
        names = ", ".join(f"{_named(finding)} (of {finding.owner})" for finding in theirs)
        raise OwnershipError(
            f"Not taken over, because it belongs to another pipeline of streamctl: {names}.",
            "Nothing was changed. Choose another pipeline, or free the name with `streamctl down` there.",
        )
    elsewhere = [finding for finding in there if finding.live and finding.live.elsewhere]
    if elsewhere:
        raise OwnershipError(
            f"Not taken over, because it is in another region: {', '.join(map(_named, elsewhere))}.",
            "Nothing was changed. Free the name, or look in that region with --region.",
        )


def _refuse_data_loss(there: Iterable[Finding], aws: Aws) -> None:
    losing = [
        finding for finding in there if finding.step.action is Action.REPLACE and finding.step.resource.has_data(aws)
    ]
    if losing:
        raise UsageError(
            f"Not taken over, because `up` could only replace it, and its data: {'; '.join(map(_why, losing))}.",
            "Nothing was changed. Bring the configuration to what is there, or move the data to a pipeline of its own.",
        )


def _is_shared(finding: Finding) -> bool:
    """All regions of an account have the same roles."""
    return finding.step.resource.kind == IamRole.kind


def _named(finding: Finding) -> str:
    return f"{finding.step.resource.kind} {finding.step.resource.name}"


def _why(finding: Finding) -> str:
    settings = (
        f"{setting} is {there}, not {wanted}"
        for setting, (there, wanted) in finding.step.differences.items()
        if setting in finding.step.resource.fixed
    )
    return f"{_named(finding)} ({', '.join(settings)})"
