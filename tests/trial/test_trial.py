"""The packed processor in a process of its own: what it makes of events, and how it fails."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue
from streamctl.trial.deliveries import deliveries
from streamctl.trial.trial import LoadError, Trial, try_processor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def tried(tmp_path: Path) -> Callable[..., Trial]:
    """The text of a processor tried on payloads."""

    def try_it(text: str | None, *payloads: bytes, **settings: Any) -> Trial:
        processor = dict(settings.pop("processor", {}))
        if text is not None:
            (tmp_path / "mine.py").write_text(text, encoding="utf-8")
            processor["path"] = "mine.py"
        project = Project(tmp_path, Config.model_validate({**settings, "processor": processor}))
        pipeline = blueprint(project, Catalogue(), Names("shop"), tmp_path)
        records = deliveries(b"\n".join(payloads), "shop", AT) if payloads else []
        return try_processor(pipeline, deliveries=records)

    return try_it


def test_the_recipes_processor_stores_exact_numbers_and_publishes_metrics(tried: Callable[..., Trial]) -> None:
    trial = tried(None, b'{"eventId":"a","eventType":"purchase","amount":10.9900}', b"junk")

    stored, junk = trial.ends
    assert stored.item is not None
    assert stored.item["metrics"]["M"]["amount"] == {"N": "10.9900"}
    assert stored.item["arrivedAtMs"] == {"N": str(int(AT.timestamp() * 1000))}
    assert (junk.item, junk.reason) == (None, "not_json")
    assert [(each["EventsProcessed"], each.get("EventType")) for each in trial.metrics] == [(1, None), (1, "purchase")]
    assert trial.printed == ""


def test_what_the_owners_code_prints_and_where_it_fails_is_kept(tried: Callable[..., Trial]) -> None:
    trial = tried(
        "print('loading')\ndef process(event):\n    print('at', event['value'])\n    return {'x': event['value']}\n",
        b'{"value":1.50}',
        b"{}",
    )

    assert [end.reason for end in trial.ends] == ["", "processor_error"]
    assert trial.printed == (
        "loading\nat 1.50\n  File \"mine.py\", line 3, in process\n    print('at', event['value'])\nKeyError: 'value'\n"
    )


def test_redaction_and_schema_hold_here_too(tried: Callable[..., Trial], tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"required": ["value"]}')
    trial = tried(
        "def process(event): return {'who': event['userId']}",
        b'{"userId":"u1","value":1}',
        b'{"userId":"u2"}',
        processor={"event_schema": "schema.json", "event_types": ["reading"]},
        table={"redacted_fields": ["userId"]},
    )

    stored, sorted_out = trial.ends
    assert stored.item is not None
    assert stored.item["metrics"]["M"] == {"who": {"S": "[redacted]"}}
    assert (sorted_out.reason, sorted_out.detail) == (
        "schema_mismatch",
        'By the schema: the event breaks the rule required "value".',
    )


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ("def process(event:\n", r"SyntaxError: '\(' was never closed \(mine\.py:1\)", "invoke"),
        ("\nimport pydantic", r"No module named 'pydantic' \(mine\.py:2\)", r"processor\.requirements"),
        ("def mend(event): pass", "has no attribute 'process'", "invoke"),
        ("process = None", "`process` is no function", "invoke"),
        ("async def process(event): pass", "`process` is async or yields", "invoke"),
        ("def process(event): yield {}", "`process` is async or yields", "invoke"),
        ("def process(event, context): pass", "must take one argument, the event: missing .* 'context'", "invoke"),
        ("raise SystemExit(3)", r"SystemExit: 3 \(mine\.py:1\)", "invoke"),
        ("import os; os._exit(7)", r"ended its own process \(exit code 7\)", ""),
    ],
)
def test_what_cannot_be_loaded_is_told_before_it_is_deployed(
    tried: Callable[..., Trial], text: str, told: str, hint: str
) -> None:
    with pytest.raises(LoadError, match=told) as refused:
        tried(text)

    assert hint.replace("\\", "") in (refused.value.hint or "")


def test_what_is_installed_here_and_not_in_lambda_is_hidden_and_what_lambda_brings_is_not(
    tried: Callable[..., Trial],
) -> None:
    tried("import boto3, urllib3, sysconfig, xml.dom\nsysconfig.get_config_vars()\ndef process(event): pass")


def test_code_that_calls_aws_finds_no_credentials_of_whoever_tries_it(tried: Callable[..., Trial]) -> None:
    trial = tried(
        "import botocore.session\n"
        "session = botocore.session.Session()\n"
        "def process(event):\n"
        "    found = [session.get_config_variable(name) for name in ('credentials_file', 'config_file')]\n"
        "    return {'found': found, 'profiles': len(session.available_profiles)}",
        b"{}",
    )

    (end,) = trial.ends
    assert end.item is not None
    assert end.item["metrics"]["M"] == {
        "found": {"L": [{"S": os.devnull}, {"S": os.devnull}]},
        "profiles": {"N": "0"},
    }


def test_another_python_than_the_functions_is_told_beside_the_error(tried: Callable[..., Trial]) -> None:
    other = "python3.13" if sys.version_info[:2] == (3, 14) else "python3.14"

    with pytest.raises(LoadError, match="SyntaxError") as refused:
        tried("def process(event) -> None:\n    print(\n", function={"runtime": other})

    assert (refused.value.hint or "").endswith(f"as far as that can stand for {other}.")


def test_a_function_without_end_is_ended_after_its_timeout(tried: Callable[..., Trial]) -> None:
    with pytest.raises(LoadError, match="came to no end within the function's timeout of 1 s") as ended:
        tried("def process(event):\n    print('round')\n    while True: pass", b"{}", function={"timeout_seconds": 1})

    assert ended.value.printed == "round\n"


def test_the_folder_of_the_child_is_the_packages_and_not_the_users(tried: Callable[..., Trial], tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("")

    with pytest.raises(LoadError, match="No module named 'beside'"):
        tried("import beside\ndef process(event): pass")
