from __future__ import annotations

import random

from streamctl.functions.anomaly_detector.novelty import LENGTH, SHAPES, Novelty

from .series import noise

WAVE = [0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0]


def test_a_shape_seen_often_is_near_and_a_new_one_of_the_same_values_is_far():
    novelty = Novelty()
    again = [novelty.distance(value) for value in WAVE * 100][-len(WAVE) :]
    new = [novelty.distance(value) for value in sorted(WAVE)]

    assert again == [0.0] * len(WAVE)
    assert new[-1] > 1


def test_nothing_is_far_before_there_are_shapes():
    novelty = Novelty()

    assert [novelty.distance(value) for value in noise(LENGTH)] == [0.0] * LENGTH


def test_no_more_shapes_are_kept_than_fit_and_new_ones_find_a_place():
    novelty = Novelty()
    for value in noise(20_000, around=0):
        novelty.distance(value)
    for value in noise(40_000, around=100):
        novelty.distance(value)

    assert len(novelty.shapes) == SHAPES
    assert sum(shape[0] > 50 for shape in novelty.shapes) > 0.9 * SHAPES


def test_the_lot_falls_the_same_way_after_a_restart():
    rng = random.Random(1)
    values = [rng.random() for _ in range(5000)]
    straight, stopped = Novelty(), Novelty()
    for number, value in enumerate(values):
        straight.distance(value)
        stopped.distance(value)
        if number % 1000 == 500:
            again = Novelty()
            again.restore(stopped.state())
            stopped = again

    assert stopped.state() == straight.state()
