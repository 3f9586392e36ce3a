"""What is kept of a run: the weights at some of its updates, and all that follows from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnlab.experiment import Experiment
from nnlab.rules.elementary import total
from nnlab.rules.losses import loss_for


@dataclass(frozen=True, eq=False)
class History:
    """A run as it went, in at most a few thousand rows, however long it was.

    The rows are dense at the start (one an epoch, or one an update where epochs are long), evenly
    thinned later, and always hold the first and the last moment. Outputs and losses are those of
    the kept weights on all patterns; they are computed when first asked for.

    Args:
        experiment: what was trained.
        updates: (n,) weight updates done at each row, from 0.
        flat_weights: (n, parameters), layer after layer, then what a norm adds.
        errors: (n, patterns), squared error Σ(y - t)² of every pattern as it was last presented,
            which is what the stop rule looks at; no columns for more than 64 patterns.
    """

    experiment: Experiment
    updates: np.ndarray
    flat_weights: np.ndarray
    errors: np.ndarray

    def __post_init__(self) -> None:
        for name in ("updates", "flat_weights", "errors"):
            seen = getattr(self, name).view()
            seen.flags.writeable = False  # what has been cannot be changed
            object.__setattr__(self, name, seen)

    def __len__(self) -> int:
        return len(self.updates)

    def at(self, rows: Sequence[int] | np.ndarray) -> History:
        """Return a history of some of the rows: what isn't asked for need not be computed."""
        kept = (self.updates, self.flat_weights, self.errors)
        return History(self.experiment, *(each[rows] for each in kept))

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
        """What the network answers to every pattern, shape (n, patterns, n_out).

        As when it is used: without dropout, batch norm by its running statistics.
        """
        return self._answers(self.experiment.data.inputs)

    @cached_property
    def loss(self) -> np.ndarray:
        """Mean loss over all patterns, shape (n,); without weight decay's share."""
        return self._mean_loss(self.outputs, self.experiment.data.targets)

    @cached_property
    def accuracy(self) -> np.ndarray | None:
        """Share of patterns in the right class, shape (n,); None where targets aren't classes.

        See ``Dataset.class_of`` for the class that outputs stand for.
        """
        return self._share_right(self.outputs, self.experiment.data.targets)

    @cached_property
    def validation_outputs(self) -> np.ndarray | None:
        """As ``outputs``, of the patterns held out; None where there are none."""
        inputs = self.experiment.data.validation_inputs
        return None if inputs is None else self._answers(inputs)

    @cached_property
    def validation_loss(self) -> np.ndarray | None:
        """As ``loss``, of the patterns held out; None where there are none."""
        outputs, targets = self.validation_outputs, self.experiment.data.validation_targets
        return None if outputs is None or targets is None else self._mean_loss(outputs, targets)

    @cached_property
    def validation_accuracy(self) -> np.ndarray | None:
        """As ``accuracy``, of the patterns held out; None where there are none."""
        outputs, targets = self.validation_outputs, self.experiment.data.validation_targets
        return None if outputs is None or targets is None else self._share_right(outputs, targets)

    def _answers(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs (n, patterns, n_out), by compiled code: a NumPy loop would take its time."""
        from nnlab.engine.layout import answers  # Numba is slow to import, and not always needed

        return answers(self.experiment, self.flat_weights, inputs)

    def _mean_loss(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        loss = loss_for(self.experiment.loss, self.experiment.output)
        with np.errstate(all="ignore"):
            losses = total(loss.function(outputs, targets), axis=-1)[..., 0]
            return total(losses, axis=-1)[..., 0] / losses.shape[-1]

    def _share_right(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        data = self.experiment.data
        if not data.is_classification:
            return None
        right: np.ndarray = data.class_of(outputs) == data.class_of(targets)
        return right.mean(axis=1)

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
