"""Normalization: numbers brought to mean 0 and variance 1 before they are used.

- ``"input"`` standardizes each input by its mean and standard deviation over the training set.
- ``"batch"`` (Ioffe and Szegedy 2015) normalizes the sums of each hidden unit over the patterns of
  a batch, then stretches and shifts them by two learned numbers, gamma and beta. A trained network
  that is asked for one pattern has no batch: it takes running means of what training saw.
- ``"layer"`` (Ba et al. 2016) does so over the units of a hidden layer, for each pattern alone.
- ``"rms"`` (Zhang and Sennrich 2019) is layer norm that takes 0 for the mean: it divides by the
  root mean square. It stretches by gamma and does not shift.

Formulas and constants are those of PyTorch's BatchNorm1d, LayerNorm and RMSNorm: the variance is
the biased one (divided by n), the running variance averages the unbiased one (divided by n - 1).
The functions of plain numbers also work on arrays; reference and engine share them.

Group norm (Wu and He 2018) is not here: with one group it is layer norm, with groups of one unit
every sum becomes 0, and a layer of five units can't be split equally into any others.
"""

from __future__ import annotations

import numpy as np

from nnlab.rules.elementary import total

NORMALIZATIONS = (None, "input", "batch", "layer", "rms")
AXES = {"batch": -2, "layer": -1, "rms": -1}  # of sums of shape (..., patterns, units)
EPSILON = 1e-5
MOMENTUM = 0.1


def normalized(z, mean, variance):
    """Bring to mean 0 and variance 1; epsilon keeps a constant from being divided by 0."""
    return (z - mean) / np.sqrt(variance + EPSILON)


def normalized_slope(slope, normal, variance, mean_slope, mean_product):
    """Turn a slope in the normalized number into one in the number before.

    Mean and variance are made of the same numbers, which takes two parts of the slope away:
    ``mean_slope`` is the mean slope, ``mean_product`` the mean of slope times normalized number.
    """
    return (slope - mean_slope - normal * mean_product) / np.sqrt(variance + EPSILON)


def averaged(running, observed):
    """Move a running statistic a tenth of the way to what a batch shows."""
    return (1.0 - MOMENTUM) * running + MOMENTUM * observed


def normalize(sums: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return sums normalized by one of ``AXES``, and the variances they had."""
    mean, variance = moments(sums, kind)
    return normalized(sums, mean, variance), variance


def moments(sums: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return means and biased variances over a norm's axis, which stays as one of length 1.

    RMS norm takes 0 for the mean, so that its variance is the mean square.
    """
    axis = AXES[kind]
    mean = np.zeros(1) if kind == "rms" else total(sums, axis) / sums.shape[axis]
    deviations = sums - mean
    return mean, total(deviations * deviations, axis) / sums.shape[axis]


def denormalize_slopes(
    slopes: np.ndarray, normal: np.ndarray, variance: np.ndarray, kind: str
) -> np.ndarray:
    """Turn slopes in normalized sums into slopes in the sums before, the way back."""
    axis = AXES[kind]
    mean_slope = 0.0 if kind == "rms" else total(slopes, axis) / slopes.shape[axis]
    mean_product = total(slopes * normal, axis) / slopes.shape[axis]
    return normalized_slope(slopes, normal, variance, mean_slope, mean_product)
