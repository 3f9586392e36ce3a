"""A training run: what it is started with, how it is watched, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnlab import checks, diagnosis
from nnlab.engine.training import Training
from nnlab.experiment import Experiment
from nnlab.history import History, split, unflatten
from nnlab.reference import forward
from nnlab.rules.initializers import Start

if TYPE_CHECKING:
    from nnlab.sweep import Sweep

_LOOK_SECONDS = 0.03  # between two looks at progress, stop and an interrupt of the kernel
_STOPS: ContextVar[tuple[Callable[[], bool], ...]] = ContextVar("stops", default=())


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """What became of an experiment.

    Args:
        experiment: what was trained.
        outcome: "converged", "diverged", "out of updates" or "stopped"; "running" in what
            ``progress`` is shown.
        updates: weight updates done.
        epochs: complete passes through the data done.
        samples_seen: patterns that took part in an update, repetitions counted.
        seconds: time spent in training.
        history: what is kept of the way there.
    """

    experiment: Experiment
    outcome: str
    updates: int
    epochs: int
    samples_seen: int
    seconds: float
    history: History = field(compare=False)

    @property
    def converged(self) -> bool:
        """Whether every pattern was learned within tolerance."""
        return self.outcome == "converged"

    @property
    def weights(self) -> list[np.ndarray]:
        """The final weights: layer l has shape (n_in + 1, n_out), the bias in the last row."""
        return [each.copy() for each in split(self.experiment, self.history.flat_weights[-1])]

    @property
    def normalization_parameters(self) -> list[dict[str, np.ndarray]]:
        """What a norm has learned: a dict a hidden layer, arrays of shape (units,).

        Its keys are ``gamma`` and ``beta``; with batch norm also the running ``mean`` and
        ``variance``, with RMS norm only ``gamma``. Without such a norm the list is empty.
        """
        names = ("gamma", "beta", "mean", "variance")
        layers = range(len(self.experiment.layers) - 2)
        own = [self.experiment.normalizers(self._parameters, layer) for layer in layers]
        return [
            {name: array.copy() for name, array in zip(names, arrays, strict=False)}
            for arrays in own
            if arrays
        ]

    @property
    def _parameters(self) -> list[np.ndarray]:
        return unflatten(self.experiment, self.history.flat_weights[-1])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the network's outputs, shape (patterns, n_out), for inputs (patterns, n_in)."""
        n_in = self.experiment.layers[0]
        inputs = checks.table("x", x, "reshape(1, -1) makes one pattern of it")
        if inputs.shape[1] != n_in:
            raise ValueError(f"x must have shape (patterns, {n_in}); got shape {inputs.shape}")
        with np.errstate(all="ignore"):
            return forward(self.experiment, self._parameters, inputs)[-1]

    def diagnosis(self) -> str:
        """Say in plain words why it ended as it did and what is odd about the network."""
        return "; ".join(diagnosis.findings(self.history, self.outcome))

    def __repr__(self) -> str:
        return f"<Run: {self.outcome} after {self.updates:,} updates ({self.epochs:,} epochs)>"


class Interrupted(KeyboardInterrupt):
    """Stopped in the middle; ``run`` or ``sweep`` holds what there is of what was asked for.

    The other one of the two is None; both are where no update was reached, as the start was still
    being trained.
    """

    def __init__(self, message: str, *, run: Run | None = None, sweep: Sweep | None = None) -> None:
        super().__init__(message)
        self.run = run
        self.sweep = sweep


