"""A start that is nearly another start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnlab import checks
from nnlab.initializers import Initializer, Start


@dataclass(frozen=True, repr=False)
class Nudged(Start):
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
        if not isinstance(self.init, str | Start):
            raise TypeError(f"init must be a name or a Start; got {self.init!r}")
        if isinstance(self.init, str):
            Initializer(self.init)  # refuses names that are not there
        object.__setattr__(self, "size", checks.number("size", self.size))

    @property
    def uses_seed(self) -> bool:
        """Whether another seed gives other weights."""
        return self.place is None or self._start.uses_seed

    @property
    def _start(self) -> Start:
        return self.init if isinstance(self.init, Start) else Initializer(self.init)

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Return the other start's weights, nudged.

        Raises:
            ValueError: if there is no weight at ``place``.
        """
        weights = self._start.weights(shapes, seed)
        if self.place is None:
            rng = np.random.default_rng((seed, 1))  # not the other start's own random numbers
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
