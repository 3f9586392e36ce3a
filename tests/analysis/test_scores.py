"""Scores in use and runs over seeds: the same as one by one."""

import _thread
import math
import threading
import time

import numpy as np
import pytest

import nnlab
from nnlab.analysis import layers, passage
from nnlab.analysis.scores import (
    Scores,
    learned_in_use,
    needed_in_use,
    runs,
    scores,
    typical,
    until,
    updates_needed,
)

PLANE = nnlab.Experiment(
    data=nnlab.moons(40), layers=(2, 5, 1), init="xavier", shuffle=True, max_updates=400
)


def test_runs_are_those_of_each_seed():
    found = runs(PLANE, range(3, 6))
    for seed, run in zip(range(3, 6), found, strict=True):
        assert run.experiment == PLANE.replace(init_seed=seed, order_seed=seed)
        assert np.array_equal(run.weights[0], run.experiment.run().weights[0])


def test_an_interrupt_ends_runs_soon():
    endless = nnlab.Experiment(learning_rate=50.0, tolerance=0.0, max_updates=10**12)
    threading.Timer(0.3, _thread.interrupt_main).start()
    begin = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        runs(endless, range(4))
    assert time.perf_counter() - begin < 1.3


def test_scores_are_the_last_row_of_the_history():
    run = PLANE.run()
    history = run.history
    assert scores(run) == Scores(
        history.loss[-1],
        history.accuracy[-1],
        history.validation_loss[-1],
        history.validation_accuracy[-1],
    )


def test_there_is_no_score_of_what_is_not_there():
    found = scores(nnlab.Experiment(data=nnlab.ravine(), layers=(1, 1), max_updates=5).run())
    assert found.loss > 0.0
    others = (found.accuracy, found.held_out_loss, found.held_out_accuracy)
    assert all(map(math.isnan, others))


def test_learned_as_presented_is_not_always_learned_in_use():
    """Batch norm answers by its batches while it learns, and by running statistics in use."""
    normed = nnlab.Experiment(
        layers=(3, 8, 1), init="xavier", batch_size=3, shuffle=True, learning_rate=3.0
    ).replace(normalization="batch", max_updates=3000)
    found = [run for run in runs(normed, range(12)) if run.converged]
    in_use = [learned_in_use(run) for run in found]
    assert found and not all(in_use)
    assert in_use == [passage.worst_error(run.history)[-1] < 0.01 for run in found]
    assert learned_in_use(nnlab.Experiment(learning_rate=0.5).run())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((3, 1, 5), (3, 5, 1)), ((3, 3, 5), (3, 5, 5, 5, 1)), ((64, 0, 9, 10), (64, 10))],
)
def test_stacks(arguments, expected):
    assert layers.stack(*arguments) == expected


def test_parameters_are_all_weights_and_biases():
    assert layers.parameters((3, 5, 1)) == 26
    assert layers.parameters(PLANE.layers) == sum(map(np.size, PLANE.initial_weights()))


@pytest.mark.parametrize("name", ["n_in", "depth", "width", "n_out"])
def test_a_stack_of_something_else_is_refused(name):
    arguments = {"n_in": 3, "depth": 2, "width": 5, "n_out": 1}
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        layers.stack(**(arguments | {name: -1}))
    with pytest.raises(TypeError, match=f"{name} must be a whole number"):
        layers.stack(**(arguments | {name: 2.5}))


def test_updates_needed_are_those_of_runs_that_are_right_in_use():
    normed = nnlab.Experiment(
        layers=(3, 5, 5, 5, 1), init="gaussian", batch_size="full", normalization="batch"
    ).replace(learning_rate=30.0, max_updates=400, shuffle=True)
    seeds = [7, 3, *range(20, 40)]
    found, outcomes = updates_needed(normed, seeds), set()
    for seed, updates in zip(seeds, found, strict=True):
        run = normed.replace(init_seed=seed, order_seed=seed).run()
        right = passage.worst_error(run.history)[-1] <= 0.25
        assert updates == (run.updates if run.converged and right else np.inf)
        outcomes.add((run.converged, bool(right)))
    assert outcomes >= {(True, True), (True, False)}


def test_needed_in_use_leaves_out_networks_that_are_wrong_in_use():
    normed = nnlab.Experiment(
        init="gaussian",
        normalization="batch",
        batch_size="full",
        layers=(3, 5, 5, 5, 1),
        learning_rate=30.0,
        max_updates=600,
    )
    found = nnlab.sweep(normed, init_seed=range(20), progress=False)
    for limit in (0.25, 0.02):
        right = needed_in_use(found, limit)
        wrong = ~(found.worst_error <= limit)
        assert np.isinf(right[wrong]).all()
        assert np.array_equal(right[~wrong], found.updates_needed[~wrong])
    assert np.isinf(needed_in_use(found, 0.02)).sum() > np.isinf(found.updates_needed).sum()


def test_until_is_where_the_loss_of_each_seed_falls_below_the_goal():
    plane = PLANE.replace(tolerance=0.0, learning_rate=1.0)
    updates, accuracies = until(plane, range(4), goal=0.08)
    for seed, needed, accuracy in zip(range(4), updates, accuracies, strict=True):
        history = plane.replace(init_seed=seed, order_seed=seed).run().history
        below = np.flatnonzero(history.loss < 0.08)
        if not len(below):
            assert math.isinf(needed) and math.isnan(accuracy)
        else:
            assert history.updates[below[0] - 1] <= needed <= history.updates[below[0]]
            assert accuracy == history.validation_accuracy[below[0]]
    assert np.isfinite(updates).any()
    assert np.isinf(until(plane, range(2), goal=1e-9)[0]).all()
    few = until(plane, range(4), goal=0.08, rows=30)[0]
    assert np.allclose(few, updates, rtol=0.2)


def test_until_knows_no_accuracy_of_a_set_without_held_out_patterns():
    bits = nnlab.Experiment(learning_rate=5.0, tolerance=0.0, max_updates=600)
    updates, accuracies = until(bits, [0], goal=0.05)
    assert np.isfinite(updates).all() and np.isnan(accuracies).all()


def test_the_typical_run_has_as_many_better_ones_as_worse():
    run, accuracy = typical(PLANE, range(5))
    others = [scores(each).held_out_accuracy for each in runs(PLANE, range(5))]
    assert accuracy == scores(run).held_out_accuracy == np.median(others)
