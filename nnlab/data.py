"""Data: patterns to learn, patterns held out, and the way from class labels to targets."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.rules.elementary import total
from nnlab.rules.random import Stream

_ONE_COLUMN = "reshape(-1, 1) makes one column of it"
_ONE_ROW = "reshape(1, -1) makes one pattern of it, reshape(-1, 1) patterns of one input"
_REMEDIES = {
    "inputs": _ONE_ROW,
    "targets": f"{_ONE_COLUMN}; of class labels, Dataset.from_labels makes targets",
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Patterns to learn: inputs and the outputs wanted for them.

    Lists of lists, arrays and pandas objects are taken alike; they are copied, and read-only.

    Args:
        inputs: array of shape (patterns, n_in), finite.
        targets: array of shape (patterns, n_out), finite; see ``from_labels`` for class labels.
        name: how the set is called in figures and, if it can be the name of a variable, in an
            experiment's repr, which is the line of code that rebuilds it where that variable
            exists. A set that nnlab makes stands there as the call that makes it.
        validation_inputs: array of shape (held-out patterns, n_in): patterns that training never
            sees, for ``History.validation_loss``; or None.
        validation_targets: array of shape (held-out patterns, n_out), or None.
        classes: what the classes are called: one name a column of targets, of a single column the
            names of its lower and its upper value; or none.

    Raises:
        TypeError, ValueError: naming the field: if an array is empty, not two-dimensional or holds
            anything but finite numbers, if inputs and targets have different numbers of rows, or
            if what is held out has other columns.
    """

    inputs: np.ndarray
    targets: np.ndarray
    name: str = "data"
    validation_inputs: np.ndarray | None = None
    validation_targets: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    _call: str = field(default="", init=False)
    _numbers: tuple[int, ...] = field(default=(), init=False)  # of reordered patterns

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(
                f"name must be text; got {checks.shown(self.name)}; what is held out is given as "
                "validation_inputs=... and validation_targets=..."
            )
        object.__setattr__(self, "name", checks.text("name", self.name))
        self._freeze_pair("inputs", "targets")
        if self.validation_inputs is not None or self.validation_targets is not None:
            self._freeze_pair("validation_inputs", "validation_targets")
            self._check_columns()
        self._check_classes()

    def _freeze_pair(self, *names: str) -> None:
        for name in names:
            remedy = _REMEDIES[name.removeprefix("validation_")]
            object.__setattr__(self, name, checks.table(name, getattr(self, name), remedy))
        rows = [len(getattr(self, name)) for name in names]
        if rows[0] != rows[1]:
            raise ValueError(
                f"{names[0]} and {names[1]} must have the same number of rows; "
                f"got {rows[0]} and {rows[1]}"
            )

    def _check_columns(self) -> None:
        for name in ("inputs", "targets"):
            ours, held_out = getattr(self, name), getattr(self, f"validation_{name}")
            if ours.shape[1] != held_out.shape[1]:
                raise ValueError(
                    f"validation_{name} must have {ours.shape[1]} columns, as {name} has; "
                    f"got {held_out.shape[1]}"
                )

    def _check_classes(self) -> None:
        classes = checks.row("classes", self.classes, checks.text, "names", most=10_000)
        columns = self.targets.shape[1]
        if len(classes) not in (0, max(columns, 2)) or len(set(classes)) < len(classes):
            raise ValueError(
                f"classes must be {max(columns, 2)} different names for {columns} "
                f"column{'s' * (columns > 1)} of targets; got {checks.shown(classes)}"
            )
        object.__setattr__(self, "classes", classes)

    @classmethod
    def from_labels(
        cls, inputs: Any, labels: Any, *, name: str = "data", held_out: float = 0.0, seed: int = 0
    ) -> Dataset:
        """Return a set whose targets stand for classes: 0 and 1 of two, one-hot rows of more.

        Args:
            inputs: as for ``Dataset``, shape (patterns, n_in).
            labels: one a pattern: text, whole numbers or booleans. Classes are in the labels'
                order, those of a pandas categorical in its own.
            name: as for ``Dataset``.
            held_out: share of every class that is held out for validation, below 1.
            seed: of the choice of what is held out.

        Raises:
            TypeError, ValueError: naming the argument, if there are not at least two classes, if
                labels are missing or numbers with a fraction, or if ``held_out`` is too little or
                too much for the smallest class.
        """
        matrix, (codes, classes) = checks.table("inputs", inputs, _ONE_ROW), _coded(labels)
        if len(codes) != len(matrix):
            raise ValueError(
                "inputs and labels must have the same number of rows; "
                f"got {len(matrix)} and {len(codes)}"
            )
        targets = np.eye(len(classes))[codes] if len(classes) > 2 else 1.0 * codes[:, np.newaxis]
        if not checks.number("held_out", held_out, at_least=0.0, below=1.0):
            return cls(matrix, targets, name, classes=classes)
        out = _chosen(codes, checks.number("held_out", held_out), checks.seed("seed", seed))
        return cls(matrix[~out], targets[~out], name, matrix[out], targets[out], classes)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def is_classification(self) -> bool:
        """Whether targets are classes: a 1 among others that are all 0, or all -1, in each row.

        In a single column, 0 and 1 or -1 and 1.
        """
        return self._other_value is not None

    def class_of(self, outputs: np.ndarray) -> np.ndarray:
        """Return the class that outputs or targets (..., n_out) stand for, numbered from 0.

        That of the largest one; of a single one, whether it is beyond the middle of its two values.
        """
        if self.targets.shape[1] > 1:
            return outputs.argmax(axis=-1)
        middle = 0.5 if self._other_value is None else (1.0 + self._other_value) / 2.0
        return (outputs[..., 0] > middle).astype(np.int64)

    @cached_property
    def _other_value(self) -> float | None:
        """What targets are where they are not 1, if they stand for classes."""
        targets = self.targets
        if self.validation_targets is not None:
            targets = np.concatenate([targets, self.validation_targets])
        for other in (0.0, -1.0):
            if np.isin(targets, (other, 1.0)).all() and (
                targets.shape[1] == 1 or ((targets == 1.0).sum(axis=1) == 1).all()
            ):
                return other
        return None

    @property
    def labels(self) -> list[str]:
        """One short name a pattern: its number and, for binary inputs, its bits (``tr:1 101``)."""
        binary = np.isin(self.inputs, (0.0, 1.0)).all()
        bits = ["".join(f"{bit:.0f}" for bit in row) if binary else "" for row in self.inputs]
        return [f"tr:{self.number(row)} {pattern}".rstrip() for row, pattern in enumerate(bits)]

    def number(self, row: int) -> int:
        """Return the number that a row's pattern goes by, in its label and its colour."""
        return self._numbers[row] if self._numbers else row

    def reordered(self, order: Sequence[int]) -> Dataset:
        """Return the same patterns in another order; each keeps its number, label and colour.

        Args:
            order: the row of this set that comes first, second and so on; each row once.
        """
        entry = partial(checks.whole_number, at_least=0, at_most=len(self) - 1)
        rows = checks.row("order", order, entry, "whole numbers", most=len(self))
        if sorted(rows) != list(range(len(self))):
            raise ValueError(
                f"order must hold each of 0 to {len(self) - 1} once; got {checks.shown(order)}"
            )
        chosen = list(rows)
        held_out = self.validation_inputs, self.validation_targets
        data = Dataset(
            self.inputs[chosen], self.targets[chosen], self.name, *held_out, self.classes
        )
        call = f"{self._call}.reordered({chosen})" if self._call else ""
        object.__setattr__(data, "_call", call)
        object.__setattr__(data, "_numbers", tuple(self.number(row) for row in chosen))
        return data

    def standardize(self, inputs: np.ndarray) -> np.ndarray:
        """Return inputs less this set's means, over its standard deviations.

        As scikit-learn's StandardScaler: the deviation is the population's (divided by n), and a
        column that is constant up to rounding is only moved.
        """
        mean, deviation = self.scale
        return (inputs - mean) / deviation

    @cached_property
    def scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Means and standard deviations of the inputs' columns; a deviation of rounding is 1."""
        rows, rounding = len(self.inputs), np.finfo(np.float64).eps
        with np.errstate(over="ignore", invalid="ignore"):
            mean = total(self.inputs, 0)[0] / rows
            variance = total((self.inputs - mean) ** 2, 0)[0] / rows
            constant = variance <= rows * rounding * variance + (rows * mean * rounding) ** 2
        return mean, np.where(constant, 1.0, np.sqrt(variance))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Any, ...]:
        # Plain unpickling would give writable arrays: no longer frozen, and to Numba another type.
        given = tuple(getattr(self, item.name) for item in fields(self) if item.init)
        return type(self), given, {"_call": self._call, "_numbers": self._numbers}

    def __repr__(self) -> str:
        shapes = f"inputs {self.inputs.shape}, targets {self.targets.shape}"
        return self._call or f"<Dataset {self.name!r}: {shapes}>"

    @property
    def code(self) -> str:
        """What stands for this set in a line of code: the call that makes it, or a variable.

        That is called as the set is or, if no variable can be, ``data``.
        """
        taken = not self.name.isidentifier() or keyword.iskeyword(self.name) or self.name == "nnlab"
        return self._call or ("data" if taken else self.name)

    @property
    def _key(self) -> tuple[Any, ...]:
        arrays = (self.inputs, self.targets, self.validation_inputs, self.validation_targets)
        parts = [(each.shape, each.tobytes()) for each in arrays if each is not None]
        return (self.name, self.classes, self._numbers, *parts)


