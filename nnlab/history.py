"""What is kept of a run: the weights at some of its updates, and all that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnlab.experiment import Experiment
from nnlab.losses import LOSSES
from nnlab.reference import forward


@dataclass(frozen=True, eq=False)
class History:
    """A run as it went, in at most a few thousand rows, however long it was.

    The rows are dense at the start (one an epoch, or one an update where epochs are long), evenly
    thinned later, and always hold the first and the last moment. Outputs and losses are those of
    the kept weights on all patterns; they are computed when first asked for.

    Args:
        experiment: what was trained.
        updates: (n,) weight updates done at each row, from 0.
        flat_weights: (n, parameters), layer after layer.
        errors: (n, patterns), squared error Σ(y - t)² of every pattern as it was last presented,
            which is what the stop rule looks at; no columns for more than 64 patterns.
    """

    experiment: Experiment
    updates: np.ndarray
    flat_weights: np.ndarray
    errors: np.ndarray

    def __len__(self) -> int:
        return len(self.updates)

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """One array of shape (n, n_in + 1, n_out) a layer, the bias in the last row."""
        return split(self.experiment, self.flat_weights)

    @cached_property
    def outputs(self) -> np.ndarray:
        """What the network answers to every pattern, shape (n, patterns, n_out)."""
        with np.errstate(all="ignore"):
            return forward(self.experiment, self.weights, self.experiment.data.inputs)[-1]

    @cached_property
    def loss(self) -> np.ndarray:
        """Mean loss over all patterns, shape (n,)."""
        with np.errstate(all="ignore"):
            losses = LOSSES[self.experiment.loss].function(
                self.outputs, self.experiment.data.targets
            )
            return losses.sum(axis=-1).mean(axis=-1)

    def __repr__(self) -> str:
        return f"<History: {len(self)} rows, updates 0 to {self.updates[-1]:,}>"


def split(experiment: Experiment, flat: np.ndarray) -> list[np.ndarray]:
    """Cut flat weights of shape (..., parameters) into one (..., n_in + 1, n_out) a layer."""
    shapes = experiment.weight_shapes
    cuts = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    parts = np.split(flat, cuts, axis=-1)
    return [
        part.reshape(*flat.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)
    ]
