"""Own best settings: chosen on some seeds, reported on others, edges named."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import own_best, own_bests
from nnlab.analysis.best import _best
from nnlab.sweep import Sweep
from nnlab.sweeps import cells, grid

BASE = nnlab.Experiment(init="gaussian", max_updates=2000)
RATES = [0.5, 5.0, 50.0]


def test_the_best_is_chosen_on_some_seeds_and_reported_on_others():
    axes = {"learning_rate": RATES, "batch_size": [1, 3]}
    best = own_best(
        BASE, axes, choose={"init_seed": range(10)}, report={"init_seed": range(500, 530)}
    )
    tried = nnlab.sweep(BASE, progress=False, **axes, init_seed=range(10))
    assert tried.median_updates().argmin() == 3  # the second rate, batches of 3
    assert best.setting == {"learning_rate": 5.0, "batch_size": 3}
    assert best.experiment == BASE.replace(learning_rate=5.0, batch_size=3)
    fresh = nnlab.sweep(best.experiment, progress=False, init_seed=range(500, 530))
    assert np.array_equal(best.updates, fresh.updates_needed)
    assert best.median[0] == fresh.median_updates() and best.median[1] < best.median[2]
    assert best.solve_rate[0] == fresh.solve_rate()
    assert best.at_edge == ("batch_size",)
    assert repr(best).startswith("<OwnBest: learning_rate=5.0, batch_size=3; median ")
    assert repr(best).endswith("; at the edge: batch_size>")


def test_chance_may_be_starts_and_orders():
    base = BASE.replace(shuffle=True, learning_rate=5.0)
    best = own_best(
        base,
        {"activation": ["sigmoid", "tanh"]},
        choose={"init_seed": range(3), "order_seed": range(2)},
        report={"init_seed": range(100, 105), "order_seed": range(4)},
    )
    assert best.updates.shape == (20,)
    assert best.at_edge == ()  # names have no edge
    assert len(set(best.updates)) > 5


def test_seeds_that_were_chosen_on_are_not_reported_on():
    for report in ({"init_seed": range(5, 9)}, {"init_seed": [5], "order_seed": [0]}):
        choose = {"init_seed": range(6), "order_seed": [0]}
        with pytest.raises(ValueError, match="report must hold new seeds, not those chosen on"):
            own_best(BASE, {"learning_rate": RATES}, choose=choose, report=report)
    with pytest.raises(ValueError, match="report must hold new seeds"):
        own_best(
            BASE,
            {"learning_rate": RATES},
            choose={"init_seed": range(6)},
            report={"init_seed": range(6), "order_seed": range(9)},
        )


def tried(updates):
    """A sweep over three rates with given updates until learned; 0 has not learned."""
    shape = np.shape(updates)
    axes = grid.Grid(BASE, {"learning_rate": RATES, "init_seed": range(shape[1])})
    records = np.zeros(np.size(updates), cells.RECORD)
    records["place"], records["updates"] = range(np.size(updates)), np.ravel(updates)
    records["outcome"] = np.where(records["updates"] > 0, 1, 3)
    return Sweep(axes, records)


@pytest.mark.parametrize(
    ("updates", "by_median", "by_share"),
    [
        ([[9, 9, 9], [5, 5, 0], [7, 7, 7]], 1, 2),
        ([[9, 0, 0], [9, 8, 0], [0, 0, 0]], 1, 1),
        ([[9, 0, 0], [8, 0, 0], [7, 7, 0]], 2, 2),
        ([[5, 5, 0], [5, 5, 5], [5, 5, 5]], 1, 1),
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], 0, 0),
    ],
)
def test_what_is_best(updates, by_median, by_share):
    for by, place in (("median", by_median), ("solve_rate", by_share)):
        assert _best(tried(updates), 1, by) == {"learning_rate": RATES[place]}


def test_best_by_what_must_be_known():
    with pytest.raises(ValueError, match="by must be one of 'median', 'solve_rate', 'mean'; got"):
        own_best(BASE, {"learning_rate": RATES}, by="luck")


def test_in_the_mean_a_failure_counts_as_the_whole_budget():
    updates = [[5, 5, 0], [9, 9, 9], [6, 6, 0]]
    for budget, place in ((100, 1), (12, 0)):  # means 36.7, 9, 37.3, and 7.3, 9, 8
        found = _best(tried(updates), 1, "mean", budget=budget)
        assert found == {"learning_rate": RATES[place]}


def test_what_is_wrong_in_use_does_not_count():
    normed = nnlab.Experiment(
        layers=(3, 5, 5, 5, 1), init="gaussian", batch_size="full", normalization="batch"
    ).replace(max_updates=500)
    axes, choose = {"learning_rate": [3.0, 30.0]}, {"init_seed": range(24)}
    blind = own_best(normed, axes, choose=choose, by="mean")
    sharp = own_best(normed, axes, choose=choose, by="mean", in_use=0.25)
    assert blind.setting["learning_rate"] == 30.0 and np.isfinite(blind.updates).all()
    assert sharp.setting["learning_rate"] == 3.0
    fresh = range(1000, 1100)
    wrong = nnlab.sweep(sharp.experiment, init_seed=fresh, progress=False).worst_error > 0.25
    assert np.isinf(sharp.updates[wrong]).all()


def test_what_is_allowed_in_use_must_be_a_number_above_0():
    with pytest.raises(ValueError, match="in_use must be a finite number above 0"):
        own_best(BASE, {"learning_rate": RATES}, in_use=0.0)


def test_fastest_and_surest_are_chosen_from_the_same_runs():
    axes = {"learning_rate": [0.5, 2.0, 8.0, 32.0]}
    seeds = {"choose": {"init_seed": range(12)}, "report": {"init_seed": range(500, 520)}}
    both = own_bests(BASE, axes, **seeds)
    assert list(both) == ["median", "solve_rate"]
    for by, best in both.items():
        alone = own_best(BASE, axes, by=by, **seeds)
        assert (best.setting, best.at_edge) == (alone.setting, alone.at_edge)
        assert np.array_equal(best.updates, alone.updates)
    with pytest.raises(ValueError, match="by must be"):
        own_bests(BASE, axes, by=("luck",))
