"""Every number that the article reports, and every one of its reconstruction (ARTICLE.md)."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

import nnlab

ARTICLE = nnlab.Experiment()


class Mirror(nnlab.Experiment):
    """The article's text taken literally: 1 where the number of ones is even."""

    def __init__(self, **fields):
        straight = nnlab.parity()
        swapped = nnlab.Dataset(straight.inputs, 1.0 - straight.targets)
        super().__init__(data=swapped, **fields)

    def initial_weights(self):
        first, last = super().initial_weights()
        return [first, -last]


@cache
def run(**changes):
    """Each of the article's runs is trained once for all tests."""
    return ARTICLE.replace(**changes).run()


def at(updates):
    """The article's slow run, cut off after so many updates."""
    return run(max_updates=updates)


def test_the_defaults_are_the_articles_starting_point():
    fields = ("learning_rate", "init", "activation", "batch_size", "layers", "optimizer")
    expected = (0.05, "alternating", "sigmoid", 1, (3, 5, 1), "sgd")
    assert tuple(getattr(ARTICLE, name) for name in fields) == expected
    conditions = (ARTICLE.normalization, ARTICLE.loss, ARTICLE.output, ARTICLE.tolerance)
    assert conditions == (None, "squared_error", "sigmoid", 0.01)


def test_the_six_patterns_in_the_articles_order():
    inputs = ["".join(f"{bit:.0f}" for bit in row) for row in nnlab.parity().inputs]
    assert inputs == ["000", "101", "110", "100", "001", "111"]
    assert nnlab.parity().targets.tolist() == [[0], [0], [0], [1], [1], [1]]


def test_engine_needs_564_updates_at_5():
    assert (run(learning_rate=5.0).outcome, run(learning_rate=5.0).updates) == ("converged", 564)
    assert run(learning_rate=5.0).epochs == 94


def test_reference_needs_564_updates_at_5():
    outcome, updates, _ = nnlab.reference.train(ARTICLE.replace(learning_rate=5.0))
    assert (outcome, updates) == ("converged", 564)


def test_engine_needs_657252_updates_at_005():
    assert (run().outcome, run().updates, run().epochs) == ("converged", 657_252, 109_542)


def test_50_is_not_learned_within_two_million_epochs():
    failed = ARTICLE.replace(learning_rate=50.0, max_updates=12_000_000).run()
    assert (failed.outcome, failed.epochs) == ("out of updates", 2_000_000)


def test_updates_fall_in_inverse_proportion_to_the_rate():
    rates = np.geomspace(0.05, 0.5, 7)
    products = [rate * run(learning_rate=rate).updates for rate in rates]
    assert max(products) < 1.2 * min(products)


def test_a_rate_above_5_converges_as_well():
    assert any(run(learning_rate=rate).converged for rate in (6.0, 7.0, 8.0, 10.0))


@pytest.mark.parametrize(("updates", "error"), [(600, 0.74), (100_000, 0.59), (600_000, 0.56)])
def test_the_second_pattern_stays_wrong_at_005(updates, error):
    presented = at(updates).history.errors[-1]
    assert round(presented[1], 2) == error
    assert presented.argmax() == 1


@pytest.mark.parametrize(("updates", "bound"), [(600, 0.15), (100_000, 0.08), (600_000, 0.08)])
def test_the_other_patterns_are_nearly_learned_by_then(updates, bound):
    others = np.delete(at(updates).history.errors[-1], 1)
    assert others.max() < bound


def test_the_second_pattern_drops_in_the_last_50000_updates():
    history = run().history
    late = history.updates > run().updates - 50_000
    assert history.errors[~late, 1][-1] > 0.5
    assert history.errors[late, 1][-1] < 0.01


def moved_by_tenth(history):
    """How far the error of the pattern that moves most goes in each tenth of a run."""
    edges = np.linspace(0, history.updates[-1], 11)
    tenths = [(history.updates >= a) & (history.updates <= b) for a, b in pairwise(edges)]
    return np.array([np.ptp(history.errors[rows], axis=0).max() for rows in tenths])


def test_the_error_moves_through_the_whole_run_at_5():
    assert moved_by_tenth(run(learning_rate=5.0).history).min() > 0.004


def test_the_error_moves_only_at_the_start_and_the_end_at_005():
    moved = moved_by_tenth(run().history)
    assert moved[0] > 0.3 and moved[-1] > 0.5
    assert moved[2:-1].max() < 0.01


@pytest.mark.parametrize("rate", [0.05, 5.0])
@pytest.mark.parametrize("units", [(0, 2, 4), (1, 3)], ids=["1, 3, 5", "2, 4"])
def test_hidden_units_stay_bit_equal(rate, units):
    into, out_of = run(learning_rate=rate).history.weights
    first, *others = units
    for unit in others:
        assert np.array_equal(into[:, :, unit], into[:, :, first])
        assert np.array_equal(out_of[:, unit], out_of[:, first])


@pytest.mark.parametrize("rate", [0.05, 5.0])
def test_w1_shows_three_distinct_lines(rate):
    paths = run(learning_rate=rate).history.weights[1][:, :, 0].T
    assert paths.shape[0] == 6
    assert len({path.tobytes() for path in paths}) == 3


@pytest.mark.parametrize(("rate", "updates"), [(5.0, 564), (0.05, 657_252)])
def test_swapped_targets_and_flipped_signs_have_the_same_counts(rate, updates):
    mirror = Mirror(learning_rate=rate).run()
    assert (mirror.outcome, mirror.updates) == ("converged", updates)


def test_swapped_targets_and_flipped_signs_are_the_mirror_image():
    straight, mirror = run(learning_rate=5.0), Mirror(learning_rate=5.0).run()
    np.testing.assert_allclose(mirror.weights[0], straight.weights[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(mirror.weights[1], -straight.weights[1], rtol=0, atol=1e-9)


def test_the_mirror_image_in_plain_numpy():
    outcome, updates, _ = nnlab.reference.train(Mirror(learning_rate=5.0))
    assert (outcome, updates) == ("converged", 564)
