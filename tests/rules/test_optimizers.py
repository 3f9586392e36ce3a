"""Update rules by hand-computed steps, weight decay and dropout by what they must do."""

import numpy as np
import pytest

import nnlab
from nnlab.reference import epochs, forward, train
from nnlab.rules.order import first_state, kept

ARTICLE = nnlab.Experiment(tolerance=0.0, init="xavier", max_updates=100)


def steps(name, gradients, rate, **knobs):
    """The steps that a rule takes on a sequence of gradients."""
    optimizer, memory, taken = nnlab.Optimizer(name, **knobs), (0.0, 0.0, 0.0), []
    for t, gradient in enumerate(gradients, start=1):
        step, memory = optimizer.rule.step(gradient, memory, rate, t, optimizer.knobs)
        taken.append(step)
    return taken


def test_smorms3_by_hand():
    """Simon Funk's rule on gradients 2, -1, 3 (epsilon 0), worked out on paper.

    1: r = 1/2: g = 1, g2 = 2, share = 1/2; step 2 min(rate, 1/2) / √2; mem = 1 + 1 · 1/2 = 3/2.
    2: r = 2/5: g = 1/5, g2 = 8/5, share = 1/40; step -1 min(rate, 1/40) / √(8/5);
       mem = 1 + 3/2 · 39/40 = 197/80.
    3: r = 80/277: g = (197 · 1/5 + 80 · 3) / 277, g2 = (197 · 8/5 + 80 · 9) / 277.
    """
    g, g2 = 279.4 / 277, 1035.2 / 277
    for rate in (0.1, 1.0, 0.001):
        wanted = [
            2 * min(rate, 1 / 2) / 2**0.5,
            -min(rate, 1 / 40) / 1.6**0.5,
            3 * min(rate, g * g / g2) / g2**0.5,
        ]
        assert steps("smorms3", [2.0, -1.0, 3.0], rate, epsilon=0.0) == pytest.approx(
            wanted, rel=1e-14
        )


def test_momentum_and_nesterov_by_hand():
    assert steps("momentum", [1.0, 2.0, 0.0], 0.1, momentum=0.5) == pytest.approx(
        [0.1, 0.25, 0.125]
    )
    assert steps("nesterov", [1.0, 2.0, 0.0], 0.1, momentum=0.5) == pytest.approx(
        [0.15, 0.325, 0.0625]
    )


def test_adams_first_step_is_the_rate_whatever_the_gradients_size():
    for gradient in (1e-3, 1.0, -1e3):
        assert steps("adam", [gradient], 0.1) == pytest.approx([0.1 * np.sign(gradient)], rel=1e-4)


@pytest.mark.parametrize("name", nnlab.OPTIMIZERS)
def test_a_rule_works_on_numbers_as_on_arrays(name):
    gradients = np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 1e-3]])
    together = np.array(steps(name, gradients, 0.1))
    alone = np.array([steps(name, column, 0.1) for column in gradients.T]).T
    np.testing.assert_allclose(together, alone, rtol=1e-13)


@pytest.mark.parametrize("name", nnlab.OPTIMIZERS)
def test_every_rule_brings_the_loss_down(name):
    rate = {"sgd": 1.0, "adadelta": 5.0, "adagrad": 0.5}.get(name, 0.1)
    history = ARTICLE.replace(optimizer=name, learning_rate=rate, max_updates=3000).run().history
    assert history.loss[-1] < 0.5 * history.loss[0]


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_the_constants_of_an_optimizer_matter(name):
    if name == "sgd":
        assert nnlab.Optimizer("sgd").knobs == (0.0,) * 4
        return
    plain, tuned = (
        ARTICLE.replace(optimizer=each, max_updates=60).run().weights[0]
        for each in (name, nnlab.Optimizer(name, beta1=0.5))
    )
    assert np.abs(plain - tuned).max() > 1e-6


# --- weight decay --------------------------------------------------------------------------------


def test_coupled_decay_joins_the_gradient_of_weights_and_biases():
    experiment = ARTICLE.replace(learning_rate=0.5, max_updates=1)
    plain, decayed = (
        experiment.replace(weight_decay=decay, init="gaussian").run() for decay in (0.0, 0.2)
    )
    for start, ours, theirs in zip(
        plain.experiment.initial_weights(), plain.weights, decayed.weights, strict=True
    ):
        np.testing.assert_allclose(theirs, ours - 0.5 * 0.2 * start, rtol=1e-12, atol=1e-15)


