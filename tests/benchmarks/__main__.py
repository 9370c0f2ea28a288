"""`python -m tests.benchmarks`: measures, and prints one table."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module

from .report import Figure, document, table

AREAS = ("producer", "processor", "cost", "provisioning", "start_up", "verify", "anomalies")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"of {', '.join(AREAS)}; all unless named")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    parser.add_argument("--quick", action="store_true", help="smaller numbers: minutes less, ratios less steady")
    chosen = parser.parse_args()
    for unknown in set(chosen.areas) - set(AREAS):
        parser.error(f"there is no area {unknown}; there are {', '.join(AREAS)}")
    figures: list[Figure] = []
    for area in chosen.areas or AREAS:
        print(f"Measuring {area} …", file=sys.stderr)
        figures += import_module(f"tests.benchmarks.{area}").figures(quick=chosen.quick)
    print(json.dumps(document(figures), indent=2) if chosen.json else table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
