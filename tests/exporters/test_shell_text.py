from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.exporters.shell_text import Variable, document, word

NAME = Variable("NAME")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def printed(script: str) -> str:
    """What bash prints where NAME is `demo`."""
    environment = {"NAME": "demo", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    return subprocess.run(["/bin/bash", "-c", script], env=environment, check=True, capture_output=True).stdout.decode()


def test_a_word_is_quoted_as_little_as_it_needs() -> None:
    assert word(["plain"]) == "plain"
    assert word(["$5"]) == "'$5'"
    assert word(["it's $5"]) == '"it\'s \\$5"'
    assert word(["stream-", NAME]) == '"stream-$NAME"'
    assert word([NAME, "_2"]) == '"${NAME}_2"'


@given(TEXT, TEXT)
@settings(max_examples=25, deadline=None)
def test_bash_reads_what_was_meant_whatever_the_text_holds(before: str, after: str) -> None:
    lines = document(["{" + before, NAME, after + "}"])
    script = f"printf '%s\\0' {word([before, NAME, after])} {word([before + after])}\ncat <<_END\n{lines}\n_END"

    assert printed(script) == f"{before}demo{after}\0{before}{after}\0{{{before}demo{after}}}\n"
