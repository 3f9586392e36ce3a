"""How the gradients of single patterns and of mini-batches scatter around the full one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlab import checks
from nnlab.rules.random import Stream


def batch_gradients(
    gradients: np.ndarray, batch_size: int, draws: int = 200, seed: int = 0
) -> np.ndarray:
    """Return the gradients of random mini-batches, shape (draws, parameters).

    Args:
        gradients: one row a pattern, (patterns, parameters), as of
            ``landscape.pattern_gradients``.
        batch_size: patterns a batch, from 1 to all.
        draws: how many batches, without repetition within one.
        seed: of the random numbers.
    """
    return batch_shares(len(gradients), batch_size, draws, seed) @ gradients


def batch_shares(patterns: int, batch_size: int, draws: int = 200, seed: int = 0) -> np.ndarray:
    """Return what each pattern weighs in random mini-batches without repetition.

    Args:
        patterns: how many there are.
        batch_size: patterns a batch, from 1 to all.
        draws: how many batches.
        seed: of the random numbers.

    Returns:
        Shape (draws, patterns): 1 / batch_size for those in the batch, else 0.
    """
    checks.whole_number("batch_size", batch_size, at_least=1, at_most=patterns)
    checks.whole_number("draws", draws, at_least=1)
    keys = Stream(seed).random((draws, patterns))
    chosen = np.argpartition(keys, batch_size - 1, axis=1)[:, :batch_size]
    shares = np.zeros((draws, patterns))
    np.put_along_axis(shares, chosen, 1.0 / batch_size, axis=1)
    return shares


def spread(gradients: np.ndarray, batch_size: int = 1) -> float:
    """Return the root mean square distance of a mini-batch's gradient from the full gradient.

    Of batches drawn without repetition it is σ √((N - B) / (B (N - 1))) for N patterns and batches
    of B, where σ is the spread of single patterns: almost σ/√B, and 0 for the full batch.
    """
    patterns = len(gradients)
    checks.whole_number("batch_size", batch_size, at_least=1, at_most=patterns)
    single = ((gradients - gradients.mean(axis=0)) ** 2).sum(axis=1).mean()
    return float(np.sqrt(single * (patterns - batch_size) / (batch_size * max(patterns - 1, 1))))


def noise_scale(gradients: np.ndarray) -> float:
    """Return the batch size at which noise and full gradient are equally long, σ² / |G|².

    It is the "simple noise scale" of McCandlish, Kaplan, Amodei et al. 2018. Smaller batches give
    steps that are mostly noise; larger ones hardly better steps.
    """
    full = float((gradients.mean(axis=0) ** 2).sum())
    return spread(gradients) ** 2 / full if full > 0.0 else float("inf")


def best_rates(
    batch_sizes: Sequence[float] | np.ndarray, rates: Sequence[float] | np.ndarray
) -> tuple[float, float]:
    """Fit how the best learning rate grows with the batch: η(B) = top / (1 + knee / B).

    In proportion to B while that is far below the knee, hardly beyond it; the knee plays the part
    of the noise scale (McCandlish, Kaplan, Amodei et al. 2018).

    Args:
        batch_sizes: (n,) two or more, above 0.
        rates: (n,) the best rate of each, above 0.

    Returns:
        ``top`` and ``knee``: the knee is that of 200 between 1 and 200 with which the tops that
        the single rates ask for differ least, by factors; the top is their geometric mean.
    """
    sizes, best = np.asarray(batch_sizes, dtype=float), np.asarray(rates, dtype=float)
    for name, given in (("batch_sizes", sizes), ("rates", best)):
        if given.shape != sizes.shape or sizes.ndim != 1 or len(sizes) < 2 or not (given > 0).all():
            raise ValueError(f"{name} must be two or more numbers above 0; got {given!r}")
    knees = np.geomspace(1.0, 200.0, 200)
    tops = np.log(best) + np.log1p(knees[:, np.newaxis] / sizes)  # each size's own
    fit = np.ptp(tops, axis=1).argmin()
    return float(np.exp(tops[fit].mean())), float(knees[fit])


def plane(gradients: np.ndarray) -> np.ndarray:
    """Return the plane in which noise is drawn: two orthonormal rows, (2, parameters).

    The first points along the full gradient, the second along the direction, perpendicular to it,
    in which the patterns' gradients differ most. A direction that does not exist is a row of
    zeros.
    """
    full = gradients.mean(axis=0)
    first = _unit(full)
    rest = gradients - full
    rest = rest - np.outer(rest @ first, first)
    # The patterns' inner products give the direction, whatever the number of parameters.
    weights = np.linalg.eigh(rest @ rest.T)[1][:, -1]
    weights = weights * (np.sign(weights[np.argmax(np.abs(weights))]) or 1.0)
    second = _unit(weights @ rest)
    return np.stack([first, second - (second @ first) * first])


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vector)
    return vector / length if length > 0.0 else np.zeros_like(vector)
