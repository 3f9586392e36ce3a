"""What hidden units receive, and where their activation is flat."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import saturation

ARTICLE = nnlab.Experiment()


BITS = ARTICLE.data.inputs


@pytest.fixture(scope="module")
def fast():
    """The article's run at 5.0."""
    return ARTICLE.replace(learning_rate=5.0).run()


@pytest.fixture(scope="module")
def dying():
    """From the article's start units 2 and 4 die as ReLUs."""
    return ARTICLE.replace(activation="relu", max_updates=5_000).run()


def test_sums_are_inputs_times_weights_plus_bias(fast):
    (received,) = saturation.sums(fast.history)
    matrix = fast.history.weights[0]
    assert received.shape == (len(fast.history), 6, 5)
    for row in (0, 7, -1):
        np.testing.assert_allclose(received[row], BITS @ matrix[row][:-1] + matrix[row][-1])
        np.testing.assert_array_equal(saturation.sums(fast.history, row)[0], received[row])


def test_sums_of_later_layers_follow_from_what_the_earlier_ones_pass_on():
    experiment = ARTICLE.replace(layers=(3, 4, 2, 1), activation="tanh", init="gaussian")
    run = experiment.replace(max_updates=60).run()
    first, second = saturation.sums(run.history, -1)
    assert (first.shape, second.shape) == ((6, 4), (6, 2))
    np.testing.assert_allclose(second, np.tanh(first) @ run.weights[1][:-1] + run.weights[1][-1])


def test_sums_of_standardized_inputs():
    run = ARTICLE.replace(normalization="input", max_updates=12).run()
    matrix = run.weights[0]
    expected = ARTICLE.data.standardize(BITS) @ matrix[:-1] + matrix[-1]
    np.testing.assert_allclose(saturation.sums(run.history, -1)[0], expected)


def test_flat_is_what_the_diagnosis_calls_saturated():
    """Within 1 % of an end of the range, for sigmoid and tanh alike."""
    z = np.linspace(-8, 8, 2001)
    for name, low in (("sigmoid", 0.0), ("tanh", -1.0)):
        activation = nnlab.ACTIVATIONS[name]
        a = activation.function(z)
        margin = 0.01 * (1.0 - low)
        expected = (a < low + margin) | (a > 1.0 - margin)
        assert np.array_equal(saturation.is_flat(name, activation.slope(z, a)), expected)
        assert 0.3 < expected.mean() < 0.8


@pytest.mark.parametrize(
    ("name", "z", "flat"),
    [
        ("relu", -1e-9, True),
        ("relu", 1e-9, False),
        ("leaky_relu", -1.0, True),
        ("elu", -3.3, True),
        ("elu", -3.1, False),
        ("linear", -9.0, False),
    ],
)
def test_where_the_others_are_flat(name, z, flat):
    activation = nnlab.ACTIVATIONS[name]
    slope = activation.slope(np.array([z]), activation.function(np.array([z])))
    assert saturation.is_flat(name, slope).tolist() == [flat]


def test_a_dead_unit_is_off_for_every_pattern_and_its_weights_stand_still(dying):
    dead = saturation.dead(dying.history)[0]
    assert dead.shape == (len(dying.history), 5)
    assert not dead[0].any() and dead[-1].tolist() == [False, True, False, True, False]
    since = dead[:, 1].argmax()
    path = dying.history.weights[0][since:, :, 1]
    assert (path == path[0]).all()
    assert (saturation.sums(dying.history, -1)[0][:, 1] <= 0).all()


def test_a_unit_has_risen_if_it_was_dead_just_before_it_was_alive():
    deep = ARTICLE.replace(
        activation="relu", layers=(3, 5, 5, 1), init="he", learning_rate=0.3, max_updates=2_000
    )
    seen = set()
    for seed in range(12):
        history = deep.replace(init_seed=seed).run().history
        for gone, back in zip(saturation.dead(history), saturation.risen(history), strict=True):
            for unit in range(5):
                states = "".join("dA"[int(not dead)] for dead in gone[:, unit])
                assert back[unit] == ("dA" in states)
                seen.add((bool(back[unit]), states[-1]))
    assert {(True, "A"), (False, "A"), (False, "d")} <= seen
