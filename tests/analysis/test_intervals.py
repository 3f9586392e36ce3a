"""Intervals: against SciPy's, against what can be counted, and whether they hold what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nnlab.analysis import intervals

INF = np.inf


@settings(deadline=None)
@given(st.integers(1, 60), st.floats(0.5, 0.999), st.data())
def test_a_share_is_scipys_wilson_interval(runs, confidence, data):
    hits = data.draw(st.integers(0, runs))
    theirs = stats.binomtest(hits, runs).proportion_ci(confidence, method="wilson")
    rate, low, high = intervals.share([True] * hits + [False] * (runs - hits), confidence)
    assert rate == hits / runs
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0.0 <= low <= rate <= high <= 1.0


def test_twenty_of_twenty_may_be_84_percent():
    rate, low, high = intervals.share(np.ones(20, bool))
    assert (rate, round(low, 2), high) == (1.0, 0.84, 1.0)


def test_the_interval_of_a_median_holds_the_true_one_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = []
    for seed in range(300):
        sample = rng.exponential(size=41)
        _, low, high = intervals.bootstrap(np.median, sample, draws=200, seed=seed)
        held.append(low <= np.log(2.0) <= high)
    assert 0.90 < np.mean(held) < 0.98


def test_more_confidence_is_a_wider_interval_and_the_seed_decides():
    samples = np.random.default_rng(1).normal(size=30)
    half, most = (intervals.median(samples, confidence) for confidence in (0.5, 0.99))
    assert most[1] < half[1] < half[0] == most[0] < half[2] < most[2]
    assert intervals.bootstrap(np.mean, samples) == intervals.bootstrap(np.mean, samples, seed=0)
    assert intervals.bootstrap(np.mean, samples) != intervals.bootstrap(np.mean, samples, seed=1)


def test_runs_that_never_learn_are_infinitely_long():
    assert intervals.median([INF, INF, INF, 5.0, 6.0])[0] == INF
    middle, low, high = intervals.median([3.0, 4.0, 5.0, 6.0, INF])
    assert (middle, low, high) == (5.0, 3.0, INF)


def test_a_ratio_of_medians():
    assert intervals.ratio([4.0] * 5, [2.0] * 5) == (2.0, 2.0, 2.0)
    assert intervals.ratio([INF] * 5, [2.0] * 5) == (INF, INF, INF)
    assert intervals.ratio([2.0] * 5, [INF] * 5) == (0.0, 0.0, 0.0)
    assert intervals.ratio([INF] * 5, [INF] * 5) == (1.0, 1.0, 1.0)
    rng = np.random.default_rng(2)
    same = intervals.ratio(rng.exponential(size=50), rng.exponential(size=50))
    twice = intervals.ratio(4.0 * rng.exponential(size=50), rng.exponential(size=50))
    assert same[1] < 1.0 < same[2] and twice[1] > 1.0


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=9),
    st.lists(st.integers(0, 9), min_size=1, max_size=9),
)
def test_wins_are_mann_and_whitneys_u(ours, theirs):
    u = stats.mannwhitneyu(theirs, ours, method="asymptotic").statistic
    won, low, high = intervals.bootstrap(
        lambda a, b: (np.less.outer(a, b) + 0.5 * np.equal.outer(a, b)).mean(),
        ours,
        theirs,
        draws=20,
    )
    assert won == pytest.approx(u / (len(ours) * len(theirs)))
    assert intervals.wins(ours, theirs)[0] == won and low <= high


def test_a_clear_win_and_a_tie():
    assert intervals.wins([1, 2, 3], [4, 5, INF]) == (1.0, 1.0, 1.0)
    assert intervals.wins([INF, INF], [INF, INF]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: intervals.share([]), "hits must be one or more of True and False"),
        (lambda: intervals.share([1, 0]), r"hits must be .* got \[1, 0\]"),
        (
            lambda: intervals.share([True], 1.0),
            r"confidence must be a finite number above 0 and below 1; got 1\.0",
        ),
        (lambda: intervals.median([]), "samples must be numbers, one or more"),
        (lambda: intervals.median([1.0, np.nan]), "samples must be .* without NaN"),
        (lambda: intervals.bootstrap(np.median, [1.0], draws=0), "draws must be at least 1"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
