"""Activation functions: what a unit makes of the sum of its weighted inputs.

Each is two plain functions of numbers that also work on arrays. The reference calls them on NumPy
arrays and the engine compiles the same source, so no formula stands twice. A slope receives the
sum ``z`` and the activation ``a = function(z)``, and uses whichever makes it shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activation:
    """One activation: ``function(z)``, its ``slope(z, a)`` and its ``formula`` in TeX."""

    name: str
    function: Callable
    slope: Callable
    formula: str


def sigmoid(z):
    """Logistic function, between 0 and 1."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_slope(z, a):
    """Slope of the logistic function; at most 1/4, at z = 0."""
    return a * (1.0 - a)


def tanh(z):
    """Hyperbolic tangent, between -1 and 1."""
    return np.tanh(z)


def tanh_slope(z, a):
    """Slope of tanh; at most 1, at z = 0."""
    return 1.0 - a * a


def relu(z):
    """Rectified linear unit (Nair and Hinton 2010)."""
    return np.maximum(z, 0.0)


def relu_slope(z, a):
    """Slope of ReLU; 0 at z = 0, as PyTorch takes it."""
    return (z > 0.0) * 1.0


def linear(z):
    """The sum itself: an output layer for regression."""
    return z * 1.0


def linear_slope(z, a):
    """Slope of the identity."""
    return z * 0.0 + 1.0


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", sigmoid, sigmoid_slope, r"1 / (1 + e^{-z})"),
        Activation("tanh", tanh, tanh_slope, r"\tanh z"),
        Activation("relu", relu, relu_slope, r"\max(z, 0)"),
        Activation("linear", linear, linear_slope, r"z"),
    )
}
