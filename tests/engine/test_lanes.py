"""Runs in lock step: each gives bit for bit what it gives alone, whatever the others do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlab
from nnlab.engine import loop
from nnlab.engine.lanes import LANES
from nnlab.engine.layout import answers
from nnlab.engine.training import Ensemble, start
from tests.engine.test_engine import experiments, in_one_go


def ensemble(experiment, runs, **fields):
    """Runs from seeds 0, 1, 2, …, trained to the end."""
    starts = np.stack([start(experiment.replace(init_seed=seed)) for seed in range(runs)])
    together = Ensemble(experiment, starts, **fields)
    ended = []
    while together.running:
        ended += together.advance(0.05).tolist()
    assert sorted(ended) == list(range(runs))
    return together


def assert_like_alone(together, run, alone):
    end = together.ends[run]
    assert (nnlab.engine.records.OUTCOMES[end["outcome"]], end["updates"]) == (
        alone.outcome,
        alone.updates,
    )
    assert np.array_equal(together.weights[run], alone.weights, equal_nan=True)


@settings(deadline=None, max_examples=100)
@given(experiments(), st.integers(2, LANES + 4))
def test_each_run_gives_what_it_gives_alone(experiment, runs):
    seeds = [7 * run for run in range(runs)]
    together = ensemble(experiment, runs, order_seeds=seeds, rows=8)
    for run in range(runs):
        alone = in_one_go(experiment.replace(init_seed=run, order_seed=seeds[run]), capacity=8)
        assert_like_alone(together, run, alone)
        for ours, theirs in zip(together.history(run), alone.history(), strict=True):
            assert np.array_equal(ours, theirs, equal_nan=True)


@pytest.mark.parametrize("runs", [1, 2, LANES, LANES + 1, 40])
def test_lanes_are_refilled_whenever_a_run_ends(runs):
    """The uniform start learns in a few hundred to many thousand updates, or not at all."""
    experiment = nnlab.Experiment(learning_rate=5.0, init="uniform", max_updates=5_000)
    together = ensemble(experiment, runs)
    for run in range(runs):
        assert_like_alone(together, run, in_one_go(experiment.replace(init_seed=run)))
    assert runs < 40 or len(set(together.ends["updates"])) > 20


@pytest.mark.parametrize("fields", [{}, {"shuffle": True}, {"init": "alternating"}])
def test_usual_networks_give_the_same_bits_by_the_general_lanes(fields, monkeypatch):
    experiment = nnlab.Experiment(
        **{"learning_rate": 5.0, "init": "uniform", "max_updates": 3_000, **fields}
    )
    runs = LANES + 5
    usual = ensemble(experiment, runs, rows=64)
    assert usual._advance is loop.advance_usual_lanes
    monkeypatch.setattr(loop, "advance_usual_lanes", loop.advance_lanes)
    general = ensemble(experiment, runs, rows=64)
    assert general._advance is loop.advance_lanes
    assert np.array_equal(usual.ends, general.ends)
    assert np.array_equal(usual.weights, general.weights)
    for run in range(runs):
        for ours, theirs in zip(usual.history(run), general.history(run), strict=True):
            assert np.array_equal(ours, theirs)


def test_every_run_has_its_own_rates():
    experiment = nnlab.Experiment(max_updates=3_000)
    rates = np.linspace(0.5, 9.0, 18).reshape(9, 2)
    together = ensemble(experiment, 9, rates=rates)
    for run, pair in enumerate(rates):
        assert_like_alone(together, run, in_one_go(experiment.replace(learning_rate=tuple(pair))))


def test_runs_that_diverge_leave_the_others_alone():
    experiment = nnlab.Experiment(
        activation="relu", output="linear", init="gaussian", learning_rate=0.4, max_updates=500
    )
    together = ensemble(experiment, 30)
    outcomes = set(together.ends["outcome"].tolist())
    assert len(outcomes) > 1
    for run in range(30):
        assert_like_alone(together, run, in_one_go(experiment.replace(init_seed=run)))


def test_without_rows_no_history_is_kept():
    together = ensemble(nnlab.Experiment(max_updates=20), 3)
    assert [len(column) for column in together.history(1)] == [0, 0, 0]


def test_an_ended_runs_history_is_bounded_and_ends_with_the_last_moment():
    experiment = nnlab.Experiment(init="uniform", learning_rate=2.0, max_updates=100_000)
    together = ensemble(experiment, 9, rows=64)
    for run in range(9):
        updates, weights, errors = together.history(run)
        assert 32 < len(updates) <= 65
        assert (updates[0], updates[-1]) == (0, together.ends["updates"][run])
        assert np.array_equal(weights[-1], together.weights[run])
        assert errors.shape == (len(updates), 6)


def test_training_in_pieces_gives_the_same_bits():
    experiment = nnlab.Experiment(init="uniform", learning_rate=5.0, max_updates=2_000)
    whole = ensemble(experiment, 20)
    pieces = Ensemble(
        experiment, np.stack([start(experiment.replace(init_seed=k)) for k in range(20)])
    )
    while pieces.running:
        pieces._chunk = 7
        pieces.advance(1e-9)
    assert np.array_equal(pieces.weights, whole.weights)
    assert np.array_equal(pieces.ends, whole.ends)


@settings(deadline=None, max_examples=100)
@given(experiments())
def test_answers_are_the_references(experiment):
    """Of networks that were trained for a while, some of them; batch norm's statistics included."""
    _, weights, _ = in_one_go(experiment, capacity=8).history()
    inputs = np.vstack([experiment.data.inputs] * 7)  # more than are answered at a time
    with np.errstate(all="ignore"):
        expected = nnlab.reference.forward(
            experiment, nnlab.history.unflatten(experiment, weights), inputs
        )[-1]
    assert np.array_equal(answers(experiment, weights, inputs), expected, equal_nan=True)
