"""Learning rate schedules at known points, one rate a layer, and the range test."""

import numpy as np
import pytest

import nnlab
from nnlab.reference import train

ARTICLE = nnlab.Experiment(tolerance=0.0, max_updates=30, init="xavier")


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (nnlab.Constant(0.3), {1: 0.3, 1000: 0.3}),
        (nnlab.Step(0.8, every=3, factor=0.5), {1: 0.8, 3: 0.8, 4: 0.4, 6: 0.4, 7: 0.2}),
        (nnlab.Exponential(0.8, factor=0.5), {1: 0.8, 2: 0.4, 4: 0.1}),
        (nnlab.Cosine(0.8, 10), {1: 0.8, 6: 0.4, 11: 0.0, 12: 0.0, 99: 0.0}),
        (nnlab.Cosine(0.8, 10, lowest=0.2), {1: 0.8, 6: 0.5, 11: 0.2, 99: 0.2}),
        (
            nnlab.WarmupCosine(0.8, warmup=4, updates=14),
            {1: 0.2, 2: 0.4, 3: 0.6, 4: 0.8, 9: 0.4, 14: 0.0, 99: 0.0},
        ),
        (
            nnlab.OneCycle(1.0, updates=21, rise=5 / 21, divisor=10.0, final_divisor=100.0),
            {1: 0.1, 3: 0.55, 5: 1.0, 13: 0.5005, 21: 0.001, 99: 0.001},
        ),
    ],
)
def test_rates_at_known_points(schedule, rates):
    for t, rate in rates.items():
        assert schedule(t) == pytest.approx(rate, abs=1e-12), t


