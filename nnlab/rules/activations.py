"""Activation functions: what a unit makes of the sum of its weighted inputs.

Each is two plain functions of numbers that also work on arrays. The reference calls them on NumPy
arrays and the engine compiles the same source, so no formula stands twice. A slope receives the
sum ``z`` and the activation ``a = function(z)``, and uses whichever makes it shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.rules.elementary import exp, expm1, log1p, select, total
from nnlab.rules.elementary import tanh as elementary_tanh
from nnlab.rules.own import Differences, Function, is_ours, own


@dataclass(frozen=True, repr=False)
class Activation:
    """One activation: ours, or a reader's own, as ``Activation(swish)`` after ``def swish(z)``.

    Args:
        function: of a number, the sum z.
        slope: its slope as a function of z and a = function(z). Without one a reader's activation
            gets it by central differences, right to about ten digits.
        formula: in TeX.

    Raises:
        TypeError, ValueError: if a reader's function fails, which names the line, or is not finite,
            or the slope is another than by differences.
    """

    function: Callable
    slope: Callable = None  # type: ignore[assignment]  # which it never is afterwards
    formula: str = ""

    def __post_init__(self) -> None:
        function, slope = self.function, self.slope
        if not is_ours(function):
            function = own("activation", function, "(z)")
        if slope is None:
            slope = Differences(function)
        elif not is_ours(slope):
            slope = own("slope", slope, "(z, a)")
        object.__setattr__(self, "function", function)  # the dataclass is frozen for everybody else
        object.__setattr__(self, "slope", slope)
        if isinstance(function, Function):
            _check_finite(function, heights := function.take_arrays(_PROBES))
            right = Differences(function)(_PROBES, heights)
        if isinstance(slope, Function):
            _check_finite(slope, slopes := slope.take_arrays(_PROBES, heights))
            wrong = np.abs(slopes - right) > _SAME * (1.0 + np.abs(right))
            for z, near, got in zip(_PROBES[wrong], right[wrong], slopes[wrong], strict=True):
                what = f"be the slope of {function}, by differences {near:.6g} at z = {z:.6g}"
                raise slope.refuse(what, got)

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    def __repr__(self) -> str:
        by_hand = not isinstance(self.slope, Differences)
        rules = [self.function, self.slope] if by_hand else [self.function]
        return f"nnlab.Activation({', '.join(each.__name__ for each in rules)})"


def _check_finite(rule: Function, values: Any) -> None:
    for z, got in zip(_PROBES.flat, np.broadcast_to(values, _PROBES.shape).flat, strict=True):
        if not np.isfinite(got):
            raise rule.refuse(f"give a finite number for every z, here {z:.6g}", got)


_PROBES = np.linspace(-4.0, 4.0, 58).reshape(2, 29)  # without 0, where many have a kink
_SAME = 1e-6  # how far a slope may be from differences, relative to 1 and its size
_GELU = np.sqrt(2.0 / np.pi)


def sigmoid(z):
    """Logistic function, between 0 and 1."""
    return 1.0 / (1.0 + exp(-z))


def sigmoid_slope(z, a):
    """Slope of the logistic function; at most 1/4, at z = 0."""
    return a * (1.0 - a)


def tanh(z):
    """Hyperbolic tangent, between -1 and 1."""
    return elementary_tanh(z)


def tanh_slope(z, a):
    """Slope of tanh; at most 1, at z = 0."""
    return 1.0 - a * a


def relu(z):
    """Rectified linear unit (Nair and Hinton 2010)."""
    return select(z < 0.0, 0.0, z)


def relu_slope(z, a):
    """Slope of ReLU; 0 at z = 0, as PyTorch takes it."""
    return (z > 0.0) * 1.0


def leaky_relu(z):
    """ReLU that lets 1 % of a negative sum through (Maas et al. 2013), as PyTorch's default."""
    return select(z < 0.0, 0.01 * z, z)


def leaky_relu_slope(z, a):
    """Slope of leaky ReLU; 0.01 at z = 0, as PyTorch takes it."""
    return 0.01 + 0.99 * (z > 0.0)


def elu(z):
    """Exponential linear unit with α = 1 (Clevert et al. 2015)."""
    return select(z < 0.0, expm1(select(z < 0.0, z, 0.0)), z)


def elu_slope(z, a):
    """Slope of ELU; below 0 it is a + 1."""
    return select(z < 0.0, 1.0 + a, 1.0)


def softplus(z):
    """A smooth ReLU, log(1 + e^z), without the straight piece that PyTorch takes from z = 20 on.

    The two differ by at most 2e-9.
    """
    return select(z < 0.0, 0.0, z) + log1p(exp(-np.abs(z)))


def softplus_slope(z, a):
    """Slope of softplus: the sigmoid."""
    return sigmoid(z)


def gelu(z):
    """Gaussian error linear unit (Hendrycks and Gimpel 2016) in its tanh form.

    PyTorch calls this variant ``approximate="tanh"``; it differs from z Φ(z) by less than 0.0005.
    """
    return 0.5 * z * (1.0 + elementary_tanh(_GELU * (z + 0.044715 * z * z * z)))


def gelu_slope(z, a):
    """Slope of GELU's tanh form."""
    bend = elementary_tanh(_GELU * (z + 0.044715 * z * z * z))
    inner = _GELU * (1.0 + 3.0 * 0.044715 * z * z)
    return 0.5 * (1.0 + bend) + 0.5 * z * (1.0 - bend * bend) * inner


def silu(z):
    """Sigmoid linear unit z σ(z), also called swish (Elfwing et al. 2017)."""
    return z * sigmoid(z)


def silu_slope(z, a):
    """Slope of SiLU."""
    gate = sigmoid(z)
    return gate + a * (1.0 - gate)


def linear(z):
    """The sum itself: an output layer for regression."""
    return z * 1.0


def linear_slope(z, a):
    """Slope of the identity."""
    return z * 0.0 + 1.0


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(sigmoid, sigmoid_slope, r"1 / (1 + e^{-z})"),
        Activation(tanh, tanh_slope, r"\tanh z"),
        Activation(relu, relu_slope, r"\max(z, 0)"),
        Activation(leaky_relu, leaky_relu_slope, r"\max(z, 0) + 0.01 \min(z, 0)"),
        Activation(elu, elu_slope, r"\max(z, 0) + e^{\min(z, 0)} - 1"),
        Activation(softplus, softplus_slope, r"\log(1 + e^z)"),
        Activation(gelu, gelu_slope, r"z / 2 \cdot (1 + \tanh(\sqrt{2 / \pi} (z + 0.044715 z^3)))"),
        Activation(silu, silu_slope, r"z / (1 + e^{-z})"),
        Activation(linear, linear_slope, r"z"),
    )
}


def activation_of(rule: str | Activation) -> Activation:
    """Return what a name stands for."""
    return ACTIVATIONS[rule] if isinstance(rule, str) else rule


OUTPUTS = (*ACTIVATIONS, "softmax")  # what an output layer can be


def softmax(z):
    """Shares that sum to 1 over the last axis, e^z / Σ e^z; for an output layer only."""
    powers = exp(z - z.max(axis=-1, keepdims=True))
    return powers / total(powers, axis=-1)


def through_softmax(y, slopes):
    """Turn slopes of a loss in softmax's outputs ``y`` into slopes in its sums."""
    return y * (slopes - total(slopes * y, axis=-1))
