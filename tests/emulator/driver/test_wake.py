from __future__ import annotations

import threading
import time

from streamctl.emulator.driver.wake import Wake


def test_news_since_the_last_look_are_not_missed() -> None:
    wake = Wake()
    seen = wake.count
    wake.set()
    begun = time.monotonic()
    wake.wait(seen, timeout_seconds=30)
    assert time.monotonic() - begun < 5


def test_a_sleeper_is_woken() -> None:
    wake = Wake()
    threading.Timer(0.05, wake.set).start()
    begun = time.monotonic()
    wake.wait(wake.count, timeout_seconds=30)
    assert time.monotonic() - begun < 5


def test_without_news_it_gives_up() -> None:
    wake = Wake()
    wake.wait(wake.count, timeout_seconds=0.01)
    assert wake.count == 0


def test_news_are_passed_on() -> None:
    heard: list[int] = []
    Wake(also=lambda: heard.append(1)).set()
    assert heard == [1]
