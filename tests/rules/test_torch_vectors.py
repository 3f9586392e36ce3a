"""Reference and engine against vectors that PyTorch has made: tools/make_torch_vectors.py."""

from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.engine.training import Training
from nnlab.reference import backward, epochs, forward, running_statistics, step
from nnlab.rules.losses import loss_for
from nnlab.rules.random import Stream
from tests.rules.torch_cases import CASES, FANS, FILLS, HELD_OUT, NORMS, ORACLED, UPDATES
from tools.make_torch_vectors import WHOLE, weighting

STORED = np.load(Path(__file__).parents[1] / "data" / "torch_vectors.npz")
CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def by_reference(experiment):
    """Flat parameters after each update, and each batch's loss before it."""
    parameters, data = experiment.initial_parameters(), experiment.data
    loss = loss_for(experiment.loss, experiment.output)
    memories = [(0.0, 0.0, 0.0) for _ in parameters]
    rows, losses = [], []
    for epoch in epochs(experiment):
        for batch, _ in epoch:
            inputs, targets = data.inputs[batch], data.targets[batch]
            layers = forward(experiment, parameters, inputs, training=True)
            losses.append(loss.function(layers[-1], targets).sum(axis=1).mean())
            running = running_statistics(experiment, parameters, layers)
            gradients = backward(experiment, parameters, layers, targets)
            moved = step(experiment, parameters, gradients, memories, len(rows) + 1)
            parameters = moved + running
            rows.append(np.concatenate([part.ravel() for part in parameters]))
            if len(rows) == UPDATES:
                return np.array(rows), np.array(losses)
    raise AssertionError("epochs never end")


def by_engine(experiment):
    """Flat parameters after each update."""
    training, rows = Training(experiment), []
    while training.updates < UPDATES:
        training._alone._chunk = 1
        training.advance(1e-9)  # one chunk, then the time is over
        rows.append(training.weights)
    return np.array(rows)


def assert_as_stored(name, rows):
    whole = rows[[update - 1 for update in WHOLE]]
    np.testing.assert_allclose(whole, STORED[f"{name}/whole"], **CLOSE)
    sums = rows @ weighting(rows.shape[1])
    np.testing.assert_allclose(sums, STORED[f"{name}/sums"], **CLOSE)


@pytest.mark.parametrize("name", CASES)
def test_the_reference_trains_as_pytorch_does(name):
    rows, losses = by_reference(CASES[name])
    assert len(rows) == UPDATES
    assert_as_stored(name, rows)
    np.testing.assert_allclose(losses, STORED[f"{name}/losses"], **CLOSE)


@pytest.mark.parametrize("name", CASES)
def test_the_engine_trains_as_pytorch_does(name):
    rows = by_engine(CASES[name])
    assert len(rows) == UPDATES
    assert_as_stored(name, rows)


@pytest.mark.parametrize("name", CASES)
def test_a_trained_network_answers_as_pytorchs_does_in_evaluation(name):
    answers = CASES[name].run().predict(HELD_OUT)
    np.testing.assert_allclose(answers, STORED[f"{name}/answers"], **CLOSE)


def assert_as_spread(name, theirs):
    """Random weights can agree in law only: 60,000 of them pin its width down to a percent."""
    weights = nnlab.INITIALIZERS[name](Stream(0), *FANS)[:-1]
    assert weights.std() == pytest.approx(theirs[0], rel=0.015)
    if name in ("xavier", "he_uniform"):  # uniform ones: their bound
        assert np.abs(weights).max() == pytest.approx(theirs[1], rel=0.001)


@pytest.mark.parametrize("name", FILLS)
def test_initial_weights_spread_as_pytorchs_do(name):
    assert_as_spread(name, STORED[f"initial weights {name}/spread"])


def test_the_stored_vectors_are_those_of_the_cases():
    names = {key.split("/")[0] for key in STORED.files}
    assert names == set(CASES) | {f"initial weights {name}" for name in FILLS}


def test_every_choice_is_among_the_cases():
    experiments = list(CASES.values())
    assert {each.update_rule.name for each in experiments} == set(ORACLED)
    assert set(ORACLED) == set(nnlab.OPTIMIZERS) - {"smorms3"}
    assert {each.activation for each in experiments} == set(nnlab.ACTIVATIONS)
    assert {each.loss for each in experiments} == set(nnlab.LOSSES)
    assert {each.normalization for each in experiments} == {None, *NORMS}
    assert {each.batch_size for each in experiments} == {1, 4, "full"}


def test_the_cases_move_their_weights():
    """Vectors that stand still would prove nothing."""
    for name in CASES:
        whole = STORED[f"{name}/whole"]
        assert np.abs(whole[-1] - whole[0]).max() > 0.05, name
        assert np.abs(whole).max() < 50, name
