"""An experiment: the frozen description of one training run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nnlab import checks
from nnlab.data import Dataset
from nnlab.datasets import parity
from nnlab.rules.activations import ACTIVATIONS, OUTPUTS, Activation
from nnlab.rules.initializers import INITIALIZERS, Initializer, Start, start_weights
from nnlab.rules.losses import LOSSES
from nnlab.rules.normalization import AXES, NORMALIZATIONS
from nnlab.rules.optimizers import OPTIMIZERS, Optimizer
from nnlab.rules.schedules import Schedule

if TYPE_CHECKING:
    from nnlab.run import Run

_MOST_UNITS = 10**6  # a layer
_MOST_WEIGHTS = 10**8  # of a network: 0.8 GB, and several times that in training


@dataclass(frozen=True, kw_only=True, repr=False)
class Experiment:
    """One training run, described: seven hyperparameters, then the fixed conditions.

    The defaults are the article's starting point, its "values with room to improve".

    Args:
        learning_rate: factor on the gradient in every update, above 0; a ``Schedule`` changes it
            with the updates, a tuple or list of numbers gives every layer of weights its own.
        init: how the weights start: a name in ``INITIALIZERS``, an ``Initializer``, ``After``
            another experiment, or a function of the reader's own, as is so for the next two.
        activation: of the hidden layers, a name in ``ACTIVATIONS`` or an ``Activation``.
        batch_size: patterns an update; 1 is online, "full" is batch, anything between is
            mini-batch. The gradient is the mean over the batch.
        layers: units a layer, from the inputs to the outputs, at most 10⁸ weights in all; the bias
            is not counted.
        optimizer: the update rule, a name in ``OPTIMIZERS`` or an ``Optimizer``.
        normalization: None, "input", "batch", "layer" or "rms"; see ``nnlab.rules.normalization``.
        weight_decay: this times each parameter joins its gradient, as in PyTorch, biases, gamma
            and beta included; "adamw" instead shrinks the parameter by this times the rate.
        dropout: probability that a hidden unit is left out of a training pass, below 1; what
            remains is scaled up by 1 / (1 - dropout). Errors as presented are those of the pass.
        data: the patterns to learn.
        loss: a name in ``LOSSES``.
        output: activation of the last layer, a name in ``OUTPUTS``.
        tolerance: learning stops at the end of the first epoch in which the squared error
            Σ(y - t)² of every pattern, as it was presented, was below this; 0 never stops.
        max_updates: the budget of weight updates.
        init_seed: seed of the initial weights, 0 to 2¹²⁸ - 1; the same seed means the same start.
        shuffle: whether every epoch presents the patterns in a new random order.
        order_seed: seed of that order and of dropout.

    Raises:
        TypeError, ValueError: naming the field, the value and what is allowed.
    """

    learning_rate: float | Schedule | tuple[float, ...] = 0.05
    init: str | Start = "alternating"
    activation: str | Activation = "sigmoid"
    batch_size: int | Literal["full"] = 1
    layers: tuple[int, ...] = (3, 5, 1)
    optimizer: str | Optimizer = "sgd"
    normalization: Literal["input", "batch", "layer", "rms"] | None = None

    weight_decay: float = 0.0
    dropout: float = 0.0
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
        self._check_learning_rate()
        self._check_names()
        self._check_numbers()
        self._check_loss()
        self._check_normalization()

    def replace(self, **changes: Any) -> Experiment:
        """Return a copy with some fields changed; unknown names raise TypeError."""
        try:
            for name in changes:
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

        return train(self, checks.function("progress", progress), checks.function("stop", stop))

    def initial_weights(self) -> list[np.ndarray]:
        """Return the start: layer l has shape (n_in + 1, n_out), the bias in the last row."""
        return start_weights(self.start, self.weight_shapes, self.init_seed)

    @property
    def start(self) -> Start:
        """Where the weights come from, if only a name was given."""
        return self.init if isinstance(self.init, Start) else Initializer(self.init)

    def initial_parameters(self) -> list[np.ndarray]:
        """Return all that a network is made of at the start, shaped as ``parameter_shapes``.

        The weights; with batch, layer and RMS norm, the gammas (1) of all hidden layers and then,
        but for RMS norm, the betas (0); with batch norm also their running means (0) and variances
        (1), which no gradient moves.
        """
        fills = (np.ones, np.zeros, np.zeros, np.ones)
        extra = self.parameter_shapes[len(self.weight_shapes) :]
        hidden = max(1, len(self.layers) - 2)
        return self.initial_weights() + [
            fills[place // hidden](shape) for place, shape in enumerate(extra)
        ]

    @property
    def weight_shapes(self) -> list[tuple[int, int]]:
        """Shape of each layer's weights: (n_in + 1, n_out)."""
        return [
            (n_in + 1, n_out) for n_in, n_out in zip(self.layers, self.layers[1:], strict=False)
        ]

    @property
    def parameter_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of all that a network is made of; see ``initial_parameters``."""
        extra = {"batch": 4, "layer": 2, "rms": 1}.get(self.normalization or "", 0)
        return [*self.weight_shapes, *[(units,) for units in self.layers[1:-1]] * extra]

    @property
    def trainable(self) -> int:
        """How many of these arrays an optimizer moves: all but the running statistics."""
        running = 2 * (len(self.layers) - 2) if self.normalization == "batch" else 0
        return len(self.parameter_shapes) - running

    @property
    def update_rule(self) -> Optimizer:
        """The optimizer with its constants, if only its name was given."""
        return (
            self.optimizer if isinstance(self.optimizer, Optimizer) else Optimizer(self.optimizer)
        )

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of update t, from 1, for each array that an optimizer moves.

        Gamma and beta take the rate of the weights whose sums they scale.
        """
        if isinstance(self.learning_rate, tuple):
            hidden = self.learning_rate[:-1]
            repeats = (self.trainable - len(self.weight_shapes)) // max(1, len(hidden))
            return [*self.learning_rate, *hidden * repeats]
        rate = self.learning_rate
        return [rate(t) if isinstance(rate, Schedule) else rate] * self.trainable

    @property
    def standardizes(self) -> bool:
        """Whether inputs are standardized before anything else."""
        return self.normalization == "input"

    def normalizers(self, parameters: list[np.ndarray], number: int) -> list[np.ndarray]:
        """Return the gamma and beta, and running mean and variance, of a layer; or none of them."""
        extra, hidden = parameters[len(self.weight_shapes) :], len(self.layers) - 2
        return extra[number::hidden] if number < hidden else []

    @property
    def activations(self) -> list[str | Activation]:
        """The activation of each layer of weights, the output's last."""
        return [self.activation] * (len(self.layers) - 2) + [self.output]

    @property
    def patterns_per_update(self) -> int:
        """The batch size as a number."""
        return len(self.data) if self.batch_size == "full" else int(self.batch_size)

    def samples_in(self, updates: int) -> int:
        """Return how many patterns take part in so many updates, repetitions counted."""
        epochs, begun = divmod(updates, self.updates_per_epoch)
        return epochs * len(self.data) + begun * self.patterns_per_update

    @property
    def updates_per_epoch(self) -> int:
        """Weight updates in a complete pass through the data; the last batch may be smaller."""
        return -(-len(self.data) // self.patterns_per_update)

    def __repr__(self) -> str:
        changed = [
            f"{name}={self.data.code if name == 'data' else repr(getattr(self, name))}"
            for name in FIELDS
            if getattr(self, name) != getattr(_ARTICLE, name)
        ]
        return f"nnlab.Experiment({', '.join(changed)})"

    def _keep(self, **values: Any) -> None:
        """Hold the plain value that a check has returned, in place of what was given."""
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else

    def _check_data_and_layers(self) -> None:
        data = checks.instance("data", self.data, Dataset)
        layers = checks.row("layers", self.layers, _units, "whole numbers")
        ends = (data.inputs.shape[1], data.targets.shape[1])
        if len(layers) < 2 or (layers[0], layers[-1]) != ends:
            raise ValueError(
                f"layers must run from the data's {ends[0]} inputs to its {ends[1]} outputs, "
                f"as in {(ends[0], 5, ends[1])}; got {layers!r}"
            )
        self._keep(layers=layers)
        weights = sum(rows * columns for rows, columns in self.weight_shapes)
        if weights > _MOST_WEIGHTS:
            raise ValueError(
                f"layers must have at most {_MOST_WEIGHTS:,} weights between them; "
                f"got {checks.shown(layers)}, which have {weights:,}"
            )

    def _check_learning_rate(self) -> None:
        rate = self.learning_rate
        if isinstance(rate, Schedule):
            return
        if not checks.is_row(rate):
            self._keep(learning_rate=_rate("learning_rate", rate))
            return
        rates = checks.row("learning_rate", rate, _rate, "numbers")
        if len(rates) != len(self.weight_shapes):
            raise ValueError(
                f"learning_rate as a tuple must hold {len(self.weight_shapes)} numbers, one a "
                f"layer of weights; got {rates!r}"
            )
        self._keep(learning_rate=rates)

    def _check_names(self) -> None:
        named: dict[str, Any] = {"init": INITIALIZERS, "activation": ACTIVATIONS}
        named |= {"optimizer": OPTIMIZERS, "normalization": NORMALIZATIONS}
        kinds: dict[str, Any] = {"init": Start, "optimizer": Optimizer, "activation": Activation}
        for name, names in (named | {"loss": LOSSES, "output": OUTPUTS}).items():
            if not isinstance(value := getattr(self, name), kind := kinds.get(name, ())):
                own = kind and callable(value)  # a function of the reader's
                make = Initializer if name == "init" else kind
                self._keep(**{name: make(value) if own else checks.choice(name, value, names)})

    def _check_numbers(self) -> None:
        patterns, most = len(self.data), checks.MOST_UPDATES
        size = checks.plain(self.batch_size)
        if isinstance(size, str):
            size = checks.choice("batch_size, if not a whole number,", size, ["full"])
        else:
            size = checks.whole_number("batch_size", size, at_least=1, at_most=patterns)
        self._keep(
            batch_size=size,
            weight_decay=checks.number("weight_decay", self.weight_decay, at_least=0.0),
            dropout=checks.number("dropout", self.dropout, at_least=0.0, below=1.0),
            tolerance=checks.number("tolerance", self.tolerance, at_least=0.0),
            max_updates=checks.whole_number(
                "max_updates", self.max_updates, at_least=1, at_most=most
            ),
            init_seed=checks.seed("init_seed", self.init_seed),
            shuffle=checks.flag("shuffle", self.shuffle),
            order_seed=checks.seed("order_seed", self.order_seed),
        )
        if self.dropout > 0.0 and len(self.layers) < 3:
            raise ValueError(
                f"dropout leaves out hidden units and needs a hidden layer; got {self.dropout!r} "
                f"with layers {self.layers!r}"
            )

    def _check_loss(self) -> None:
        targets = self.data.targets
        if self.output == "softmax" and targets.shape[1] < 2:
            raise ValueError(
                "output 'softmax' shares 1 out among outputs, so it needs at least 2: a single "
                "one would always be 1; use 'sigmoid'"
            )
        if self.loss != "cross_entropy":
            return
        if self.output not in ("sigmoid", "softmax"):
            raise ValueError(
                "loss 'cross_entropy' takes outputs for probabilities, so output must be 'sigmoid' "
                f"or 'softmax'; got {self.output!r}"
            )
        if targets.min() < 0.0 or targets.max() > 1.0:
            raise ValueError(
                "loss 'cross_entropy' needs targets between 0 and 1, as they are probabilities; "
                f"got {targets.min():g} to {targets.max():g}"
            )
        away = np.abs(targets.sum(axis=1) - 1.0)
        rounding = targets.shape[1] * float(np.finfo(np.float32).eps)  # often made in float32
        if self.output == "softmax" and away.max() > rounding:
            row = int(away.argmax())
            raise ValueError(
                "loss 'cross_entropy' with output 'softmax' needs targets that sum to 1 in each "
                f"row; got {targets[row]} in row {row}"
            )

    def _check_normalization(self) -> None:
        if self.standardizes and not np.isfinite(self.data.scale).all():
            raise ValueError(
                "normalization 'input' divides by the inputs' standard deviations, and those of "
                f"data {self.data!r} are too large for a number; scale them down"
            )
        if self.normalization not in AXES:
            return
        hidden, name = self.layers[1:-1], self.normalization
        if not hidden:
            raise ValueError(
                f"normalization {name!r} acts on hidden layers, but layers {self.layers!r} has none"
            )
        if name == "layer" and min(hidden) == 1:
            raise ValueError(
                "normalization 'layer' takes the mean over a layer's units, so a hidden layer of "
                f"one unit would always give 0; got layers {self.layers!r}"
            )
        size, patterns = self.patterns_per_update, len(self.data)
        if name == "batch" and size == 1:
            raise ValueError(
                "normalization 'batch' takes the mean over a batch, so with a batch_size of 1 "
                "every sum would become 0; use a larger batch_size, or 'layer'"
            )
        if name == "batch" and patterns % size == 1:
            raise ValueError(
                "normalization 'batch' takes the mean over a batch, but a batch_size of "
                f"{size} leaves a last batch of 1 of the {patterns} patterns; use another one"
            )


_units = partial(checks.whole_number, at_least=1, at_most=_MOST_UNITS)
_rate = partial(checks.number, above=0.0)
FIELDS: tuple[str, ...] = tuple(item.name for item in dataclasses.fields(Experiment))
_ARTICLE = Experiment()
