"""One linear neuron at many rates: the same runs as an experiment's own, first and for good."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import linear, passage

RAVINE = nnlab.Experiment(
    data=nnlab.ravine(45),
    layers=(1, 1),
    output="linear",
    batch_size="full",
    tolerance=1e-6,
    init=nnlab.Initializer("gaussian", scale=5.0),
)
RATES = [0.05, 0.5, 1.0]


# SMORMS3 divides near-equal numbers while it is certain, so that last bits grow.
@pytest.mark.parametrize("name", [name for name in nnlab.OPTIMIZERS if name != "smorms3"])
def test_passages_are_those_of_each_run(name):
    experiment = RAVINE.replace(optimizer=name)
    first, settled = linear.passages(experiment, RATES, range(3), 300)
    for row, rate in enumerate(RATES):
        for seed in range(3):
            run = experiment.replace(learning_rate=rate, init_seed=seed, tolerance=0.0)
            errors = passage.worst_error(run.replace(max_updates=300).run().history)
            assert len(errors) == 301  # a history this short is whole
            learned = np.flatnonzero(errors < 1e-6)
            assert first[row, seed] == (learned[0] if len(learned) else np.inf)
            row_settled = passage.settled_row(errors, 1e-6)
            assert settled[row, seed] == (np.inf if row_settled is None else row_settled)


def test_smorms3_takes_about_as_long_as_its_own_runs():
    along = RAVINE.replace(data=nnlab.ravine(), optimizer="smorms3", learning_rate=0.56)
    first, settled = linear.passages(along, [0.56], range(20), 300)
    runs = nnlab.sweep(along.replace(max_updates=300), init_seed=range(20), progress=False)
    assert np.median(first) == np.median(settled) == np.median(runs.updates) - 1 < 30


def test_nesterovs_momentum_passes_before_it_stays():
    first, settled = linear.passages(RAVINE.replace(optimizer="nesterov"), [0.3], range(20), 300)
    assert (first < settled).mean() > 0.9
    assert np.isfinite(settled).all()


def test_a_rate_too_large_never_learns():
    first, settled = linear.passages(RAVINE, [2.0], range(5), 3_000)
    assert np.isinf(first).all()
    assert np.isinf(settled).all()


def test_a_readers_own_rule_is_taken():
    def plain(gradient, memory, learning_rate, t, knobs):
        return learning_rate * gradient, memory

    ours = linear.passages(RAVINE, RATES, range(3), 100)
    theirs = linear.passages(RAVINE.replace(optimizer=nnlab.Optimizer(plain)), RATES, range(3), 100)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    "changes",
    [{"batch_size": 1}, {"weight_decay": 0.1}, {"output": "sigmoid"}, {"normalization": "input"}],
)
def test_other_experiments_are_refused(changes):
    with pytest.raises(ValueError, match="passages needs"):
        linear.passages(RAVINE.replace(**changes), RATES, range(2))


@pytest.mark.parametrize(("rates", "updates"), [([0.0], 10), ([-1.0], 10), ([1.0], 0)])
def test_bad_numbers_are_refused(rates, updates):
    with pytest.raises(ValueError, match="must be"):
        linear.passages(RAVINE, rates, range(2), updates)


@pytest.mark.parametrize("share", [0.5, 0.75, 1.0])
def test_the_best_rate_is_the_one_at_which_so_many_stay_learned_soonest(share):
    rates, seeds = [0.1, 0.5, 0.9, 3.0], range(8)
    best = linear.best_rate(RAVINE, rates, seeds, 300, share)
    settled = linear.passages(RAVINE, rates, seeds, 300)[1]
    by_rate = np.sort(settled, axis=1)[:, round(share * 7)]
    assert best == rates[by_rate.argmin()]


def test_where_too_few_stay_learned_the_first_passage_decides():
    turned = RAVINE.replace(optimizer="rmsprop")
    rates = [0.05, 0.8, 0.6]
    first, settled = linear.passages(turned, rates, range(8), 200)
    assert np.isinf(np.sort(settled, axis=1)[:, 5]).all()  # three in four
    best = linear.best_rate(turned, rates, range(8), 200)
    assert best == rates[np.sort(first, axis=1)[:, 5].argmin()]


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_no_share_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        linear.best_rate(RAVINE, RATES, range(2), 10, share)