def test_adamws_decay_is_decoupled_and_adams_is_not():
    fields = {"learning_rate": 0.5, "max_updates": 1, "init": "gaussian"}
    start = ARTICLE.replace(**fields).initial_weights()[0]
    adam, adamw, without = (
        ARTICLE.replace(optimizer=name, weight_decay=decay, **fields).run().weights[0]
        for name, decay in (("adam", 0.2), ("adamw", 0.2), ("adam", 0.0))
    )
    np.testing.assert_allclose(adamw, without - 0.5 * 0.2 * start, rtol=1e-12, atol=1e-15)
    assert np.abs(adam - adamw).max() > 0.01


# --- dropout -------------------------------------------------------------------------------------


def test_a_unit_stays_as_often_as_it_should_and_is_scaled_up():
    state, factors = first_state(0), []
    for _ in range(20_000):
        factor, state = kept(state, 0.3)
        factors.append(float(factor))
    assert set(factors) == {0.0, 1.0 / 0.7}
    assert np.mean([factor > 0 for factor in factors]) == pytest.approx(0.7, abs=0.01)
    assert np.mean(factors) == pytest.approx(1.0, abs=0.015)


def test_dropout_leaves_hidden_units_out_of_training_only():
    experiment = ARTICLE.replace(dropout=0.5, layers=(3, 40, 30, 1), batch_size="full")
    ((batch, keep),) = next(epochs(experiment))
    assert [each.shape for each in keep] == [(6, 40), (6, 30)]
    parameters, inputs = experiment.initial_parameters(), experiment.data.inputs[batch]
    dropped = forward(experiment, parameters, inputs, keep, training=True)
    whole = forward(experiment, parameters, inputs)
    assert np.array_equal(dropped[1], whole[1] * keep[0])
    assert 0.3 < (dropped[2] == 0.0).mean() < 0.7
    assert not (whole[1] == 0.0).any()
    assert np.array_equal(experiment.run().predict(inputs), experiment.run().predict(inputs))


def test_every_batch_draws_anew_and_the_seed_decides():
    def first(seed):
        return next(epochs(ARTICLE.replace(dropout=0.5, layers=(3, 40, 1), order_seed=seed)))

    one, again, other = first(1), first(1), first(2)
    assert all(np.array_equal(a[1][0], b[1][0]) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0][1][0], other[0][1][0])
    assert not np.array_equal(one[0][1][0], one[1][1][0])


def test_errors_as_presented_are_those_of_the_dropout_pass():
    experiment = ARTICLE.replace(dropout=0.5, batch_size="full", max_updates=1)
    ((_, keep),) = next(epochs(experiment))
    start, data = experiment.initial_parameters(), experiment.data
    outputs = forward(experiment, start, data.inputs, keep, training=True)[-1]
    history = experiment.replace(max_updates=2).run().history
    np.testing.assert_allclose(history.errors[1], ((outputs - data.targets) ** 2)[:, 0], rtol=1e-12)
    whole = forward(experiment, start, data.inputs)[-1]
    np.testing.assert_allclose(history.outputs[0], whole, rtol=1e-12)


# --- batch norm's running statistics -------------------------------------------------------------


def test_every_row_of_a_history_answers_by_the_running_statistics_of_its_moment():
    experiment = ARTICLE.replace(
        normalization="batch", batch_size=3, max_updates=8, layers=(3, 4, 2, 1)
    )
    history = experiment.run().history
    for row, updates in enumerate(history.updates.tolist()):
        parameters = (
            train(experiment.replace(max_updates=updates))[2]
            if updates
            else experiment.initial_parameters()
        )
        outputs = forward(experiment, parameters, experiment.data.inputs)[-1]
        np.testing.assert_allclose(history.outputs[row], outputs, rtol=1e-12)


def test_the_pass_that_shows_the_budget_is_spent_moves_no_running_statistics():
    experiment = ARTICLE.replace(normalization="batch", batch_size="full", max_updates=1)
    (own,) = experiment.run().normalization_parameters
    sums = experiment.data.inputs @ experiment.initial_weights()[0][:-1]
    np.testing.assert_allclose(own["mean"], 0.1 * sums.mean(axis=0), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(own["variance"], 0.9 + 0.1 * sums.var(axis=0, ddof=1), rtol=1e-12)


@pytest.mark.parametrize(("normalization", "names"), [("layer", 2), ("batch", 4), ("rms", 1)])
def test_a_run_shows_what_its_norm_has_learned(normalization, names):
    experiment = ARTICLE.replace(
        normalization=normalization, batch_size=3, max_updates=50, layers=(3, 5, 4, 1)
    )
    run = experiment.run()
    assert [len(own) for own in run.normalization_parameters] == [names, names]
    assert [own["gamma"].shape for own in run.normalization_parameters] == [(5,), (4,)]
    assert [matrix.shape for matrix in run.weights] == experiment.weight_shapes
    assert np.abs(run.normalization_parameters[0]["gamma"] - 1).max() > 1e-4
    assert ARTICLE.replace(max_updates=5).run().normalization_parameters == []
