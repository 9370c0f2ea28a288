"""`streamctl doctor`: is everything there that is needed, and how to mend what is not."""

from typing import TYPE_CHECKING

import typer

from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from streamctl.doctor.finding import Finding

MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}


def register(app: typer.Typer) -> None:
    command(app, "doctor")(doctor)


def doctor(session: Session) -> None:
    """Look at versions, settings, folder, emulator, credentials, quotas and permissions. Exit code 5 on a problem."""
    from streamctl.config import current_folder
    from streamctl.doctor.examination import examine
    from streamctl.doctor.finding import Verdict
    from streamctl.doctor.patient import Patient
    from streamctl.errors import CheckError

    patient = Patient(current_folder(), session.request)
    with session.terminal.waiting("Looking"):
        found = examine(patient)
    problems = [name for name, finding in found.items() if finding.verdict is Verdict.PROBLEM]
    document = {
        "healthy": not problems,
        "findings": [
            {"look": name, "verdict": finding.verdict, "seen": finding.seen, "mend": finding.mend}
            for name, finding in found.items()
        ],
    }
    session.terminal.result(document, lambda: _show(session, found))
    if problems:
        raise CheckError(
            f"{counted(len(problems), 'problem')}: {', '.join(problems)}.", "What is above says how to mend it."
        )


def _show(session: Session, found: "dict[str, Finding]") -> None:
    rows = [
        [
            MARKS[finding.verdict.value],
            name,
            finding.verdict.value,
            "\n".join(filter(None, (finding.seen, finding.mend))),
        ]
        for name, finding in found.items()
    ]
    session.terminal.table(["", "look", "verdict", "seen, and how to mend it"], rows)
