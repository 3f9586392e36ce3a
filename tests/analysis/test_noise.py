"""Gradients of single patterns, and the noise of batches."""

import itertools

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import landscape, noise
from nnlab.plots import style

ARTICLE = nnlab.Experiment()


SHORT = ARTICLE.replace(max_updates=600, learning_rate=1.0)


def random_data(patterns, n_out=1):
    """Own data with two inputs."""
    rng = np.random.default_rng(0)
    return nnlab.Dataset(rng.normal(size=(patterns, 2)), rng.random((patterns, n_out)))


def one_by_one(experiment, flat):
    """Each pattern's gradient as the gradient of a data set of its own."""
    data, rows = experiment.data, []
    for pattern in range(len(data)):
        one = nnlab.Dataset(data.inputs[[pattern]], data.targets[[pattern]])
        rows.append(landscape.gradient(experiment.replace(data=one), flat))
    return np.array(rows)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"loss": "cross_entropy"},
        {"activation": "tanh", "layers": (3, 4, 3, 1)},
        {"layers": (3, 1)},
        {"normalization": "layer"},
        {"normalization": "rms"},
        {"dropout": 0.5},
        {"data": random_data(20, 3), "layers": (2, 4, 3), "init": "xavier", "output": "softmax"},
    ],
)
def test_gradients_of_all_patterns_at_once_are_those_of_each(fields):
    experiment = SHORT.replace(**fields)
    flat = experiment.run().history.flat_weights[-1]
    gradients = landscape.pattern_gradients(experiment, flat)
    np.testing.assert_allclose(gradients, one_by_one(experiment, flat), atol=1e-15)
    np.testing.assert_allclose(
        gradients.sum(axis=0), landscape.gradient(experiment, flat), atol=1e-14
    )


def test_gradients_of_some_patterns_are_rows_of_all():
    flat = SHORT.run().history.flat_weights[-1]
    every = landscape.pattern_gradients(SHORT, flat)
    assert np.array_equal(landscape.pattern_gradients(SHORT, flat, [4, 1]), every[[4, 1]])


def test_with_batch_norm_a_pattern_has_no_gradient():
    experiment = SHORT.replace(normalization="batch", batch_size="full")
    run = experiment.run()
    for draw in (
        lambda: landscape.pattern_gradients(experiment, run.history.flat_weights[0]),
        lambda: plots.gradient_noise(style.picture()[1], run),
    ):
        with pytest.raises(ValueError, match="'batch' a pattern alone has no gradient"):
            draw()


@pytest.fixture
def gradients():
    """Six random ones."""
    return np.random.default_rng(1).normal(size=(6, 30)) + 0.3


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_the_spread_is_that_of_all_batches(gradients, size):
    full = gradients.mean(axis=0)
    batches = [gradients[list(batch)] for batch in itertools.combinations(range(6), size)]
    squares = [((batch.mean(axis=0) - full) ** 2).sum() for batch in batches]
    assert noise.spread(gradients, size) == pytest.approx(np.sqrt(np.mean(squares)), abs=1e-12)


def test_random_batches_hold_distinct_patterns_in_equal_shares():
    shares = noise.batch_shares(10, 4, draws=500)
    assert set(np.unique(shares)) == {0.0, 0.25}
    assert (np.count_nonzero(shares, axis=1) == 4).all()
    assert np.abs(shares.mean(axis=0) - 0.1).max() < 0.02
    assert len(np.unique(shares, axis=0)) > 150  # of 210


def test_random_batches_scatter_by_the_formula():
    many = np.random.default_rng(2).normal(size=(200, 40))
    guesses = noise.batch_gradients(many, 16, draws=2_000)
    found = np.sqrt(((guesses - many.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert found == pytest.approx(noise.spread(many, 16), rel=0.03)


@pytest.mark.parametrize("size", [0, 7, 1.5, True])
def test_a_batch_has_between_one_and_all_patterns(gradients, size):
    for function in (noise.spread, noise.batch_gradients):
        with pytest.raises((ValueError, TypeError), match="batch_size"):
            function(gradients, size)


def test_at_the_noise_scale_noise_is_as_long_as_the_gradient():
    many = np.random.default_rng(3).normal(size=(100_000, 3)) + 0.5
    scale = round(noise.noise_scale(many))
    assert noise.spread(many, scale) == pytest.approx(np.linalg.norm(many.mean(axis=0)), rel=0.1)
    assert noise.noise_scale(np.array([[1.0, 0.0], [-1.0, 0.0]])) == np.inf


def test_the_plane_is_spanned_by_the_gradient_and_the_largest_difference():
    gradients = np.array([[2.0, 3.0, 0.1], [2.0, -3.0, 0.1], [2.0, 0.0, -0.2]])
    np.testing.assert_allclose(np.abs(noise.plane(gradients)), np.eye(3)[:2], atol=1e-12)
    assert np.array_equal(noise.plane(np.zeros((4, 5))), np.zeros((2, 5)))


def test_the_growth_of_best_rates_is_found_again():
    sizes = np.array([1, 4, 16, 64, 512])
    for top, knee in ((4.0, 13.0), (0.7, 1.0), (30.0, 190.0)):
        found = noise.best_rates(sizes, top / (1.0 + knee / sizes))
        assert found == pytest.approx((top, knee), rel=0.02)


def test_between_rates_off_by_a_factor_it_lies_in_the_middle():
    sizes = np.array([1.0, 8.0, 64.0])
    rates = 5.0 / (1.0 + 10.0 / sizes) * np.array([1.1, 1 / 1.1, 1.1])
    top, knee = noise.best_rates(sizes, rates)
    assert 4.0 < top < 6.0 and 7.0 < knee < 14.0


@pytest.mark.parametrize(
    ("sizes", "rates", "words"),
    [([1, 2], [1.0], "rates"), ([0, 2], [1.0, 2.0], "batch_sizes"), ([1], [1.0], "batch_sizes")],
)
def test_no_rates_to_fit_are_refused(sizes, rates, words):
    with pytest.raises(ValueError, match=words):
        noise.best_rates(sizes, rates)
