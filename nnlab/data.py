"""Data: patterns to learn and held out; the article's six, a ravine, 2-D sets and digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nnlab import checks

_MOONS_CENTRE = np.array([[0.5], [0.25]])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Patterns to learn: inputs and the outputs wanted for them.

    Args:
        inputs: array of shape (patterns, n_in), finite.
        targets: array of shape (patterns, n_out), finite.
        name: how the set is called in figures; a set that a function of nnlab makes carries that
            call, for example ``"nnlab.parity()"``, so that an experiment's repr can rebuild it.
        validation_inputs: array of shape (held-out patterns, n_in): patterns that training never
            sees, for ``History.validation_loss``; or None.
        validation_targets: array of shape (held-out patterns, n_out), or None.

    Raises:
        ValueError: if an array is empty, not two-dimensional or holds NaN or infinity, if inputs
            and targets have different numbers of rows, or if what is held out has other columns.
    """

    inputs: np.ndarray
    targets: np.ndarray
    name: str = "data"
    validation_inputs: np.ndarray | None = None
    validation_targets: np.ndarray | None = None

    def __post_init__(self) -> None:
        self._freeze_pair("inputs", "targets")
        if self.validation_inputs is None and self.validation_targets is None:
            return
        self._freeze_pair("validation_inputs", "validation_targets")
        for field in ("inputs", "targets"):
            ours, held_out = getattr(self, field), getattr(self, f"validation_{field}")
            if ours.shape[1] != held_out.shape[1]:
                raise ValueError(
                    f"validation_{field} must have {ours.shape[1]} columns, as {field} has; "
                    f"got {held_out.shape[1]}"
                )

    def _freeze_pair(self, *fields: str) -> None:
        for field in fields:
            object.__setattr__(self, field, _frozen_matrix(field, getattr(self, field)))
        rows = [len(getattr(self, field)) for field in fields]
        if rows[0] != rows[1]:
            raise ValueError(
                f"{fields[0]} and {fields[1]} must have the same number of rows; "
                f"got {rows[0]} and {rows[1]}"
            )

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def is_classification(self) -> bool:
        """Whether targets are classes: one-hot rows, or 0 and 1 in a single column."""
        if not np.isin(self.targets, (0.0, 1.0)).all():
            return False
        return self.targets.shape[1] == 1 or bool((self.targets.sum(axis=1) == 1.0).all())

    @property
    def labels(self) -> list[str]:
        """One short name a pattern: its number and, for binary inputs, its bits (``tr:1 101``)."""
        binary = np.isin(self.inputs, (0.0, 1.0)).all()
        bits = ["".join(f"{bit:.0f}" for bit in row) if binary else "" for row in self.inputs]
        return [f"tr:{number} {pattern}".rstrip() for number, pattern in enumerate(bits)]

    def standardize(self, inputs: np.ndarray) -> np.ndarray:
        """Return inputs less this set's means, over its standard deviations; one of 0 counts as 1.

        The deviation is the population's (divided by n), as scikit-learn's StandardScaler takes it.
        """
        mean, deviation = self._scale
        return (inputs - mean) / deviation

    @cached_property
    def _scale(self) -> tuple[np.ndarray, np.ndarray]:
        deviation = self.inputs.std(axis=0)
        constant = self.inputs.min(axis=0) == self.inputs.max(axis=0)
        return self.inputs.mean(axis=0), np.where(constant, 1.0, deviation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Any, ...]:
        # Plain unpickling would give writable arrays: no longer frozen, and to Numba another type.
        held_out = (self.validation_inputs, self.validation_targets)
        return type(self), (self.inputs, self.targets, self.name, *held_out)

    def __repr__(self) -> str:
        if self.name.endswith(")"):
            return self.name
        shapes = f"inputs {self.inputs.shape}, targets {self.targets.shape}"
        return f"<Dataset {self.name!r}: {shapes}>"

    @property
    def _key(self) -> tuple[Any, ...]:
        arrays = (self.inputs, self.targets, self.validation_inputs, self.validation_targets)
        parts = [(each.shape, each.tobytes()) for each in arrays if each is not None]
        return (self.name, *parts)


def parity() -> Dataset:
    """Return the article's six patterns of 3-bit parity, in its order.

    The target is 1 where the number of ones is odd. The article's text says "even"; with swapped
    targets and every sign of the output weights' start flipped, a run is the mirror image of
    this one, with the same counts.

    Returns:
        Inputs of shape (6, 3) and targets of shape (6, 1).
    """
    bits = ["000", "101", "110", "100", "001", "111"]
    inputs = np.array([[float(bit) for bit in pattern] for pattern in bits])
    return Dataset(inputs, inputs.sum(axis=1, keepdims=True) % 2, name="nnlab.parity()")


