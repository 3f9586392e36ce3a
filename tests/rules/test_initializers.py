"""Initial weights: shapes, bias rows, variances against theory."""

import numpy as np
import pytest

import nnlab
from nnlab.rules.initializers import INITIALIZERS
from nnlab.rules.random import Stream

FILLED = {"zeros", "constant", "alternating", "uniform", "gaussian"}  # bias row included
N_IN, N_OUT = 400, 250
VARIANCES = {
    "uniform": 1 / 3,
    "gaussian": 1.0,
    "xavier": 2 / (N_IN + N_OUT),
    "xavier_normal": 2 / (N_IN + N_OUT),
    "he": 2 / N_IN,
    "he_uniform": 2 / N_IN,
    "lecun": 1 / N_IN,
    "orthogonal": 1 / N_IN,
}


def fill(name, n_in=N_IN, n_out=N_OUT, scale=1.0, seed=0):
    """Fresh weights, the bias in the last row."""
    return nnlab.Initializer(name, scale=scale).fill(Stream(seed), n_in, n_out)


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (3, 5), (5, 3), (1, 7), (7, 1)])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_shape_with_the_bias_in_the_last_row(name, n_in, n_out):
    weights = fill(name, n_in, n_out)
    assert weights.shape == (n_in + 1, n_out)
    assert weights.dtype == np.float64
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - FILLED))
def test_starts_from_theory_have_no_bias(name):
    weights = fill(name)
    assert not weights[-1].any()
    assert weights[:-1].all()


@pytest.mark.parametrize("name", sorted(FILLED - {"zeros"}))
def test_the_other_starts_fill_the_bias_row_as_well(name):
    assert fill(name)[-1].all()


def test_a_filled_bias_row_has_the_spread_of_the_weights():
    for name in ("uniform", "gaussian"):
        biases = np.concatenate([fill(name, seed=seed)[-1] for seed in range(40)])
        assert biases.var() == pytest.approx(VARIANCES[name], rel=0.05)


@pytest.mark.parametrize("name", VARIANCES)
def test_variance_against_theory(name):
    weights = fill(name)[:-1]
    assert weights.var() == pytest.approx(VARIANCES[name], rel=0.03)
    assert abs(weights.mean()) < 5 * np.sqrt(VARIANCES[name] / weights.size)


@pytest.mark.parametrize("name", ["uniform", "xavier", "he_uniform"])
def test_uniform_starts_stay_within_their_bound_and_reach_it(name):
    bound = np.sqrt(3 * VARIANCES[name])
    largest = np.abs(fill(name)[:-1]).max()
    assert 0.999 * bound < largest <= bound


@pytest.mark.parametrize("name", ["gaussian", "xavier_normal", "he", "lecun"])
def test_normal_starts_have_normal_tails(name):
    standard = fill(name)[:-1] / np.sqrt(VARIANCES[name])
    assert np.mean(np.abs(standard) > 2.0) == pytest.approx(0.0455, rel=0.1)
    assert (standard**4).mean() == pytest.approx(3.0, rel=0.05)


def test_xavier_is_the_uniform_one_and_he_the_normal_one():
    """The article's names without a distribution mean what their authors used."""
    assert nnlab.INITIALIZERS["xavier"].__name__ == "xavier_uniform"
    assert nnlab.INITIALIZERS["he"].__name__ == "he_normal"


@pytest.mark.parametrize(("n_in", "n_out"), [(8, 8), (8, 3), (3, 8), (5, 1), (1, 5)])
def test_orthogonal_has_orthonormal_rows_or_columns(n_in, n_out):
    weights = fill("orthogonal", n_in, n_out)[:-1]
    product = weights.T @ weights if n_in >= n_out else weights @ weights.T
    np.testing.assert_allclose(product, np.eye(min(n_in, n_out)), atol=1e-12)


def test_orthogonal_matrices_are_drawn_uniformly():
    """Without the sign correction the diagonal would be negative in most draws (Mezzadri 2007)."""
    traces = [np.trace(fill("orthogonal", 3, 3, seed=seed)[:-1]) for seed in range(2000)]
    assert np.mean(traces) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_scale_is_a_factor_on_every_weight(name):
    np.testing.assert_allclose(fill(name, scale=2.5), 2.5 * fill(name), rtol=1e-15)


def test_constant_is_its_scale():
    assert (fill("constant", scale=0.3) == 0.3).all()


def test_zeros_are_zero():
    assert not fill("zeros", scale=3.0).any()


def test_alternating_runs_row_by_row_from_minus_one():
    assert fill("alternating", 2, 2).tolist() == [[-1, 1], [-1, 1], [-1, 1]]
    assert fill("alternating", 1, 3).tolist() == [[-1, 1, -1], [1, -1, 1]]


def test_alternating_starts_anew_in_each_matrix():
    starts = nnlab.Experiment(layers=(3, 3, 2, 1)).initial_weights()
    assert [matrix[0, 0] for matrix in starts] == [-1, -1, -1]


def test_layers_of_one_network_differ():
    first, second = nnlab.Experiment(layers=(3, 3, 3, 1), init="xavier").initial_weights()[:2]
    assert not np.array_equal(first, second)


def test_the_repr_rebuilds_it():
    start = nnlab.Initializer("gaussian", scale=0.1)
    assert repr(start) == "nnlab.Initializer('gaussian', scale=0.1)"
    assert eval(repr(start), {"nnlab": nnlab}) == start


@pytest.mark.parametrize("start", [*map(nnlab.Initializer, INITIALIZERS), nnlab.Nudged("he", 0.1)])
def test_several_seeds_at_once_give_what_each_gives_alone(start):
    shapes, seeds = [(4, 5), (6, 2)], [0, 7, 2**70, 7]
    for several, *alone in zip(
        start.of_seeds(shapes, seeds), *(start.weights(shapes, seed) for seed in seeds), strict=True
    ):
        assert np.array_equal(several, np.stack(alone))
