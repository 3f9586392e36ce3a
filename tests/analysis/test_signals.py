"""Sums, deltas and distinct units of a network."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import signals

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(layers=(3, 5, 5, 5, 1), init="xavier", max_updates=600)


def test_sums_and_deltas_are_the_loss_and_its_slopes():
    weights = DEEP.initial_weights()
    sums, deltas = signals.sums(DEEP, weights), signals.deltas(DEEP, weights)
    assert [each.shape for each in sums] == [each.shape for each in deltas]
    first = DEEP.data.inputs @ weights[0][:-1] + weights[0][-1]
    assert np.allclose(sums[0], first)
    bias = weights[1][-1]

    def loss(nudge):
        bias[2] += nudge
        outputs = nnlab.reference.forward(DEEP, weights, DEEP.data.inputs)[-1]
        bias[2] -= nudge
        return 0.5 * ((outputs - DEEP.data.targets) ** 2).sum(axis=1)

    assert np.allclose((loss(1e-5) - loss(-1e-5)) / 2e-5, deltas[1][:, 2], rtol=1e-5)


def test_deltas_refuse_a_norm():
    normal = DEEP.replace(normalization="layer")
    with pytest.raises(ValueError, match="'layer'"):
        signals.deltas(normal, normal.initial_parameters())


def test_distinct_counts_units_that_answer_alike_once():
    answers = np.array([[0.1, 0.105, 0.9, 0.1], [0.5, 0.5, 0.5, 0.6]])
    assert signals.distinct(answers) == 3
    assert signals.distinct(answers, tolerance=0.2) == 2
    assert signals.distinct(np.stack([answers, 0 * answers])).tolist() == [3, 1]


def test_through_layers_is_the_median_of_what_each_start_lets_through():
    spreads, lengths = signals.through_layers(DEEP, range(3))
    assert spreads.shape == (3,) and lengths.shape == (3,)
    found = []
    for seed in range(3):
        start = DEEP.replace(init_seed=seed)
        weights = start.initial_weights()
        answers = nnlab.reference.forward(start, weights, start.data.inputs)
        slopes = nnlab.reference.backward(start, weights, answers, start.data.targets)
        found.append([answers[1].std(axis=0).mean(), np.linalg.norm(slopes[-1][:-1])])
    assert np.allclose(np.median(found, axis=0), [spreads[0], lengths[-1]])