def ravine(angle: float = 0.0) -> Dataset:
    """Return two points on a line, which one linear neuron is to learn: its loss is a ravine.

    The mean squared-error loss of a network of ``layers=(1, 1)`` and ``output="linear"`` over its
    weight and bias is k/2 · (x²/20 + y²), where x is the distance from the minimum along the
    ravine, y the distance across it, and k makes the curvature along the bias 1. An input of small
    scale gives a ravine along the weight; a mean away from 0 turns it.

    Args:
        angle: between the ravine and the axis of the weight, 0 to 90 degrees.

    Returns:
        Inputs and targets of shape (2, 1). From the article's start, weight -1 and bias +1, the
        minimum is 7 away along the ravine and 2 across it, at weight 6 and bias -1 for angle 0.
    """
    checks.number("angle", angle, at_least=0.0)
    if angle > 90.0:
        raise ValueError(f"angle must be at most 90; got {angle!r}")
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    flatness = 1.0 / 20.0
    k = 1.0 / (flatness * sine**2 + cosine**2)
    mean = k * (1.0 - flatness) * sine * cosine
    deviation = np.sqrt(k * (flatness * cosine**2 + sine**2) - mean**2)
    along, across = np.array([cosine, -sine]), np.array([sine, cosine])
    weight, bias = np.array([-1.0, 1.0]) + 7.0 * along - 2.0 * across
    inputs = mean + deviation * np.array([[-1.0], [1.0]])
    return Dataset(inputs, weight * inputs + bias, f"nnlab.ravine({angle:g})")


def circles(patterns: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two rings around the origin, of radius 1/2 (target 1) and 1 (target 0).

    Args:
        patterns: how many to learn, an even number; as many others are held out.
        noise: standard deviation of what is added to both coordinates.
        seed: of the random numbers.

    Returns:
        Inputs of shape (patterns, 2) and targets of shape (patterns, 1), the classes in turn.
    """

    def points(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
        angle = rng.uniform(0.0, 2.0 * np.pi, len(kind))
        return (1.0 - 0.5 * kind) * np.array([np.cos(angle), np.sin(angle)])

    return _plane("circles", points, patterns, noise, seed)


def moons(patterns: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two half circles, each with its end inside the other; as for ``circles``."""

    def points(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
        angle, side = rng.uniform(0.0, np.pi, len(kind)), 1.0 - 2.0 * kind
        return (
            np.array([side * np.cos(angle) + kind, side * np.sin(angle) + 0.5 * kind])
            - _MOONS_CENTRE
        )

    return _plane("moons", points, patterns, noise, seed)


def spirals(patterns: int = 200, noise: float = 0.05, seed: int = 0, turns: float = 1.5) -> Dataset:
    """Return two arms that wind around the origin so many turns; as for ``circles``."""
    checks.number("turns", turns, above=0.0)

    def points(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
        way = np.sqrt(rng.uniform(0.01, 1.0, len(kind)))  # evenly along the arm, about
        angle = 2.0 * np.pi * turns * way + np.pi * kind
        return way * np.array([np.cos(angle), np.sin(angle)])

    return _plane("spirals", points, patterns, noise, seed, turns=turns)


def digits(seed: int = 0) -> Dataset:
    """Return 1,797 handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak 1998, UCI).

    They come with scikit-learn. A fifth, 360, is held out, with every digit in its due share.

    Args:
        seed: of the split.

    Returns:
        Inputs of shape (1437, 64), ink from 0 to 1, and one-hot targets of shape (1437, 10).
    """
    from sklearn.datasets import load_digits  # costs a second: only those pay who want digits
    from sklearn.model_selection import train_test_split

    checks.whole_number("seed", seed, at_least=0)
    inputs, classes = load_digits(return_X_y=True)
    parts = train_test_split(
        inputs / 16.0, np.eye(10)[classes], test_size=360, random_state=seed, stratify=classes
    )
    return Dataset(parts[0], parts[2], f"nnlab.digits(seed={seed})", parts[1], parts[3])


def _plane(
    kind_of_set: str,
    points: Callable[[np.random.Generator, np.ndarray], np.ndarray],
    patterns: int,
    noise: float,
    seed: int,
    **shape: float,
) -> Dataset:
    """Draw patterns to learn and as many to hold out; ``points`` returns (2, patterns)."""
    checks.whole_number("patterns", patterns, at_least=2)
    if patterns % 2:
        raise ValueError(f"patterns must be even, half of each class; got {patterns!r}")
    checks.number("noise", noise, at_least=0.0)
    checks.whole_number("seed", seed, at_least=0)
    rng = np.random.default_rng(seed)
    classes = np.arange(2 * patterns) % 2.0
    inputs = points(rng, classes).T + noise * rng.standard_normal((2 * patterns, 2))
    given = {"patterns": patterns, "noise": noise, "seed": seed, **shape}
    call = ", ".join(f"{name}={value!r}" for name, value in given.items())
    targets = classes[:, np.newaxis]
    learned, held_out = slice(patterns), slice(patterns, None)
    return Dataset(
        inputs[learned],
        targets[learned],
        f"nnlab.{kind_of_set}({call})",
        inputs[held_out],
        targets[held_out],
    )


def _frozen_matrix(field: str, values: Any) -> np.ndarray:
    """A read-only float64 copy, so that nobody can change the data under a finished run."""
    try:
        matrix = np.array(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{field} must be a matrix of numbers; {error}") from None
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(
            f"{field} must be a matrix with at least one row and one column; "
            f"got shape {matrix.shape}"
        )
    if not np.isfinite(matrix).all():
        row = int(np.argmin(np.isfinite(matrix).all(axis=1)))
        raise ValueError(f"{field} must be finite; got {matrix[row]} in row {row}")
    matrix.flags.writeable = False
    return matrix
