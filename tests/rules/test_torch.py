"""Against PyTorch itself, where it is installed; tests/test_torch_vectors.py needs none of it."""

import numpy as np
import pytest

from nnlab.rules.activations import ACTIVATIONS
from tests.rules.test_torch_vectors import assert_as_spread, by_engine, by_reference
from tests.rules.torch_cases import CASES, FILLS, HELD_OUT, spread_by_torch, trained_by_torch

torch = pytest.importorskip("torch", reason="PyTorch is not installed; its stored vectors are used")


@pytest.mark.parametrize("name", CASES)
def test_training_step_by_step(name):
    rows, losses, answers = trained_by_torch(CASES[name])
    ours, our_losses = by_reference(CASES[name])
    np.testing.assert_allclose(ours, rows, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(our_losses, losses, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(by_engine(CASES[name]), rows, rtol=1e-10, atol=1e-10)
    predicted = CASES[name].run().predict(HELD_OUT)
    np.testing.assert_allclose(predicted, answers, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_slopes(name):
    from tests.rules.torch_cases import _activation

    z = torch.linspace(-6, 6, 241, dtype=torch.float64, requires_grad=True)
    a = _activation(torch, name)(z)
    a.sum().backward()
    rule, points = ACTIVATIONS[name], z.detach().numpy()
    np.testing.assert_allclose(rule.function(points), a.detach().numpy(), rtol=1e-12, atol=1e-14)
    slope = rule.slope(points, rule.function(points))
    np.testing.assert_allclose(slope, z.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", FILLS)
def test_initial_weights_spread_as_pytorchs_do(name):
    assert_as_spread(name, spread_by_torch(name))
