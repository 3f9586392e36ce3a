"""The grid of a sweep: named axes, the experiment of every cell, and the order of work."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.data import Dataset
from nnlab.engine.lanes import LANES
from nnlab.experiment import FIELDS, Experiment
from nnlab.rules.own import Function
from nnlab.sweeps.cells import Batch

_LANES = ("init_seed", "order_seed", "learning_rate")  # in the order of work
_MOST_CELLS = 1000  # a chunk
_CHUNKS_A_CORE = 4  # or more; where that leaves cells enough, a chunk fills the engine's lanes
_MOST_IN_ALL = 10_000_000  # cells of a sweep
_CELL_BYTES = 200  # of memory, about


class Grid:
    """All experiments that differ from one in the given fields.

    The first cells to be run are those of the first seed: what differs in the learning rate alone
    lies side by side.

    Args:
        experiment: what all cells share.
        axes: for every field that varies, its values.

    Raises:
        TypeError, ValueError: if a field is unknown, an axis empty or a value not allowed.
    """

    def __init__(self, experiment: Experiment, axes: dict[str, Any]) -> None:
        checks.instance("experiment", experiment, Experiment)
        if not axes:
            raise TypeError("a sweep needs an axis, as in init_seed=range(100); got none")
        self.base = experiment
        self.axes = {name: _values(name, given) for name, given in axes.items()}
        if self.size > _MOST_IN_ALL:
            raise ValueError(_too_many(f"{self}, {self.size:,}"))
        lanes = [name for name in _LANES if self._is_lane(name)]
        self._lanes = {name: self.axes[name] for name in lanes}
        self._outer = {name: values for name, values in self.axes.items() if name not in lanes}
        first = {name: values[0] for name, values in self._lanes.items()}
        self._groups = [
            experiment.replace(**first, **dict(zip(self._outer, combination, strict=True)))
            for combination in itertools.product(*self._outer.values())
        ]
        self._settle()

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(map(len, self.axes.values()))

    @property
    def size(self) -> int:
        """Number of cells."""
        return math.prod(self.shape)

    def experiment(self, **position: Any) -> Experiment:
        """Return one cell's experiment, given the value of every axis."""
        for name in position:
            checks.choice("an axis of this sweep", name, self.axes)
        for name in self.axes:
            if name not in position:
                raise TypeError(f"{name} must be given: it is an axis of this sweep")
        return self.base.replace(
            **{name: _nearest(name, values, position[name]) for name, values in self.axes.items()}
        )

    def chunks(self, done: np.ndarray, fewest: int = 64) -> list[list[Batch]]:
        """Return what is left to do, in the order of work, cut into chunks.

        Args:
            done: (cells,) whether each has been run.
            fewest: so many chunks, or more, where there are cells enough to fill them.
        """
        left = np.flatnonzero(~done[self._work])
        if not len(left):
            return []
        for_lanes = min(LANES, math.ceil(len(left) / (_CHUNKS_A_CORE * (os.cpu_count() or 1))))
        size = min(_MOST_CELLS, max(for_lanes, math.ceil(len(left) / fewest)))
        parts = np.array_split(left, math.ceil(len(left) / size))
        return [list(self._batches(part)) for part in parts]

    def fingerprint(self) -> str:
        """Return a hash that only a sweep of the same cells has."""
        described = (_described(self.base), _described(list(self.axes.items())))
        return hashlib.sha256(repr(described).encode()).hexdigest()

    def __str__(self) -> str:
        return " × ".join(f"{name} {len(values):,}" for name, values in self.axes.items())

    def _is_lane(self, name: str) -> bool:
        """Whether cells that differ in this field alone can run as one job."""
        if name not in self.axes:
            return False
        if name != "learning_rate":
            return True
        kinds = set(map(_kind, self.axes[name]))
        norms = {self.base.normalization, *self.axes.get("normalization", [])} - {None, "input"}
        if norms and kinds != {_kind(1.0)}:
            return False  # gamma and beta have rates too, which a table of rates does not hold
        return len(kinds) == 1 and None not in kinds

    def _settle(self) -> None:
        """Check the values of lanes and keep every value as its experiment holds it."""
        for name, values in self._lanes.items():
            self.axes[name] = [_checked(name, value) for value in values]
        stride = len(self._groups)
        for name, values in self._outer.items():
            stride //= len(values)
            groups = self._groups[::stride][: len(values)]
            self.axes[name] = [getattr(group, name) for group in groups]

    @cached_property
    def _work(self) -> np.ndarray:
        """Places of all cells in the order of work: groups, then lanes."""
        names = list(self.axes)
        order = [names.index(name) for name in (*self._outer, *self._lanes)]
        return np.arange(self.size).reshape(self.shape).transpose(order).ravel()

    @cached_property
    def _rates(self) -> np.ndarray | None:
        """(values, 1), or one column a layer of weights; None if cells keep their group's."""
        if "learning_rate" not in self._lanes:
            return None
        values = self.axes["learning_rate"]
        return np.array(values, dtype=np.float64).reshape(len(values), -1)

    def _batches(self, part: np.ndarray) -> Iterator[Batch]:
        """Cut consecutive positions in the order of work into one batch a group."""
        cells = self.size // len(self._groups)  # of a group
        cuts = np.flatnonzero(np.diff(part // cells)) + 1
        for positions in np.split(part, cuts):
            group = self._groups[positions[0] // cells]
            places = self._work[positions]
            index = dict(zip(self.axes, np.unravel_index(places, self.shape), strict=True))
            seeds, order_seeds = (
                [self.axes[name][k] for k in index[name]]
                if name in self._lanes
                else [getattr(group, name)] * len(places)
                for name in ("init_seed", "order_seed")
            )
            rates = None if self._rates is None else self._rates[index["learning_rate"]]
            yield Batch(group, places, seeds, order_seeds, rates)


def _values(name: str, given: Any) -> list[Any]:
    checks.choice("an axis of a sweep", name, FIELDS)
    got = checks.shown(given)
    listed = isinstance(given, Iterable) and not isinstance(given, str | bytes)
    if not listed or getattr(given, "ndim", 1) == 0:
        raise TypeError(f"{name} must be a list of values or another iterable; got {got}")
    if isinstance(given, set | frozenset | Mapping):
        raise TypeError(f"{name} must be values in an order, as in a list; got {got}")
    values = list(itertools.islice(given, _MOST_IN_ALL + 1))  # it may have no end
    if not values:
        raise ValueError(f"{name} must have at least one value; got {got}")
    if len(values) > _MOST_IN_ALL:
        raise ValueError(_too_many(f"more values of {name}"))
    return list(map(_plain, values))


def _too_many(what: str) -> str:
    most = f"{_MOST_IN_ALL:,} cells, some {_MOST_IN_ALL * _CELL_BYTES / 1e9:g} GB of memory"
    return f"a sweep may have at most {most}; got {what}"


def _plain(value: Any) -> Any:
    """NumPy's numbers and names become Python's, lists and arrays tuples: the same in any guise."""
    if type(value) is float:
        return value
    value = checks.plain(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _nearest(name: str, values: list[Any], given: Any) -> Any:
    """Return the value of an axis that is the given one, exactly or but for rounding."""
    wanted = _plain(given)
    if wanted in values:
        return values[values.index(wanted)]
    near = [value for value in values if _differ_by_rounding(value, wanted)]
    if near:
        return min(near, key=lambda value: np.abs(np.subtract(value, wanted)).max())
    listed = checks.shown(values)
    raise ValueError(f"{name} must be one of its axis' values {listed}; got {checks.shown(given)}")


def _differ_by_rounding(some: Any, other: Any) -> bool:
    kinds = _kind(some), _kind(other)
    return None not in kinds and kinds[0] == kinds[1] and np.allclose(some, other, 1e-9, 0.0)


def _kind(rate: Any) -> tuple[type, int] | None:
    """Rates of one kind fit into one table; None for a rate that no table holds."""
    numbers = rate if isinstance(rate, tuple) else (rate,)
    kinds: set[type] = set(map(type, numbers)) - {float}
    plain = all(issubclass(kind, Real) and not issubclass(kind, bool) for kind in kinds)
    return (tuple if isinstance(rate, tuple) else float, len(numbers)) if plain else None


def _checked(name: str, value: Any) -> Any:
    if name != "learning_rate":
        return checks.seed(name, value)
    if isinstance(value, tuple):
        return tuple(checks.number(name, number, above=0.0) for number in value)
    return checks.number(name, value, above=0.0)


def _described(value: Any) -> str:
    """The value in words that differ if it does: its repr, but for data its bytes as well."""
    if isinstance(value, Dataset):
        content = hashlib.sha256(value.inputs.tobytes() + value.targets.tobytes()).hexdigest()
        return f"{value!r} {value.inputs.shape} {value.targets.shape} {content}"
    if isinstance(value, Function):
        return value.key
    if dataclasses.is_dataclass(value):
        items = [(item.name, getattr(value, item.name)) for item in dataclasses.fields(value)]
        return f"{type(value).__name__}({_described(items)})"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_described, value))}]"
    return repr(_plain(value))
