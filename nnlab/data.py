"""Training data: a frozen pair of arrays, and the article's six patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Dataset:
    """Patterns to learn: inputs and the outputs wanted for them.

    Args:
        inputs: array of shape (patterns, n_in), finite.
        targets: array of shape (patterns, n_out), finite.
        name: how the set is called in figures; a set that a function of nnlab makes carries that
            call, for example ``"nnlab.parity()"``, so that an experiment's repr can rebuild it.

    Raises:
        ValueError: if an array is empty, not two-dimensional or holds NaN or infinity, or if the
            two have different numbers of rows.
    """

    inputs: np.ndarray
    targets: np.ndarray
    name: str = "data"

    def __post_init__(self) -> None:
        for field in ("inputs", "targets"):
            object.__setattr__(self, field, _frozen_matrix(field, getattr(self, field)))
        if len(self.inputs) != len(self.targets):
            raise ValueError(
                f"inputs and targets must have the same number of rows; "
                f"got {len(self.inputs)} and {len(self.targets)}"
            )

    def __len__(self) -> int:
        return len(self.inputs)

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
        return type(self), (self.inputs, self.targets, self.name)

    def __repr__(self) -> str:
        if self.name.endswith(")"):
            return self.name
        shapes = f"inputs {self.inputs.shape}, targets {self.targets.shape}"
        return f"<Dataset {self.name!r}: {shapes}>"

    @property
    def _key(self) -> tuple[Any, ...]:
        return (
            self.name,
            self.inputs.shape,
            self.inputs.tobytes(),
            self.targets.shape,
            self.targets.tobytes(),
        )


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
