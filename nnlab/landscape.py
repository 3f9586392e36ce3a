"""The shape of the loss around given weights: gradients of single patterns and curvature."""

from __future__ import annotations

import numpy as np

from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.reference import backward, forward

_STEP = 1e-5  # of the central differences: error about 1e-10 for weights of size 1


def pattern_gradients(experiment: Experiment, flat: np.ndarray) -> np.ndarray:
    """Return the gradient of each pattern's loss at flat parameters, (patterns, parameters).

    Raises:
        ValueError: with batch norm, where a pattern alone has no gradient.
    """
    if experiment.normalization == "batch":
        raise ValueError("with normalization 'batch' a pattern alone has no gradient")
    parameters, data = unflatten(experiment, flat), experiment.data
    rows = []
    for pattern in range(len(data)):
        one = slice(pattern, pattern + 1)
        layers = forward(experiment, parameters, data.inputs[one], training=True)
        parts = backward(experiment, parameters, layers, data.targets[one])
        rows.append(np.concatenate([part.ravel() for part in parts]))
    return np.array(rows)


def gradient(experiment: Experiment, flat: np.ndarray) -> np.ndarray:
    """Return the gradient of the loss summed over all patterns, shape (parameters,).

    Without dropout; batch norm takes all patterns as one batch, and no gradient moves its running
    statistics: theirs is 0.
    """
    parameters, data = unflatten(experiment, flat), experiment.data
    layers = forward(experiment, parameters, data.inputs, training=True)
    parts = backward(experiment, parameters, layers, data.targets)
    whole = np.zeros(len(flat))
    trained = np.concatenate([part.ravel() for part in parts])
    whole[: len(trained)] = len(data) * trained
    return whole


def hessian(experiment: Experiment, flat: np.ndarray) -> np.ndarray:
    """Return the matrix of second derivatives of the summed loss, (parameters, parameters).

    Central differences of the exact gradient, made symmetric.
    """
    matrix = np.empty((len(flat), len(flat)))
    for column in range(len(flat)):
        nudge = np.zeros_like(flat)
        nudge[column] = _STEP
        ahead, behind = gradient(experiment, flat + nudge), gradient(experiment, flat - nudge)
        matrix[:, column] = (ahead - behind) / (2.0 * _STEP)
    return 0.5 * (matrix + matrix.T)


def sharpness(experiment: Experiment, flat: np.ndarray) -> float:
    """Return the largest curvature: the largest eigenvalue of the summed loss's Hessian.

    One epoch of small online updates moves the weights like one step of gradient descent on the
    summed loss. Such a step overshoots along the sharpest direction, and ends farther from
    its valley than it began, once the learning rate exceeds 2 / sharpness.
    """
    return float(np.linalg.eigvalsh(hessian(experiment, flat))[-1])


def border(outcome: np.ndarray) -> np.ndarray:
    """Return where a cell of a map differs from its right or upper neighbour, (rows - 1, ...)."""
    here = outcome[:-1, :-1]
    return (here != outcome[1:, :-1]) | (here != outcome[:-1, 1:])


def box_dimension(marked: np.ndarray, sizes: tuple[int, ...] = (1, 2, 4, 8, 16)) -> float:
    """Return how fast the number of boxes that hold a mark grows as the boxes shrink.

    It is 1 for a smooth line and 2 for a filled area; a border with detail at every scale lies
    between (box counting).
    """
    counts = []
    for size in sizes:
        rows, columns = (length // size * size for length in marked.shape)
        boxes = marked[:rows, :columns].reshape(rows // size, size, columns // size, size)
        counts.append(boxes.any(axis=(1, 3)).sum())
    return float(-np.polyfit(np.log(sizes), np.log(counts), 1)[0])
