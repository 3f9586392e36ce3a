"""Initial weights: the numbers that learning starts from.

``zeros``, ``constant``, ``alternating``, ``uniform`` and ``gaussian`` fill the whole matrix: to the
article a bias is one more weight, on an input that is always 1. The starts that theory derives
(Xavier, He, LeCun, orthogonal) fill the weights and set the bias row to 0; their fans
don't count the bias, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnlab import checks
from nnlab.rules.elementary import total
from nnlab.rules.own import Function, own
from nnlab.rules.random import Stream

Fill = Callable[[Stream, int, int], np.ndarray]


def zeros(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """All weights 0."""
    return np.zeros((n_in + 1, n_out))


def constant(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """All weights 1."""
    return np.ones((n_in + 1, n_out))


def alternating(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """-1, +1, -1, ... row by row, from -1 in each matrix: the article's start."""
    signs = np.arange((n_in + 1) * n_out) % 2
    return (2.0 * signs - 1.0).reshape(n_in + 1, n_out)


def uniform(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Uniform between -1 and 1."""
    return rng.uniform(-1.0, 1.0, (n_in + 1, n_out))


def gaussian(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Normal with mean 0 and standard deviation 1."""
    return rng.standard_normal((n_in + 1, n_out))


def xavier_uniform(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Uniform with variance 2 / (n_in + n_out) (Glorot and Bengio 2010)."""
    return _zero_bias(_uniform(rng, n_in, n_out, glorot_variance(n_in, n_out)))


def xavier_normal(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Normal with variance 2 / (n_in + n_out) (Glorot and Bengio 2010)."""
    return _zero_bias(_normal(rng, n_in, n_out, glorot_variance(n_in, n_out)))


def he_uniform(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Uniform with variance 2 / n_in (He et al. 2015)."""
    return _zero_bias(_uniform(rng, n_in, n_out, he_variance(n_in, n_out)))


def he_normal(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Normal with variance 2 / n_in (He et al. 2015)."""
    return _zero_bias(_normal(rng, n_in, n_out, he_variance(n_in, n_out)))


def lecun_normal(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Normal with variance 1 / n_in (LeCun et al. 1998)."""
    return _zero_bias(_normal(rng, n_in, n_out, lecun_variance(n_in, n_out)))


def orthogonal(rng: Stream, n_in: int, n_out: int) -> np.ndarray:
    """Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014)."""
    columns = rng.standard_normal((max(n_in, n_out), min(n_in, n_out)))
    q = _orthonormal(_orthonormal(columns))  # the second time removes what rounding left
    return _zero_bias(q if n_in >= n_out else q.swapaxes(-1, -2))


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """Return the columns, each less its part along those before it and brought to length 1.

    That is Gram's and Schmidt's way in its modified form. LAPACK's QR would add in an order that
    another machine may change.
    """
    q = columns.copy()
    for j in range(q.shape[-1]):
        column = q[..., j : j + 1]
        column /= np.sqrt(total(column * column, axis=-2))
        later = q[..., j + 1 :]
        later -= column * total(column * later, axis=-2)
    return q


def glorot_variance(n_in, n_out):
    """Neither activations nor slopes grow, on the mean of the two (Glorot and Bengio 2010)."""
    return 2.0 / (n_in + n_out)


def he_variance(n_in, n_out):
    """Activations don't grow although ReLU halves them (He et al. 2015)."""
    return 2.0 / n_in


def lecun_variance(n_in, n_out):
    """Sums have the variance of the inputs (LeCun et al. 1998)."""
    return 1.0 / n_in


def bound_of(variance):
    """Return the bound of uniform numbers around 0 that have this variance."""
    return np.sqrt(3.0 * variance)


def _uniform(rng: Stream, n_in: int, n_out: int, variance: float) -> np.ndarray:
    bound = bound_of(variance)
    return rng.uniform(-bound, bound, (n_in, n_out))


def _normal(rng: Stream, n_in: int, n_out: int, variance: float) -> np.ndarray:
    return np.sqrt(variance) * rng.standard_normal((n_in, n_out))


def _zero_bias(weights: np.ndarray) -> np.ndarray:
    return np.concatenate([weights, np.zeros_like(weights[..., :1, :])], axis=-2)


INITIALIZERS: dict[str, Fill] = {
    "alternating": alternating,
    "zeros": zeros,
    "constant": constant,
    "uniform": uniform,
    "gaussian": gaussian,
    "xavier": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "lecun": lecun_normal,
    "orthogonal": orthogonal,
}
SEEDLESS = ("alternating", "zeros", "constant")  # the same for every seed


class Start:
    """Where an experiment's weights come from; a reader's own kind of start has ``weights``."""

    @property
    def uses_seed(self) -> bool:
        """Whether another seed gives other weights."""
        return True

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Return fresh arrays of these shapes (n_in + 1, n_out), the same for the same seed."""
        raise NotImplementedError

    def of_seeds(self, shapes: Sequence[tuple[int, int]], seeds: Sequence[int]) -> list[np.ndarray]:
        """Return the weights of several seeds, (seeds, n_in + 1, n_out) each."""
        made: dict[int, list[np.ndarray]] = {}
        for seed in seeds:
            if seed not in made:
                made[seed] = start_weights(self, shapes, seed)
        return list(map(np.stack, zip(*(made[seed] for seed in seeds), strict=True)))


def start_weights(start: Start, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
    """Return a start's weights if they fit.

    Raises:
        ValueError: if their shapes are others.
    """
    weights = [np.asarray(each, dtype=np.float64) for each in start.weights(shapes, seed)]
    if (got := [each.shape for each in weights]) != list(shapes):
        raise ValueError(f"init must give weights of shapes {list(shapes)}; got {got} of {start!r}")
    return weights


@dataclass(frozen=True, repr=False)
class Initializer(Start):
    """A way to fill a layer's weights, and a factor on it.

    Args:
        name: a key of ``INITIALIZERS``, or a reader's own function, as those of this file are.
        scale: positive factor on every weight: σ for ``gaussian``, the value for ``constant``,
            the bound for ``uniform``, the gain for ``xavier``, ``he``, ``lecun`` and
            ``orthogonal``.
    """

    name: str | Function
    scale: float = 1.0

    def __post_init__(self) -> None:
        fill = callable(self.name)
        name = own("init", self.name, "(rng, n_in, n_out)") if fill else self.name
        name = name if fill else checks.choice("init", name, INITIALIZERS)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "scale", checks.number("scale", self.scale, above=0.0))
        if fill:
            self.weights([(4, 5), (6, 1)], 0)  # what can't fill these fails here

    @property
    def uses_seed(self) -> bool:
        """Whether another seed gives other weights."""
        return self.name not in SEEDLESS

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Fill layer after layer from one random generator."""
        rng = Stream(seed)
        return [self.fill(rng, rows - 1, n_out) for rows, n_out in shapes]

    def of_seeds(self, shapes: Sequence[tuple[int, int]], seeds: Sequence[int]) -> list[np.ndarray]:
        """Return the weights of several seeds, drawn all at once."""
        if isinstance(self.name, Function):
            return super().of_seeds(shapes, seeds)
        rng = Stream(seeds)
        layers = [self.fill(rng, rows - 1, n_out) for rows, n_out in shapes]
        return [np.broadcast_to(each, (len(seeds), *each.shape[-2:])) for each in layers]

    def fill(self, rng: Stream, n_in: int, n_out: int) -> np.ndarray:
        """Return fresh weights of shape (n_in + 1, n_out), the bias in the last row."""
        if not isinstance(self.name, Function):
            return self.scale * INITIALIZERS[self.name](rng, n_in, n_out)
        filled, shape = self.name(rng, n_in, n_out), (n_in + 1, n_out)
        if np.shape(filled) != shape or not np.isfinite(filled).all():
            wanted = f"return finite weights of shape (n_in + 1, n_out), here {shape}"
            raise self.name.refuse(wanted, filled)
        return self.scale * np.asarray(filled, dtype=np.float64)

    def __repr__(self) -> str:
        return f"nnlab.Initializer({self.name!r}, scale={self.scale!r})"
