"""How a run goes, in words."""

from __future__ import annotations

from streamctl.cli.sending import Speed
from streamctl.traffic.progress import Progress


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_speed_is_that_of_the_last_seconds() -> None:
    time = Time()
    speed = Speed(time)
    notes = []
    for second in range(1, 21):
        time.now = second
        accepted = 100 * min(second, 10) + 1000 * max(0, second - 10)  # ten times as fast after ten seconds
        notes.append(speed.note(Progress(accepted=accepted, bytes=accepted * 1024)))

    assert notes[4] == "100 events/s, 0.1 MiB/s"
    assert notes[-1] == "1,000 events/s, 1.0 MiB/s"


def test_what_there_is_of_trouble_is_told() -> None:
    time = Time()
    speed = Speed(time)
    time.now = 2

    note = speed.note(Progress(accepted=2000, refused=1200, retried=3, in_flight=500))

    assert note == "1,000 events/s, 0.0 MiB/s, 1,200 refused, 3 requests retried, 500 in flight"
