from __future__ import annotations

import pytest

from streamctl.functions.anomaly_detector.distribution import Distribution

from .series import noise


def after(values):
    distribution = Distribution()
    return distribution, [distribution.divergence(value) for value in values]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([103.0 + 0.1 * number for number in range(20)], id="another level"),
        pytest.param([100.0] * 20, id="a flat line"),
        pytest.param([90.0, 110.0] * 10, id="two values"),
    ],
)
def test_a_changed_distribution_diverges_though_its_single_values_may_be_usual(change):
    distribution, usual = after(noise(3000))

    changed = [distribution.divergence(value) for value in change]

    assert changed[-1] > max(usual[500:])


def test_what_never_changes_never_diverges():
    _, found = after([3.0] * 500)

    assert max(found[100:]) == 0


def test_the_unit_makes_no_difference():
    values = noise(500)

    assert after(values)[1] == pytest.approx(after([value * 1e6 for value in values])[1])
