"""Advice of a range test: the lowest point and the steepest fall of known curves."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis.range_test import RangeTest

RATES = np.geomspace(0.01, 100.0, 201)


def curve(fall=1.0, rise=20.0):
    """A loss that falls around one rate, as a logistic of its logarithm, and rises at another."""
    steps = np.log10(RATES)
    down = 1.0 / (1.0 + np.exp(8.0 * (steps - np.log10(fall))))
    up = 10.0 * np.maximum(0.0, steps - np.log10(rise))
    return RangeTest(RATES, 0.1 + down + up)


def test_the_steepest_fall_and_the_lowest_point_are_found():
    test = curve()
    assert test.steepest == pytest.approx(1.0, rel=0.1)
    assert test.lowest == RATES[test.losses.argmin()]
    assert 5.0 < test.lowest <= 21.0


def test_a_rise_behind_the_floor_is_no_fall():
    bump = curve()
    losses = bump.losses.copy()
    losses[190:] = [1000.0, 1.0] * 5 + [1.0]
    assert RangeTest(RATES, losses).steepest == pytest.approx(bump.steepest)


def test_means_over_a_window_keep_a_straight_line_and_take_out_what_alternates():
    losses = np.log(RATES) + (-1.0) ** np.arange(201)
    smooth = RangeTest(RATES, losses).smoothed(2)
    assert np.allclose(smooth.losses, np.log(smooth.rates))
    assert len(smooth.rates) == 200
    every = RangeTest(RATES, losses).smoothed(2, every=6)
    assert np.array_equal(every.rates, smooth.rates[::6])
    one = RangeTest(RATES, losses).smoothed(1)
    assert np.allclose(one.rates, RATES) and np.array_equal(one.losses, losses)


@pytest.mark.parametrize(("window", "every", "words"), [(0, 1, "window"), (202, 1, "window")])
def test_no_window_is_refused(window, every, words):
    with pytest.raises(ValueError, match=words):
        curve().smoothed(window, every)


def test_of_a_real_test_the_advice_lies_within_it():
    test = nnlab.range_test(nnlab.Experiment(init="gaussian"), 0.01, 100.0, 120).smoothed(6)
    assert 0.01 < test.steepest < 100.0 and 0.01 < test.lowest <= 100.0
