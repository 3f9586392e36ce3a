"""The engine in a page gives what Python gives, bit for bit."""

import random

import numpy as np
import pytest

import nnlab
from nnlab.rules.schedules import SCHEDULES
from tests.playground.cases import as_case, by_python, covers, random_experiment

COUNT = 300


@pytest.fixture(scope="module")
def train(in_node):
    return lambda cases: in_node("train.mjs", cases)


def differences(theirs, ours):
    """Names of what differs; any two NaN count as equal, as their signs mean nothing."""

    def alike(one, other):
        if one == other or len(one) != len(other):
            return one == other
        pair = [np.frombuffer(bytes.fromhex(each)) for each in (one, other)]
        return np.array_equal(*pair, equal_nan=True)

    return [
        key
        for key in ours
        if not (
            alike(theirs[key], ours[key])
            if isinstance(ours[key], str)
            else theirs[key] == ours[key]
        )
    ]


@pytest.mark.slow
def test_random_experiments_are_bit_for_bit_those_of_python(train):
    chance = random.Random(16)
    experiments = [random_experiment(chance) for _ in range(COUNT)]
    seen = covers(experiments)
    assert seen["activation"] == set(nnlab.ACTIVATIONS)
    assert seen["optimizer"] == set(nnlab.OPTIMIZERS)
    assert seen["init"] == set(nnlab.INITIALIZERS)
    assert seen["loss"] == set(nnlab.LOSSES)
    assert seen["normalization"] == {None, "input", "batch", "layer", "rms"}
    assert seen["schedule"] == set(SCHEDULES.values())
    cases = [as_case(experiment) for experiment in experiments]
    found = train(cases)
    wrong = {
        repr(experiment): diff
        for experiment, case, theirs in zip(experiments, cases, found, strict=True)
        for ours, run in zip(by_python(case, experiment), theirs, strict=True)
        if (diff := differences(run, ours))
    }
    assert not wrong


@pytest.mark.slow
def test_many_seeds_in_lanes_are_those_of_python(train):
    chance = random.Random(17)
    experiments = [random_experiment(chance) for _ in range(30)]
    cases = [as_case(each, rows=16, seeds=list(range(11))) for each in experiments]
    found = train(cases)
    for experiment, case, theirs in zip(experiments, cases, found, strict=True):
        ours = by_python(case, experiment)
        assert len(ours) == len(theirs) == 11
        assert not [
            differences(*pair) for pair in zip(theirs, ours, strict=True) if differences(*pair)
        ], experiment


@pytest.mark.slow
def test_digits_and_softmax_are_those_of_python(train):
    digits = nnlab.digits()
    experiment = nnlab.Experiment(
        data=digits,
        layers=(64, 12, 10),
        loss="cross_entropy",
        output="softmax",
        init="he",
        activation="relu",
        batch_size=32,
        max_updates=60,
        learning_rate=0.3,
        optimizer="adam",
    )
    case = as_case(experiment)
    carried = {**case, "data": None, "setting": case["setting"] | {"data": "digits"}}
    ours = by_python(case, experiment)[0]
    for (theirs,) in train([case, carried]):
        assert not differences(theirs, ours)


def test_the_articles_counts(train):
    rates = (5.0, 0.05)
    cases = [as_case(nnlab.Experiment(learning_rate=rate)) for rate in rates]
    cases = [
        {**case, "setting": {**case["setting"], "init": "alternating", "scale": 1}}
        for case in cases
    ]
    assert [(run["outcome"], run["updates"]) for (run,) in train(cases)] == [
        ("converged", 564),
        ("converged", 657_252),
    ]
