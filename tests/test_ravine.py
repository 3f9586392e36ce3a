"""The ravine: a loss twenty times as steep across as along."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import landscape

RAVINE = nnlab.Experiment(
    data=nnlab.ravine(), layers=(1, 1), output="linear", batch_size="full", max_updates=300
)


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90])
def test_the_ravine_is_twenty_times_as_steep_across_as_along(angle):
    valley = RAVINE.replace(data=nnlab.ravine(angle))
    curvature = landscape.hessian(valley, np.array([2.0, 3.0])) / 2  # of the mean, not the sum
    sizes, directions = np.linalg.eigh(curvature)
    assert sizes[1] / sizes[0] == pytest.approx(20, rel=1e-4)
    assert curvature[1, 1] == pytest.approx(1)
    flat = directions[:, 0] * np.sign(directions[0, 0] or 1.0)
    assert abs(flat @ [np.cos(np.radians(angle)), -np.sin(np.radians(angle))]) > 1 - 1e-6


@pytest.mark.parametrize("angle", [0, 45, 90])
def test_the_ravines_minimum_is_7_along_and_2_across_from_the_articles_start(angle):
    valley = RAVINE.replace(data=nnlab.ravine(angle))
    start = valley.initial_weights()[0].ravel()
    curvature = landscape.hessian(valley, start)
    minimum = start - np.linalg.solve(curvature, landscape.gradient(valley, start))
    assert np.allclose(landscape.gradient(valley, minimum), 0, atol=1e-6)
    directions = np.linalg.eigh(curvature)[1]
    assert np.abs(directions.T @ (minimum - start)) == pytest.approx([7, 2], rel=1e-4)


def test_the_ravine_along_the_axes_has_its_minimum_at_6_and_minus_1():
    gradient = landscape.gradient(RAVINE, np.array([6.0, -1.0]))
    assert np.allclose(gradient, 0, atol=1e-12)


def test_a_ravines_repr_rebuilds_it():
    for angle in (0, 45, 12.5):
        assert eval(repr(nnlab.ravine(angle))) == nnlab.ravine(angle)


@pytest.mark.parametrize("angle", [-1, 91, float("nan"), "45"])
def test_a_ravine_refuses_angles_outside_of_0_to_90(angle):
    with pytest.raises((ValueError, TypeError), match="angle"):
        nnlab.ravine(angle)


def test_standardized_every_ravine_is_a_bowl():
    for angle in (0, 45, 90):
        valley = RAVINE.replace(data=nnlab.ravine(angle), normalization="input")
        assert np.allclose(landscape.hessian(valley, np.zeros(2)), 2 * np.eye(2), atol=1e-4)
