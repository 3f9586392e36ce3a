"""What the curve and the map of a panel know of a setting: how long it takes to learn."""

from __future__ import annotations

from collections.abc import Callable

from nnlab.engine.training import Training
from nnlab.experiment import Experiment

_GLANCE = 0.01  # seconds between two looks whether somebody wants something else


def updates_needed(experiment: Experiment, interrupted: Callable[[], bool]) -> int | None:
    """Return the updates until learned, 0 if it was not learned; None if interrupted."""
    training = Training(experiment, capacity=64)  # nobody looks at the way
    while training.outcome == "running":
        training.advance(_GLANCE)
        if interrupted():
            return None
    return training.updates if training.outcome == "converged" else 0
