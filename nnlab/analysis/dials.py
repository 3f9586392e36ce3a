"""What a ``nnlab.Dial`` may turn: an experiment made wider, deeper, or of another start's scale."""

from __future__ import annotations

from nnlab.analysis.layers import stack
from nnlab.experiment import Experiment
from nnlab.rules.initializers import Initializer

__all__ = ["with_depth", "with_scale", "with_width"]


def with_width(experiment: Experiment, width: int) -> Experiment:
    """Return the experiment with so many units in each of its hidden layers."""
    n_in, *hidden, n_out = experiment.layers
    return experiment.replace(layers=stack(n_in, len(hidden), width, n_out))


def with_depth(experiment: Experiment, depth: int) -> Experiment:
    """Return the experiment with so many hidden layers, each as wide as its first.

    Raises:
        ValueError: if it has no hidden layer, which alone says how wide they are.
    """
    n_in, *hidden, n_out = experiment.layers
    if not hidden:
        raise ValueError(f"with_depth needs a hidden layer; got layers {experiment.layers!r}")
    return experiment.replace(layers=stack(n_in, depth, hidden[0], n_out))


def with_scale(experiment: Experiment, scale: float) -> Experiment:
    """Return the experiment with its start's weights so many times as large: an initializer's gain.

    Raises:
        ValueError: if its start is no ``Initializer``.
    """
    if not isinstance(experiment.start, Initializer):
        raise ValueError(f"with_scale needs an Initializer as init; got {experiment.init!r}")
    return experiment.replace(init=Initializer(experiment.start.name, scale))
