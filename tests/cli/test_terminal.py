from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.cli.terminal import Terminal

if TYPE_CHECKING:
    import pytest


def test_talk_goes_to_stderr_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().say("[bold] and :smile: are no markup", "yellow")

    assert capsys.readouterr() == ("", "[bold] and :smile: are no markup\n")


def test_a_result_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().show("[bold] and :smile: are no markup")

    assert capsys.readouterr() == ("[bold] and :smile: are no markup\n", "")


def test_quiet_says_nothing_where_colour_is_wanted_or_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal(quiet=True).say("talk", "yellow")
    monkeypatch.setenv("FORCE_COLOR", "1")
    Terminal(quiet=True).say("talk", "yellow")

    assert capsys.readouterr() == ("", "")


def test_colour_that_is_asked_for_is_shown_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)

    Terminal().say("talk", "yellow")

    assert "\x1b[" in capsys.readouterr().err
