"""How well the anomaly detector finds what people labelled, by the rule of the Numenta Anomaly Benchmark (NAB).

The series are not ours and not in the repository: a folder with `data/*/*.csv` (timestamp, value), the labels in
`windows.json` and the scorer `score.py`, in `../shared/nab` beside the checkout or where STREAMCTL_NAB says. Each is
given to a detector row by row; the scorer then chooses the one threshold that is best for all of them, as it was for
the published detectors, and says also what our own fixed threshold scores.

    python -m tests.benchmarks.anomalies RESULTS [--data FOLDER]

writes the scores of every row to RESULTS, prints what the scorer says of them, and leaves them there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from streamctl.functions.anomaly_detector.detector import THRESHOLD, Detector

from .measuring import measured, run
from .report import Figure

AREA = "anomalies"
BESIDE = Path(__file__).parents[3] / "shared" / "nab"
PROFILES = {"standard": "standard", "reward_low_fp": "few false alarms", "reward_low_fn": "few misses"}
AT_MOST_MICROSECONDS = 100.0
PUBLISHED = {
    31: {
        "windowed Gaussian": (36.7, 21.4, 45.2),
        "random cut forest": (52.0, 38.3, 61.0),
        "KNN-CAD": (64.4, 50.4, 71.0),
        "HTM": (71.2, 65.0, 75.9),
        "contextOSE": (74.1, 71.7, 76.9),
        "ARTime": (78.2, 70.4, 83.1),
    },
    58: {
        "windowed Gaussian": (39.6, 20.9, 47.4),
        "random cut forest": (51.7, 38.4, 59.7),
        "KNN-CAD": (58.0, 43.4, 64.8),
        "HTM": (70.1, 63.1, 74.3),
        "contextOSE": (69.9, 67.0, 73.2),
        "ARTime": (74.9, 65.2, 80.4),
    },
}
"""Scores by PROFILES that NAB's published results come to, on the 31 series of the shared folder and on all 58."""
TO_BEAT = "random cut forest"


class Judged(NamedTuple):
    """By profile: the score, and the threshold that was best for it."""

    scores: dict[str, float]
    thresholds: dict[str, float]


class Run(NamedTuple):
    """What came of all series."""

    best: Judged
    own: Judged
    """At our own threshold, whatever would be best."""
    series: int
    microseconds: float
    """CPU of an update."""


def figures(*, quick: bool) -> list[Figure]:
    """As quick as can be: it takes some seconds. Without the series there is nothing to measure."""
    folder = _folder()
    if not (folder / "score.py").is_file():
        print(f"No labelled series in {folder} (STREAMCTL_NAB names another folder): not measured.", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as results:
        found = detect(folder, Path(results))
    return [*_against_published(found), *_own_threshold(found), _speed(found)]


def _folder() -> Path:
    return Path(os.environ.get("STREAMCTL_NAB", BESIDE))


def _against_published(found: Run) -> list[Figure]:
    of = 31 if found.series == 31 else 58
    return [
        Figure(
            area=AREA,
            what=f"NAB score, {what}",
            unit="of 100",
            ours=found.best.scores[profile],
            peer=f"{peer}, as published",
            theirs=theirs[place],
            at_least=1.0 if peer == TO_BEAT else None,
            note=f"ours on {found.series} series, threshold {found.best.thresholds[profile]:.3f}; theirs on {of}",
        )
        for place, (profile, what) in enumerate(PROFILES.items())
        for peer, theirs in PUBLISHED[of].items()
    ]


def _own_threshold(found: Run) -> list[Figure]:
    return [
        Figure(
            area=AREA,
            what=f"NAB score, {what}, at {THRESHOLD}",
            unit="of 100",
            ours=found.own.scores[profile],
            peer="the same at the best threshold",
            theirs=found.best.scores[profile],
        )
        for profile, what in PROFILES.items()
    ]


def _speed(found: Run) -> Figure:
    return Figure(
        area=AREA,
        what="CPU of an update",
        unit="µs",
        ours=found.microseconds,
        peer="the limit",
        theirs=AT_MOST_MICROSECONDS,
        at_most=1.0,
    )


def detect(folder: Path, results: Path) -> Run:
    """Scores every row of the folder's series into `results`, and has the folder's own program judge them."""
    files = sorted((folder / "data").glob("*/*.csv"))
    rows, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as alarms:
        for file in files:
            place = file.relative_to(folder / "data")
            series = _read(file)
            detector = Detector()
            with measured() as cost:
                scores = [detector.update(value, at).score for _, at, value in series]
            rows, seconds = rows + len(series), seconds + cost.cpu_seconds
            stamps = [stamp for stamp, _, _ in series]
            _write(results / place, stamps, scores)
            _write(Path(alarms, place), stamps, [float(score >= THRESHOLD) for score in scores])
        return Run(_judged(folder, results), _judged(folder, Path(alarms)), len(files), seconds / rows * 1e6)


def _judged(folder: Path, results: Path) -> Judged:
    _, printed = run([sys.executable, str(folder / "score.py"), str(results), "--json"])
    said = json.loads(printed)
    return Judged(
        {profile: said[profile]["score"] for profile in PROFILES},
        {profile: said[profile]["threshold"] for profile in PROFILES},
    )


def _read(file: Path) -> list[tuple[str, float, float]]:
    """Timestamp as written, the same in epoch seconds taken as UTC, value."""
    with file.open(newline="") as lines:
        return [(row["timestamp"], _seconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()


def _write(file: Path, stamps: list[str], scores: list[float]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("timestamp", "anomaly_score"))
        writer.writerows(zip(stamps, scores, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.anomalies", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the folder to write a score for every row to")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", default=_folder(), help="holds data/, windows.json and score.py"
    )
    chosen = parser.parse_args()
    if not (chosen.data / "score.py").is_file():
        parser.error(f"there are no labelled series in {chosen.data}")
    found = detect(chosen.data, chosen.results)
    for profile, what in PROFILES.items():
        best = f"{found.best.scores[profile]:5.1f} of 100 at the best threshold, {found.best.thresholds[profile]:.3f}"
        print(f"{what:18}{best}; {found.own.scores[profile]:5.1f} at {THRESHOLD}, our own")
    print(f"{found.series} series, {found.microseconds:.1f} µs an update")


if __name__ == "__main__":
    main()
