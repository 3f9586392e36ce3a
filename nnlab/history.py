"""What is kept of a run: the weights at some of its updates, and all that follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnlab.experiment import Experiment
from nnlab.losses import loss_for
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
        flat_weights: (n, parameters), layer after layer, then what batch or layer norm adds.
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
    def parameters(self) -> list[np.ndarray]:
        """All that the network is made of, as ``Experiment.initial_parameters``, n rows each."""
        return unflatten(self.experiment, self.flat_weights)

    @cached_property
    def outputs(self) -> np.ndarray:
        """What the network answers to every pattern, shape (n, patterns, n_out)."""
        with np.errstate(all="ignore"):
            return forward(self.experiment, self.parameters, self.experiment.data.inputs)[-1]

    @cached_property
    def loss(self) -> np.ndarray:
        """Mean loss over all patterns, shape (n,)."""
        with np.errstate(all="ignore"):
            losses = loss_for(self.experiment.loss, self.experiment.output).function(
                self.outputs, self.experiment.data.targets
            )
            return losses.sum(axis=-1).mean(axis=-1)

    def __repr__(self) -> str:
        return f"<History: {len(self)} rows, updates 0 to {self.updates[-1]:,}>"


def split(experiment: Experiment, flat: np.ndarray) -> list[np.ndarray]:
    """Cut the weights out of (..., parameters): one (..., n_in + 1, n_out) a layer."""
    return unflatten(experiment, flat)[: len(experiment.weight_shapes)]


def unflatten(experiment: Experiment, flat: np.ndarray) -> list[np.ndarray]:
    """Cut (..., parameters) into arrays (..., *shape) of the experiment's parameter shapes."""
    shapes = experiment.parameter_shapes
    cuts = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    parts = np.split(flat, cuts, axis=-1)
    return [
        part.reshape(*flat.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)
    ]