def train(
    experiment: Experiment,
    progress: Callable[[Run], None] | None = None,
    stop: Callable[[], bool] | None = None,
    look_seconds: float = _LOOK_SECONDS,
) -> Run:
    """Train an experiment's network.

    Args:
        experiment: what to train.
        progress: called with the run so far, about every ``look_seconds`` while it lasts.
        stop: asked as often; if it returns True the run ends with the outcome "stopped".
        look_seconds: time between two looks.

    Raises:
        Interrupted: a KeyboardInterrupt that carries the partial run, when the kernel is
            interrupted; without a run, if ``stop`` returns True while the start is being trained.
    """
    training = None
    try:
        training = begin(experiment, stop)
        while True:
            training.advance(look_seconds)
            if training.outcome != "running":
                return snapshot(training, training.outcome)
            if stop is not None and stop():
                return snapshot(training, "stopped")
            if told_to_stop():
                raise KeyboardInterrupt
            if progress is not None:
                progress(snapshot(training, "running"))
    except KeyboardInterrupt:
        raise _interrupted(training) from None


def begin(
    experiment: Experiment,
    stop: Callable[[], bool] | None = None,
    capacity: int | None = None,
) -> Training:
    """Return a training that is about to begin; its start may be a long training of its own.

    Args:
        experiment: what to train.
        stop: asked from time to time while the start is being trained.
        capacity: rows of history, see ``Training``.

    Raises:
        Interrupted: if ``stop`` returns True while the start is being trained.
    """
    with stopping(stop):
        return Training(experiment, capacity)


@contextmanager
def stopping(stop: Callable[[], bool] | None) -> Iterator[None]:
    """Have every training within the ``with`` block raise ``Interrupted`` once ``stop()`` is True.

    So a start that trains can be stopped, however deep it lies within others. It holds for the
    thread that enters the block.
    """
    before = _STOPS.set(_STOPS.get() + (() if stop is None else (stop,)))
    try:
        yield
    finally:
        _STOPS.reset(before)


def told_to_stop() -> bool:
    """Whether what stands around this training, see ``stopping``, is to end."""
    return any(stop() for stop in _STOPS.get())


def _interrupted(training: Training | None) -> Interrupted:
    if training is None:
        return Interrupted("stopped before the first update")
    run = snapshot(training, "stopped")
    return Interrupted(f"stopped after {run.updates:,} updates", run=run)


def snapshot(training: Training, outcome: str) -> Run:
    """Return the run so far, independent of what the training does next."""
    return Run(
        experiment=training.experiment,
        outcome=outcome,
        updates=training.updates,
        epochs=training.epochs,
        samples_seen=training.samples_seen,
        seconds=training.seconds,
        history=History(training.experiment, *training.history()),
    )


@dataclass(frozen=True, repr=False)
class After(Start):
    """The weights that an experiment has reached after some of its updates.

    ``article.replace(learning_rate=5.0, init=After(article, 600))`` trains the article's network
    for 600 updates at its own rate and goes on at 5.0. Only weights are taken over: an optimizer's
    memory and the order of the patterns start anew.

    Args:
        experiment: what to train first; its layers must be those of the experiment that goes on.
        updates: how far, at least 1; if it ends earlier, its last weights are taken.
    """

    experiment: Experiment
    updates: int

    def __post_init__(self) -> None:
        checks.instance("experiment", self.experiment, Experiment)
        updates = checks.whole_number(
            "updates", self.updates, at_least=1, at_most=checks.MOST_UPDATES
        )
        object.__setattr__(self, "updates", updates)

    @property
    def uses_seed(self) -> bool:
        """Never: the experiment that comes first has its own."""
        return False

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Train and return the weights; ``seed`` is not used, the experiment has its own."""
        if list(shapes) != self.experiment.weight_shapes:
            raise ValueError(
                f"init must lead to weights of shapes {list(shapes)}; "
                f"got {self.experiment.weight_shapes} from {self.experiment!r}"
            )
        return [matrix.copy() for matrix in _trained(self.experiment, self.updates)]

    def __repr__(self) -> str:
        return f"nnlab.After({self.experiment!r}, updates={self.updates})"


@lru_cache(maxsize=8)  # other starts may be made of this one, each seed's anew
def _trained(experiment: Experiment, updates: int) -> list[np.ndarray]:
    return experiment.replace(max_updates=updates).run().weights
