"""What a few runs say of all: shares, medians, ratios and wins, each with its interval.

Samples are updates until learned or the like, one a run, infinity where it has not learned. An
interval at 95 % confidence holds the true value in about 95 of 100 repetitions of the experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np

from nnlab import checks
from nnlab.rules.random import Stream

__all__ = ["Interval", "bootstrap", "median", "ratio", "share", "wins"]

Samples = Sequence[float] | np.ndarray
Interval = tuple[float, float, float]  # the estimate, then the lower and the upper end


def share(hits: Sequence[bool] | np.ndarray, confidence: float = 0.95) -> Interval:
    """Return the share of hits and its interval (Wilson 1927).

    Unlike ± standard errors it stays within 0 to 1 and says something even where all hit or none:
    of 20 runs that all learn, the true share may be as low as 84 %.

    Args:
        hits: (runs,) True or False, for example ``np.isfinite(updates)``.
        confidence: of the interval, between 0 and 1.
    """
    hit = np.ravel(hits)
    if hit.dtype != bool or not len(hit):
        raise ValueError(f"hits must be one or more of True and False; got {hits!r}")
    rate, runs = float(hit.mean()), len(hit)
    squared = (
        NormalDist().inv_cdf(
            0.5 + checks.number("confidence", confidence, above=0.0, below=1.0) / 2.0
        )
        ** 2
        / runs
    )
    middle = (rate + squared / 2.0) / (1.0 + squared)
    half = np.sqrt(squared * (rate * (1.0 - rate) + squared / 4.0)) / (1.0 + squared)
    low, high = np.clip([middle - half, middle + half], 0.0, 1.0)  # but for rounding they are
    return rate, min(rate, float(low)), max(rate, float(high))


def median(samples: Samples, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Return the median and its bootstrap interval; arguments as of ``bootstrap``."""
    return bootstrap(np.median, samples, confidence=confidence, seed=seed)


def ratio(slow: Samples, fast: Samples, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Return the median of ``slow`` over that of ``fast`` and its bootstrap interval.

    An effect is shown where the interval leaves out 1. Two medians that are both infinite count as
    equal. Arguments as of ``bootstrap``.
    """

    def of_medians(some: np.ndarray, others: np.ndarray) -> float:
        above, below = np.median(some), np.median(others)
        return 1.0 if above == below else float(above / below)

    return bootstrap(of_medians, slow, fast, confidence=confidence, seed=seed)


def wins(ours: Samples, theirs: Samples, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Return the share of all pairs in which ours takes less, ties half, and its interval.

    It is Mann and Whitney's U (1947) over the number of pairs: 0.5 where neither is better.
    Arguments as of ``bootstrap``.
    """

    def won(some: np.ndarray, others: np.ndarray) -> float:
        return float((np.less.outer(some, others) + 0.5 * np.equal.outer(some, others)).mean())

    return bootstrap(won, ours, theirs, confidence=confidence, seed=seed)


def bootstrap(
    statistic: Callable[..., float],
    *samples: Samples,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return a statistic of samples and its percentile bootstrap interval (Efron 1979).

    From each set as many samples are drawn again, with repetition, time and again: as the statistic
    scatters over these draws, so it would over new experiments. Of a dozen samples or fewer the
    interval comes out too narrow.

    Args:
        statistic: takes as many arrays of shape (runs,) as there are sets of samples.
        samples: any shape each, taken as one list; infinity is allowed, NaN is not.
        confidence: of the interval, between 0 and 1.
        draws: how many.
        seed: of the random numbers.
    """
    given = [np.ravel(np.asarray(each, dtype=np.float64)) for each in samples]
    for each in given:
        if not len(each) or np.isnan(each).any():
            raise ValueError(f"samples must be numbers, one or more, without NaN; got {each!r}")
    tail = 50.0 * (1.0 - checks.number("confidence", confidence, above=0.0, below=1.0))
    rng = Stream(checks.seed("seed", seed))
    drawn = [
        statistic(*(each[rng.integers(len(each), len(each))] for each in given))
        for _ in range(checks.whole_number("draws", draws, at_least=1))
    ]
    # The nearest of the draws: between a number and infinity nothing can be interpolated.
    low, high = np.percentile(drawn, [tail, 100.0 - tail], method="nearest")
    return float(statistic(*given)), float(low), float(high)