@pytest.mark.parametrize("name", nnlab.SCHEDULES)
def test_a_schedule_drives_the_engine_as_it_does_the_reference(name):
    given = {"step": (0.5, 7), "exponential": (0.5, 0.9), "cosine": (0.5, 20)}
    given |= {"warmup_cosine": (0.5, 5, 20), "one_cycle": (0.5, 20), "constant": (0.5,)}
    experiment = ARTICLE.replace(learning_rate=nnlab.SCHEDULES[name](*given[name]))
    wanted, run = train(experiment)[2], experiment.run()
    for ours, theirs in zip(run.weights, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    if name != "constant":
        assert (
            np.abs(run.weights[0] - ARTICLE.replace(learning_rate=0.5).run().weights[0]).max() > 0
        )


def test_a_constant_schedule_is_a_plain_number():
    plain, constant = (
        ARTICLE.replace(learning_rate=rate).run() for rate in (0.5, nnlab.Constant(0.5))
    )
    assert np.array_equal(plain.history.flat_weights, constant.history.flat_weights)


def test_the_first_updates_of_a_step_are_those_of_its_first_rate():
    step = ARTICLE.replace(learning_rate=nnlab.Step(0.5, every=12), max_updates=24).run()
    plain = ARTICLE.replace(learning_rate=0.5, max_updates=24).run()
    same = (step.history.flat_weights == plain.history.flat_weights).all(axis=1)
    assert dict(zip(step.history.updates.tolist(), same.tolist(), strict=True)) == {
        0: True,
        6: True,
        12: True,
        18: False,
        24: False,
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nnlab.Constant(0.0), "rate must be a finite number above 0; got 0.0"),
        (lambda: nnlab.Step(0.1, 2.5), "every must be a whole number; got 2.5"),
        (lambda: nnlab.Step(0.1, 5, factor=-1.0), "factor must be a finite number above 0"),
        (lambda: nnlab.Cosine(0.1, 0), "updates must be at least 1 and at most .*; got 0"),
        (lambda: nnlab.Cosine(0.1, 5, lowest=-0.1), "lowest must be a finite number of at least 0"),
        (lambda: nnlab.WarmupCosine(0.1, 5, 5), "updates must be more than warmup=5; got 5"),
        (lambda: nnlab.OneCycle(0.1, 3), "rise must be a share below 1 and more than one of 3"),
        (lambda: nnlab.OneCycle(0.1, 30, rise=1.0), "rise must be a share below 1"),
    ],
)
def test_a_schedule_refuses_what_makes_no_sense(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


# --- one rate a layer ----------------------------------------------------------------------------


def test_equal_rates_a_layer_are_one_rate():
    one, two = (ARTICLE.replace(learning_rate=rate).run() for rate in (0.5, (0.5, 0.5)))
    assert np.array_equal(one.history.flat_weights, two.history.flat_weights)


def test_each_layer_moves_at_its_own_rate():
    """By the first full batch: the step of a layer is its gradient times its rate."""
    experiment = ARTICLE.replace(batch_size="full", max_updates=1)
    start = experiment.initial_weights()
    ones = experiment.replace(learning_rate=1.0).run().weights
    own = experiment.replace(learning_rate=(0.1, 7.0)).run().weights
    for before, unit, after, rate in zip(start, ones, own, (0.1, 7.0), strict=True):
        np.testing.assert_allclose(after - before, rate * (unit - before), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("normalization", ["batch", "layer", "rms"])
def test_gamma_and_beta_take_their_layers_rate(normalization):
    fields = {"normalization": normalization, "batch_size": "full", "layers": (3, 4, 3, 1)}
    experiment = ARTICLE.replace(max_updates=1, **fields)
    ones = experiment.replace(learning_rate=1.0).run().normalization_parameters
    own = experiment.replace(learning_rate=(0.1, 7.0, 1.0)).run().normalization_parameters
    for unit, scaled, rate in zip(ones, own, (0.1, 7.0), strict=True):
        np.testing.assert_allclose(scaled["gamma"] - 1, rate * (unit["gamma"] - 1), rtol=1e-9)
        if normalization != "rms":
            np.testing.assert_allclose(scaled["beta"], rate * unit["beta"], rtol=1e-12)


# --- the range test ------------------------------------------------------------------------------


def test_the_rates_of_a_range_test_rise_evenly_from_low_to_high():
    test = nnlab.range_test(ARTICLE, low=0.01, high=10.0, updates=31)
    assert (test.rates[0], test.rates[-1]) == (0.01, pytest.approx(10.0))
    np.testing.assert_allclose(np.diff(np.log(test.rates)), np.log(1000) / 30, rtol=1e-9)
    assert test.losses.shape == (31,)
    assert np.isfinite(test.losses).all()


@pytest.mark.parametrize(
    "fields", [{}, {"normalization": "batch", "batch_size": 3, "dropout": 0.3, "shuffle": True}]
)
def test_the_losses_are_those_of_a_run_under_that_schedule(fields):
    """Batch by batch: update t learns from what the run's first t - 1 updates have left."""
    experiment = ARTICLE.replace(optimizer="adam", **fields)
    test = nnlab.range_test(experiment, low=0.01, high=1.0, updates=10)
    rising = nnlab.Exponential(0.01, factor=100.0 ** (1 / 9))
    batches = [
        batch
        for epoch, _ in zip(nnlab.reference.epochs(experiment), range(10), strict=False)
        for batch in epoch
    ]
    for t in (1, 2, 6, 10):
        run = experiment.replace(learning_rate=rising, max_updates=max(1, t - 1))
        parameters = train(run)[2] if t > 1 else run.initial_parameters()
        batch, keep = batches[t - 1]
        inputs, targets = experiment.data.inputs[batch], experiment.data.targets[batch]
        layers = nnlab.reference.forward(experiment, parameters, inputs, keep, training=True)
        loss = 0.5 * ((layers[-1] - targets) ** 2).sum(axis=1).mean()
        assert test.losses[t - 1] == pytest.approx(loss, rel=1e-12)


def test_a_range_test_changes_nothing():
    experiment = ARTICLE.replace(shuffle=True, dropout=0.2)
    shown, start = repr(experiment), experiment.initial_weights()
    before = experiment.run()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - this is the state in question
    first = nnlab.range_test(experiment)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert repr(experiment) == shown
    assert all(
        np.array_equal(*pair) for pair in zip(start, experiment.initial_weights(), strict=True)
    )
    assert np.array_equal(experiment.run().history.flat_weights, before.history.flat_weights)
    assert np.array_equal(nnlab.range_test(experiment).losses, first.losses)


def test_a_range_test_ends_where_the_loss_is_no_longer_finite():
    experiment = ARTICLE.replace(activation="linear", output="linear")
    test = nnlab.range_test(experiment, low=1.0, high=1e200, updates=100)
    assert 2 < len(test.losses) == len(test.rates) < 100
    assert np.isfinite(test.losses).all()
    assert repr(test).startswith(f"<RangeTest: {len(test.rates)} updates, rates 1 to ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"low": 0.0}, "low must be a finite number above 0"),
        ({"low": 1.0, "high": 1.0}, "high must be above low=1.0"),
        ({"updates": 1}, "updates must be at least 2"),
    ],
)
def test_a_range_test_refuses_what_it_cannot_do(given, message):
    with pytest.raises(ValueError, match=message):
        nnlab.range_test(ARTICLE, **given)