def _coded(labels: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return each label's number, from 0, and the names of the classes in that order."""
    raw = checks.column("labels", labels)
    categories = getattr(getattr(labels, "cat", labels), "categories", None)  # of pandas
    values = [checks.plain(each) for each in raw]
    if all(isinstance(value, float) and value.is_integer() for value in values):
        values = [int(value) for value in values]  # a table of numbers holds its classes as floats
    kinds = {type(value) for value in values}
    if len(kinds) > 1 or not kinds <= {str, int, bool}:
        odd = [value for value in values if type(value) not in (str, int, bool)]
        strange = (odd or [value for value in values if type(value) is not type(values[0])])[0]
        raise TypeError(
            "labels must be all text, all whole numbers or all booleans; "
            f"got {checks.shown(strange)}; numbers to be approximated are targets of a Dataset"
        )
    found = set(values)
    order = sorted(found) if categories is None else [checks.plain(each) for each in categories]
    classes = [value for value in order if value in found]
    if len(classes) < 2:
        raise ValueError(f"labels must name at least two classes; got {checks.shown(classes)}")
    numbers = {value: number for number, value in enumerate(classes)}
    return np.array([numbers[value] for value in values]), tuple(map(str, classes))


def _chosen(codes: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Choose that share of each class by chance; return who is chosen, shape (patterns,)."""
    keys, out = Stream(seed).random(len(codes)), np.zeros(len(codes), dtype=bool)
    for code in range(codes.max() + 1):
        members = np.flatnonzero(codes == code)
        count = round(share * len(members))
        if not 0 < count < len(members):
            raise ValueError(
                f"held_out must leave some of each class on either side; got {share!r}, which is "
                f"{count} of a class of {len(members)}"
            )
        out[members[np.argsort(keys[members], kind="stable")[:count]]] = True
    return out
