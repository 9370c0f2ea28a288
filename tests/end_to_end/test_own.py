"""A pipeline of the user's own: processor with a requirement, schema and generator; what is set aside, mended."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from ..wheels import offline, wheel

if TYPE_CHECKING:
    from .conftest import Project

SETTINGS = """
[event_source]
batching_window_seconds = 1
[processor]
path = "mine.py"
requirements = "requirements.txt"
event_schema = "schema.json"
event_types = ["reading"]
[generator]
path = "made.py"
"""
PROCESSOR = """
import scales

def process(event):
    print("value", event["value"])
    if event["value"] == 13:
        raise ValueError("unlucky")
    return {"kelvin": event["value"] + scales.ZERO, "half": float(event["value"]) / 2}
"""
GENERATOR = """
def event(rng, sequence, at):
    return {"eventType": "reading", "userId": f"s-{sequence % 3}", "value": sequence, "timestamp": at.isoformat()}
"""
SCHEMA = '{"required": ["value"], "properties": {"value": {"maximum": 17}}}'
REPAIR = """
import json

def repair(payload):
    event = json.loads(payload)
    return {**event, "value": event["value"] - 10}
"""


def test_a_pipeline_of_ones_own_is_proved_and_what_its_rules_set_aside_can_be_mended(project: Project) -> None:
    shell = project.shell
    files = {"mine.py": PROCESSOR, "made.py": GENERATOR, "schema.json": SCHEMA, "repair.py": REPAIR}
    for name, text in files.items():
        (shell.folder / name).write_text(text, encoding="utf-8")
    zero = "import decimal\nZERO = decimal.Decimal('273.15')\n"
    wheel(shell.folder / "wheels", "scales", "1.0", {"scales.py": zero})
    offline(shell.folder, "scales")
    project.configure(SETTINGS)

    up = shell.run("up")
    again = shell.run("plan", "--json").document
    shell.run("produce", "--batches", "1", "--batch-size", "40", "--processes", "2", "--poison", "20%", "--seed", "1")
    faulty = shell.run("verify", "--json").document
    shell.run("produce", "--batches", "1", "--batch-size", "20")
    document = shell.run("verify", "--json").document
    listed = shell.run("replay", "--json").document
    replayed = shell.run("replay", "--with", "repair.py", "--json", check=False).document
    repaired = shell.run("verify", "--json").document
    metrics = {json.loads(item["rawData"])["value"]: item["metrics"] for item in project.items()}
    (shell.folder / "mine.py").write_text("import nowhere", encoding="utf-8")
    broken = shell.run("up", check=False)
    (shell.folder / "mine.py").unlink()
    status = shell.run("status")
    (shell.folder / "made.py").unlink()
    shell.run("down", "--yes")

    assert "Shipped with the processor: scales 1.0." in up.err
    assert again["changes"] == []
    assert (faulty["holds"], faulty["sorted_out"] > 0, faulty["faults"]["poison"]["wrong"]) == (True, True, 0)
    assert (document["stored"], document["set_aside"], document["sorted_out"]) == (17, 3, 3)
    assert document["reasons"] == {"processor_refused": 1, "schema_mismatch": 2}
    assert (document["holds"], document["metrics_compared"]) == (True, False)
    details = {message["reason"]: message["detail"] for message in listed["messages"]}
    assert details["processor_refused"] == "ValueError in mine.py, line 7: unlucky"
    assert details["schema_mismatch"] == "By the schema: value breaks the rule maximum 17."
    assert replayed["stored"] >= 3
    assert (repaired["stored"], repaired["repaired"], repaired["holds"]) == (17, 3, True)
    assert metrics[3] == {"kelvin": Decimal("276.15"), "half": Decimal("1.5")}
    assert (broken.code, "No module named 'nowhere' (mine.py:1)" in broken.err) == (2, True)
    assert "The code is not compared" in status.err
    assert project.everything_named_so() == []
