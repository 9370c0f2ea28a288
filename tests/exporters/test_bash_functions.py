"""What the scripts' own functions make of the answers of an `aws` that says what it is told to say."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from streamctl.exporters.bash_functions import ASK, DELETING, DEPLOYING, EMPTYING, OWNED, PROTECTED, RETRY, head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

GONE = 'echo "An error occurred (ResourceNotFoundException) when calling X" >&2; exit 255'
DENIED = 'echo "An error occurred (AccessDeniedException) when calling X: no" >&2; exit 254'
TOO_FAST = 'echo "An error occurred (ThrottlingException) when calling X: slower" >&2; exit 254'
WARNING = 'echo "PythonDeprecationWarning: boto3 will no longer support this" >&2; echo url'


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs lines after the functions; each call of `aws` is the next of the answers, the last one again and again."""

    def run(functions: str, lines: str, *answers: str) -> subprocess.CompletedProcess[str]:
        for number, answer in enumerate(answers):
            (tmp_path / str(number)).write_text(answer, encoding="utf-8")
        (tmp_path / "calls").unlink(missing_ok=True)
        (tmp_path / "aws").write_text(
            '#!/bin/bash\ncd "${0%/*}"\necho "$*" >> calls\nnumber=$(($(wc -l < calls) - 1))\n'
            f'[ -e $number ] || number={len(answers) - 1}\n. "./$number"\n',
            encoding="utf-8",
        )
        (tmp_path / "aws").chmod(0o755)
        script = tmp_path / "script.sh"
        script.write_text(f"{head('script.sh', 'Tries', 'demo')}\nsleep() {{ :; }}\n{functions}\n{lines}\n")
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["/bin/bash", script],
            env={"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


ASKED = 'told=$({function} aws x)\necho "<$told>"'


def test_what_aws_tells_is_learned_once_it_knows_the_thing(run: Run) -> None:
    done = run(RETRY + DEPLOYING, ASKED.format(function="learn"), GONE, "echo None", TOO_FAST, "echo url")

    assert (done.stdout, done.stderr, done.returncode) == ("<url>\n", "", 0)


def test_a_warning_of_the_cli_is_no_part_of_an_answer(run: Run) -> None:
    assert run(RETRY + DEPLOYING, ASKED.format(function="learn"), WARNING).stdout == "<url>\n"
    assert run(RETRY + DEPLOYING, "ready url 5 aws x\necho so", WARNING).stdout == "so\n"
    assert run(RETRY + DELETING, ASKED.format(function="ask"), WARNING).stdout == "<url>\n"


@pytest.mark.parametrize("line", ["told=$(learn aws x)", "ready ACTIVE 600 aws x", "send aws x", "told=$(ask aws x)"])
def test_what_is_refused_for_good_is_told_at_once(run: Run, line: str) -> None:
    done = run(RETRY + DEPLOYING, f"{line}\necho on", DENIED)

    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.splitlines() == [
        "An error occurred (AccessDeniedException) when calling X: no",
        "Broken off. To begin anew: ./teardown.sh demo deletes what there is of it.",
    ]


def test_what_is_said_page_by_page_is_one_answer(run: Run) -> None:
    told = run(RETRY + DELETING, ASKED.format(function="ask"), r"printf 'None\nurl\nNone\n'")
    nothing = run(RETRY + DELETING, ASKED.format(function="ask"), r"printf 'None\nNone\n'")

    assert (told.stdout, nothing.stdout) == ("<url>\n", "<>\n")


def test_what_is_gone_is_no_failure_of_a_deletion(run: Run) -> None:
    done = run(RETRY + DELETING, "send aws x\ngone 5 aws x\necho on", GONE, "echo ACTIVE", GONE)

    assert (done.stdout, done.returncode) == ("on\n", 0)


def test_a_bucket_is_emptied_as_far_as_s3_does_and_not_tried_for_ever(run: Run) -> None:
    held = f"echo '{json.dumps([{'Key': 'a', 'VersionId': 'null'}])}'"
    emptied = run(RETRY + DELETING + EMPTYING, "empty b\necho on", held, "echo None", "echo null")
    locked = run(RETRY + DELETING + EMPTYING, "empty b\necho on", held, r"printf 'a\tAccess Denied\n'", held)

    assert (emptied.stdout, emptied.stderr) == ("on\n", "")
    assert (locked.stdout, locked.stderr) == ("", "S3 does not delete all that b holds: a\tAccess Denied\n")


def test_a_protected_table_and_nobody_who_answers_stop_a_teardown(run: Run) -> None:
    protected = run(RETRY + PROTECTED, "refuse_protected t\necho on", "echo True")
    free = run(RETRY + PROTECTED, "refuse_protected t\nrefuse_protected gone\necho on", "echo False", GONE)
    silent = run(f"YES=\nREGION=r\nACCOUNT=a\n{ASK}", "echo on", "")

    assert (protected.stdout, free.stdout) == ("", "on\n")
    assert "aws dynamodb update-table --no-deletion-protection-enabled --table-name t" in protected.stderr
    assert (silent.stdout, "nobody is here to answer" in silent.stderr) == ("", True)


def test_what_streamctl_owns_is_not_torn_down(run: Run) -> None:
    ours = run(RETRY + OWNED, "echo on", r"printf 'None\narn:aws:sqs:eu-west-1:1:rejected-demo\n'")
    nobodys = run(RETRY + OWNED, "echo on", r"echo None")

    assert nobodys.stdout == "on\n"
    assert (ours.stdout, ours.returncode) == ("", 1)
    assert "arn:aws:sqs:eu-west-1:1:rejected-demo is streamctl's: streamctl down --name demo deletes it" in ours.stderr
