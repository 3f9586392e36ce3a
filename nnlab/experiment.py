"""An experiment: the frozen description of one training run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nnlab import checks
from nnlab.activations import ACTIVATIONS
from nnlab.data import Dataset, parity
from nnlab.initializers import INITIALIZERS, Initializer, Start
from nnlab.losses import LOSSES
from nnlab.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from nnlab.run import Run

MOST_UPDATES = 10**18  # the engine counts in 64 bits


@dataclass(frozen=True, kw_only=True, repr=False)
class Experiment:
    """One training run, described: seven hyperparameters, then the fixed conditions.

    The defaults are the article's starting point, its "values with room to improve".

    Args:
        learning_rate: factor on the gradient in every update, above 0.
        init: how the weights start: a name in ``INITIALIZERS``, an ``Initializer``, or
            ``After`` another experiment.
        activation: of the hidden layers, a name in ``ACTIVATIONS``.
        batch_size: patterns an update; 1 is online, "full" is batch, anything between is
            mini-batch. The gradient is the mean over the batch.
        layers: units a layer, from the inputs to the outputs; the bias is not counted.
        optimizer: the update rule, a name in ``OPTIMIZERS``.
        normalization: None.
        data: the patterns to learn.
        loss: a name in ``LOSSES``.
        output: activation of the last layer.
        tolerance: learning stops at the end of the first epoch in which the squared error
            Σ(y - t)² of every pattern, as it was presented, was below this; 0 never stops.
        max_updates: the budget of weight updates.
        init_seed: seed of the initial weights; the same seed means the same start.
        shuffle: whether every epoch presents the patterns in a new random order.
        order_seed: seed of that order.

    Raises:
        TypeError, ValueError: naming the field, the value and what is allowed.
    """

    learning_rate: float = 0.05
    init: str | Start = "alternating"
    activation: str = "sigmoid"
    batch_size: int | Literal["full"] = 1
    layers: tuple[int, ...] = (3, 5, 1)
    optimizer: str = "sgd"
    normalization: None = None

    data: Dataset = field(default_factory=parity)
    loss: str = "squared_error"
    output: str = "sigmoid"
    tolerance: float = 0.01
    max_updates: int = 5_000_000
    init_seed: int = 0
    shuffle: bool = False
    order_seed: int = 0

    def __post_init__(self) -> None:
        self._check_data_and_layers()
        self._set("learning_rate", checks.number("learning_rate", self.learning_rate, above=0.0))
        if not isinstance(self.init, Start):
            checks.choice("init", self.init, INITIALIZERS)
        checks.choice("activation", self.activation, ACTIVATIONS)
        if isinstance(self.batch_size, str):
            checks.choice("batch_size, if not a whole number,", self.batch_size, ["full"])
        else:
            limit = len(self.data)
            batch_size = checks.whole_number(
                "batch_size", self.batch_size, at_least=1, at_most=limit
            )
            self._set("batch_size", batch_size)
        checks.choice("optimizer", self.optimizer, OPTIMIZERS)
        checks.choice("normalization", self.normalization, [None])
        checks.choice("loss", self.loss, LOSSES)
        checks.choice("output", self.output, ACTIVATIONS)
        self._set("tolerance", checks.number("tolerance", self.tolerance, at_least=0.0))
        max_updates = checks.whole_number(
            "max_updates", self.max_updates, at_least=1, at_most=MOST_UPDATES
        )
        self._set("max_updates", max_updates)
        for name in ("init_seed", "order_seed"):
            self._set(name, checks.whole_number(name, getattr(self, name), at_least=0))
        checks.flag("shuffle", self.shuffle)

    def replace(self, **changes: Any) -> Experiment:
        """Return a copy with some fields changed; unknown names raise TypeError."""
        for name in changes:
            if name not in FIELDS:
                try:
                    checks.choice("a field of Experiment", name, FIELDS)
                except ValueError as error:
                    raise TypeError(str(error)) from None
        return dataclasses.replace(self, **changes)

    def run(
        self,
        progress: Callable[[Run], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Run:
        """Train the network and return what happened; see ``nnlab.run.train``."""
        from nnlab.run import train  # imports point down from here; this method is a front door

        return train(self, progress, stop)

    def initial_weights(self) -> list[np.ndarray]:
        """Return the start: layer l has shape (n_in + 1, n_out), the bias in the last row."""
        return self.start.weights(self.weight_shapes, self.init_seed)

    @property
    def start(self) -> Start:
        """Where the weights come from, if only a name was given."""
        return self.init if isinstance(self.init, Start) else Initializer(self.init)

    @property
    def weight_shapes(self) -> list[tuple[int, int]]:
        """Shape of each layer's weights: (n_in + 1, n_out)."""
        return [
            (n_in + 1, n_out) for n_in, n_out in zip(self.layers, self.layers[1:], strict=False)
        ]

    @property
    def activations(self) -> list[str]:
        """Name of the activation of each layer of weights, the output's last."""
        return [self.activation] * (len(self.layers) - 2) + [self.output]

    @property
    def patterns_per_update(self) -> int:
        """The batch size as a number."""
        return len(self.data) if self.batch_size == "full" else int(self.batch_size)

    def __repr__(self) -> str:
        changed = [
            f"{item.name}={getattr(self, item.name)!r}"
            for item in dataclasses.fields(self)
            if getattr(self, item.name) != getattr(_ARTICLE, item.name)
        ]
        return f"nnlab.Experiment({', '.join(changed)})"

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else

    def _check_data_and_layers(self) -> None:
        if not isinstance(self.data, Dataset):
            raise TypeError(f"data must be a Dataset; got {type(self.data).__name__}")
        if isinstance(self.layers, str) or not hasattr(self.layers, "__iter__"):
            raise TypeError(f"layers must be a tuple of whole numbers; got {self.layers!r}")
        layers = tuple(checks.whole_number("layers", units, at_least=1) for units in self.layers)
        self._set("layers", layers)
        ends = (self.data.inputs.shape[1], self.data.targets.shape[1])
        if len(layers) < 2 or (layers[0], layers[-1]) != ends:
            raise ValueError(
                f"layers must run from the data's {ends[0]} inputs to its {ends[1]} outputs, "
                f"as in {(ends[0], 5, ends[1])}; got {layers!r}"
            )


FIELDS: tuple[str, ...] = tuple(item.name for item in dataclasses.fields(Experiment))
_ARTICLE = Experiment()
