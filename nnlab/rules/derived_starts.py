"""Starts made from other starts: a little moved, or with units tied to one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnlab import checks
from nnlab.rules.initializers import INITIALIZERS, Initializer, Start
from nnlab.rules.random import Stream

_MOST_UNITS = 10**6


class Derived(Start):
    """A start made from another one, its field ``init``."""

    init: str | Start

    @property
    def uses_seed(self) -> bool:
        """Whether another seed gives other weights."""
        return self._other.uses_seed

    @property
    def _other(self) -> Start:
        return self.init if isinstance(self.init, Start) else Initializer(self.init)

    def _check_init(self) -> None:
        if not isinstance(self.init, Start):
            object.__setattr__(self, "init", checks.choice("init", self.init, INITIALIZERS))


@dataclass(frozen=True, repr=False)
class Nudged(Derived):
    """Another start's weights, every one or a single one of them moved a little.

    ``article.replace(init=Nudged("alternating", 1e-6), init_seed=3)`` adds noise to the article's
    start; ``Nudged("alternating", 1e-6, place=(0, 3, 1))`` adds 1e-6 to ``W[0][3, 1]`` alone.

    Args:
        init: the other start, a name in ``INITIALIZERS`` or a ``Start``.
        size: standard deviation of the Gaussian noise, or what is added to the one weight.
        place: (layer, row, column) of that weight; None means noise on all of them, which the
            experiment's ``init_seed`` decides.
    """

    init: str | Start
    size: float
    place: tuple[int, int, int] | None = None

    def __post_init__(self) -> None:
        self._check_init()
        object.__setattr__(self, "size", checks.number("size", self.size))
        if self.place is not None:
            place = checks.row("place", self.place, _whole(at_least=0), "whole numbers")
            if len(place) != 3:
                raise ValueError(f"place must be (layer, row, column); got {place!r}")
            object.__setattr__(self, "place", place)

    @property
    def uses_seed(self) -> bool:
        """Whether another seed gives other weights."""
        return self.place is None or self._other.uses_seed

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Return the other start's weights, nudged.

        Raises:
            ValueError: if there is no weight at ``place``.
        """
        weights = self._other.weights(shapes, seed)
        if self.place is None:
            rng = Stream(seed, 1)  # not the other start's own random numbers
            return [each + self.size * rng.standard_normal(each.shape) for each in weights]
        layer, row, column = self.place
        try:
            weights[layer][row, column] += self.size
        except IndexError:
            raise ValueError(
                f"place must be a weight of {list(shapes)}; got {self.place!r}"
            ) from None
        return weights

    def __repr__(self) -> str:
        place = "" if self.place is None else f", place={self.place!r}"
        return f"nnlab.Nudged({self.init!r}, {self.size!r}{place})"


@dataclass(frozen=True, repr=False)
class Tied(Derived):
    """Another start's weights, with units of the first hidden layer copied or mirrored.

    ``Tied("gaussian", (1, 2, 1, 2, 1))`` makes units 3 and 5 copies of unit 1, and 4 one of 2.
    ``Tied("gaussian", (1, -1, 1, -1, 1))`` makes units 2 and 4 mirror images of unit 1: all of
    their weights, incoming and outgoing, have the opposite sign, as in the article's start.

    Args:
        init: the other start, a name in ``INITIALIZERS`` or a ``Start``.
        units: for each hidden unit the one that it is like, counted from 1; negative for its
            mirror image.
    """

    init: str | Start
    units: tuple[int, ...]

    def __post_init__(self) -> None:
        self._check_init()
        units = checks.row("units", self.units, _whole(at_least=-_MOST_UNITS), "whole numbers")
        count = len(units)
        if not units or not all(1 <= abs(unit) <= count for unit in units):
            raise ValueError(f"units must be 1 to {count} or -1 to {-count}; got {units!r}")
        object.__setattr__(self, "units", units)

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Return the other start's weights, units tied.

        Raises:
            ValueError: if the first hidden layer has another number of units.
        """
        weights = self._other.weights(shapes, seed)
        if len(shapes) < 2 or shapes[0][1] != len(self.units):
            raise ValueError(
                f"units must name one unit each of a first hidden layer of {len(self.units)}; "
                f"got weights of shapes {list(shapes)}"
            )
        like, sign = np.abs(self.units) - 1, np.sign(self.units)
        weights[0] = weights[0][:, like] * sign
        weights[1][:-1] = weights[1][like] * sign[:, np.newaxis]
        return weights

    def __repr__(self) -> str:
        return f"nnlab.Tied({self.init!r}, {self.units!r})"


def _whole(at_least: int) -> Callable[[str, object], int]:
    return lambda field, value: checks.whole_number(field, value, at_least=at_least)
