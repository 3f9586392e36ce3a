"""Sharpness on a bowl whose curvature is known, and where the loss first rises on it."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import landscape

PAIR = nnlab.Dataset([[-1.0], [1.0]], [[0.0], [0.0]])
BOWL = nnlab.Experiment(
    data=PAIR,
    layers=(1, 1),
    output="linear",
    batch_size="full",
    init=nnlab.Nudged("zeros", -1.0, place=(0, 0, 0)),
    tolerance=0.0,
    max_updates=40,
)


def test_a_bowl_is_as_sharp_everywhere():
    history = BOWL.replace(learning_rate=0.1).run().history
    assert landscape.sharpness(BOWL, history.flat_weights[0]) == pytest.approx(2.0)
    assert landscape.sharpest(history) == pytest.approx(2.0)


def test_the_sharpest_moment_is_no_less_sharp_than_both_ends():
    history = nnlab.Experiment(learning_rate=5.0).run().history
    ends = [landscape.sharpness(history.experiment, history.flat_weights[k]) for k in (0, -1)]
    assert landscape.sharpest(history) >= max(ends)
    assert landscape.sharpest(history, rows=2) == pytest.approx(max(ends))


def test_the_loss_of_a_bowl_first_rises_beyond_two_over_its_curvature():
    """The mean over two patterns has half the curvature of their sum: the limit is 2."""
    assert landscape.first_rise(BOWL, [0.5, 1.0, 1.9, 2.1, 3.0]) == 2.1
    assert landscape.first_rise(BOWL, [0.5, 1.9]) == np.inf


def test_a_loss_that_overflows_has_risen():
    steep = BOWL.replace(max_updates=2_000)
    assert landscape.first_rise(steep, [100.0]) == 100.0


@pytest.mark.parametrize("norm", [None, "batch"])
def test_sizes_of_gradients_are_those_of_the_matrices(norm):
    deep = nnlab.Experiment(
        layers=(3, 5, 4, 1), init="xavier", normalization=norm, batch_size="full"
    )
    sizes = landscape.gradient_sizes(deep)
    flat = deep.replace(max_updates=1).run().history.flat_weights[0]
    whole = landscape.gradient(deep, flat)
    ends = np.cumsum([20, 24, 5])
    parts = np.split(whole[: ends[-1]], ends[:-1])
    assert sizes.shape == (3,)
    assert np.allclose(sizes, [np.sqrt((part**2).mean()) for part in parts])
