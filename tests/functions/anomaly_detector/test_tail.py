from __future__ import annotations

import random

import pytest

from streamctl.functions.anomaly_detector.tail import KEPT, UNHEARD_OF, WARM_UP, Tail


def after(strengths):
    tail = Tail()
    for strength in strengths:
        tail.evidence(strength)
    return tail


def test_a_strength_as_any_other_is_no_evidence_and_a_larger_one_the_more():
    rng = random.Random(1)
    ordinary = [rng.random() for _ in range(1000)]

    evidence = [after(ordinary).evidence(strength) for strength in (0.5, 1.0, 2.0, 4.0)]

    assert evidence[0] == 0
    assert evidence == sorted(evidence)
    assert evidence[-1] > UNHEARD_OF


def test_a_heavy_tail_makes_the_same_strength_weaker_evidence():
    rng = random.Random(1)
    light, heavy = after(rng.random() for _ in range(1000)), after(rng.paretovariate(1) for _ in range(1000))
    twice = 2 * light.largest[0], 2 * heavy.largest[0]

    assert light.evidence(twice[0]) > UNHEARD_OF > heavy.evidence(twice[1])


def test_the_evidence_is_the_number_of_such_strengths_to_be_expected():
    """Once in the memory is UNHEARD_OF; ten times, one less; measured where the tail is Pareto's."""
    rng = random.Random(1)
    found = [after(rng.paretovariate(1) for _ in range(1000)).evidence(100.0) for _ in range(50)]

    assert sum(found) / 50 == pytest.approx(UNHEARD_OF - 1, abs=0.3)


def test_the_limit_is_where_that_evidence_is_reached():
    rng = random.Random(1)
    strengths = [rng.expovariate(1) for _ in range(1000)]

    limit = after(strengths).limit(4.0)

    assert after(strengths).evidence(limit) == pytest.approx(4.0)


def test_the_first_that_is_not_zero_is_unheard_of():
    tail = after([0.0] * 1000)

    assert tail.limit(4.0) == 0
    assert tail.evidence(0.0) == 0
    assert tail.evidence(1e-6) == UNHEARD_OF


def test_nothing_is_evidence_in_the_beginning():
    tail = Tail()

    assert [tail.evidence(float(number)) for number in range(WARM_UP)] == [0.0] * WARM_UP
    assert tail.evidence(1e6) > UNHEARD_OF


def test_only_the_largest_are_kept_and_they_fade():
    tail = after(float(number) for number in range(1000))
    kept = list(tail.largest)

    for _ in range(50_000):
        tail.evidence(0.0)

    assert kept == pytest.approx([float(number) for number in range(1000 - KEPT, 1000)], rel=0.03)
    assert tail.largest[-1] == pytest.approx(kept[-1] / 2.718, rel=0.03)
