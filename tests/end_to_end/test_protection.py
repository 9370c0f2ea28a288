from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import AT_ONCE

if TYPE_CHECKING:
    from .conftest import Project


def test_a_protected_table_keeps_the_whole_pipeline_until_the_protection_is_off(project: Project) -> None:
    project.configure(AT_ONCE + "[table]\ndeletion_protection = true\npoint_in_time_recovery = true\n")
    project.shell.run("up")
    before = project.everything_named_so()

    refused = project.shell.run("down", "--yes", check=False)
    assert (refused.code, project.everything_named_so()) == (2, before)
    assert "deletion_protection = false" in refused.err

    project.configure(AT_ONCE)
    again = project.shell.run("down", "--yes", check=False)  # what AWS holds counts, not what the file says by now
    assert (again.code, project.everything_named_so()) == (2, before)
    project.shell.run("up")
    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []
