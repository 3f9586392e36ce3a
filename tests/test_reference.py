"""The plain NumPy loop: its gradients against central differences, its stop rule by hand."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nnlab
from nnlab.reference import backward, epochs, forward, receive, train
from nnlab.rules import normalization
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.losses import loss_for

STEP = 1e-6
NAMES = list(nnlab.ACTIVATIONS)


def problem(activation, output, layers, patterns, seed, **fields):
    """An experiment on random data, and random parameters for it."""
    rng = np.random.default_rng(seed)
    targets = rng.random((patterns, layers[-1]))
    if output == "softmax":
        targets /= targets.sum(axis=1, keepdims=True)
    data = nnlab.Dataset(rng.normal(size=(patterns, layers[0])), targets)
    experiment = nnlab.Experiment(
        layers=layers, data=data, activation=activation, output=output, **fields
    )
    return experiment, [rng.normal(size=shape) for shape in experiment.parameter_shapes]


def mean_loss(experiment, parameters, keep=None):
    """Mean over patterns of the loss summed over outputs, in training."""
    data = experiment.data
    outputs = forward(experiment, parameters, data.inputs, keep, training=True)[-1]
    losses = loss_for(experiment.loss, experiment.output).function(outputs, data.targets)
    return losses.sum(axis=1).mean()


def central_differences(experiment, parameters, keep=None):
    """The gradient of the mean loss, one number after the other."""
    slopes = [np.empty_like(part) for part in parameters[: experiment.trainable]]
    for part, slope in zip(parameters, slopes, strict=False):
        for position in np.ndindex(part.shape):
            kept, around = part[position], []
            for moved in (kept + STEP, kept - STEP):
                part[position] = moved
                around.append(mean_loss(experiment, parameters, keep))
            part[position] = kept
            slope[position] = (around[0] - around[1]) / (2 * STEP)
    return slopes


def smallest_sum(experiment, parameters):
    """Distance of the nearest unit's sum from 0, where ReLU has its kink."""
    layers = forward(experiment, parameters, experiment.data.inputs, training=True)
    sums = [
        receive(experiment, parameters, number, layers[number], training=True)[0]
        for number in range(len(experiment.weight_shapes))
    ]
    return min(np.abs(each).min() for each in sums)


def assert_gradient_is_the_slope(experiment, parameters, keep=None):
    data = experiment.data
    layers = forward(experiment, parameters, data.inputs, keep, training=True)
    gradients = backward(experiment, parameters, layers, data.targets, keep)
    slopes = central_differences(experiment, parameters, keep)
    for gradient, slope in zip(gradients, slopes, strict=True):
        size = max(1.0, np.abs(slope).max())
        np.testing.assert_allclose(gradient, slope, rtol=0, atol=1e-6 * size)


@settings(deadline=None, max_examples=5)
@given(
    layers=st.lists(st.integers(2, 4), min_size=2, max_size=5).map(tuple),
    patterns=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", NAMES)
def test_gradient_is_the_slope_of_the_mean_loss(activation, output, layers, patterns, seed):
    experiment, parameters = problem(activation, output, layers, patterns, seed)
    assume(smallest_sum(experiment, parameters) > 1e-3)
    assert_gradient_is_the_slope(experiment, parameters)


LOSS_AND_OUTPUT = [
    ("squared_error", "sigmoid"),
    ("squared_error", "softmax"),
    ("cross_entropy", "sigmoid"),
    ("cross_entropy", "softmax"),
]


@pytest.mark.parametrize("normalization", ["input", "batch", "layer", "rms"])
@pytest.mark.parametrize(("loss", "output"), LOSS_AND_OUTPUT)
@pytest.mark.parametrize("activation", NAMES)
def test_gradient_with_normalization(activation, loss, output, normalization):
    fields = {"loss": loss, "normalization": normalization, "batch_size": "full"}
    for seed in range(3):
        experiment, parameters = problem(activation, output, (3, 4, 3, 2), 5, seed, **fields)
        if smallest_sum(experiment, parameters) > 1e-4:
            assert_gradient_is_the_slope(experiment, parameters)
            return
    raise AssertionError("every seed was at a kink")


@pytest.mark.parametrize("normalization", [None, "batch", "layer", "rms"])
@pytest.mark.parametrize("activation", NAMES)
def test_gradient_with_dropout(activation, normalization):
    experiment, parameters = problem(
        activation, "sigmoid", (3, 4, 3, 2), 5, 1, normalization=normalization, batch_size="full"
    )
    rng = np.random.default_rng(0)
    keep = [2.0 * rng.integers(2, size=(5, units)) for units in (4, 3)]
    assert smallest_sum(experiment, parameters) > 1e-4
    assert_gradient_is_the_slope(experiment, parameters, keep)


def test_rms_norm_divides_by_the_root_mean_square_and_does_not_shift():
    experiment, parameters = problem("tanh", "sigmoid", (3, 4, 2), 5, 1, normalization="rms")
    gammas = experiment.initial_parameters()[2:]
    assert [each.tolist() for each in gammas] == [[1, 1, 1, 1]]
    gamma = parameters[-1]
    sums = experiment.data.inputs @ parameters[0][:-1] + parameters[0][-1]
    wanted = gamma * sums / np.sqrt((sums**2).mean(axis=1, keepdims=True) + 1e-5)
    hidden = forward(experiment, parameters, experiment.data.inputs)[1]
    np.testing.assert_allclose(hidden, np.tanh(wanted), rtol=1e-12)


@pytest.mark.parametrize("kind", ["layer", "rms"])
def test_of_sums_of_mean_0_rms_norm_makes_what_layer_norm_makes(kind):
    sums = np.array([[1.0, -2.0, 4.0, -3.0], [0.5, 0.25, -0.5, -0.25]])
    spread = np.sqrt(np.array([[7.5], [0.15625]]) + 1e-5)
    normal = normalization.normalize(sums, kind)[0]
    np.testing.assert_allclose(normal, sums / spread, rtol=1e-14)
    moved = normalization.normalize(sums + 3.0, kind)[0]
    assert np.allclose(moved, normal) == (kind == "layer")


def test_loss_slope_against_central_differences():
    """Of cross-entropy the slope is taken together with the output's, in the gradients above."""
    rule, y, t = nnlab.LOSSES["squared_error"], np.linspace(0.05, 0.95, 7), np.linspace(0.9, 0.1, 7)
    slope = (rule.function(y + STEP, t) - rule.function(y - STEP, t)) / (2 * STEP)
    np.testing.assert_allclose(rule.slope(y, t), slope, atol=1e-8)


def test_activations_at_known_points():
    values = {name: nnlab.ACTIVATIONS[name].function(np.array([-1.0, 0.0, 2.0])) for name in NAMES}
    expected = {
        "sigmoid": [0.2689414213699951, 0.5, 0.8807970779778823],
        "tanh": [-0.7615941559557649, 0.0, 0.9640275800758169],
        "relu": [0.0, 0.0, 2.0],
        "leaky_relu": [-0.01, 0.0, 2.0],
        "elu": [-0.6321205588285577, 0.0, 2.0],
        "softplus": [0.31326168751822286, 0.6931471805599453, 2.1269280110429727],
        "gelu": [-0.15880800939172324, 0.0, 1.954597694087775],
        "silu": [-0.2689414213699951, 0.0, 1.7615941559557649],
        "linear": [-1.0, 0.0, 2.0],
    }
    for name, wanted in expected.items():
        np.testing.assert_allclose(values[name], wanted, rtol=1e-15, err_msg=name)


def test_squared_error_is_half_the_squared_distance():
    assert nnlab.LOSSES["squared_error"].function(0.75, 0.25) == 0.125


def test_sgd_steps_by_the_rate_times_the_gradient():
    step, memory = nnlab.OPTIMIZERS["sgd"].step(0.5, (0.0, 0.0, 0.0), 0.1, 1, ())
    assert (step, memory) == (0.05, (0.0, 0.0, 0.0))


def test_forward_takes_the_bias_from_the_last_row():
    data = nnlab.Dataset([[2.0, 3.0]], [[0.0]])
    experiment = nnlab.Experiment(data=data, layers=(2, 1), output="linear")
    weights = [np.array([[10.0], [100.0], [7.0]])]
    assert forward(experiment, weights, data.inputs)[-1] == 2 * 10 + 3 * 100 + 7


def test_forward_carries_leading_axes_through():
    experiment, weights = problem("tanh", "sigmoid", (3, 4, 2), 5, seed=1)
    history = [np.stack([matrix, 2 * matrix]) for matrix in weights]
    outputs = forward(experiment, history, experiment.data.inputs)[-1]
    assert outputs.shape == (2, 5, 2)
    doubled = forward(experiment, [2 * matrix for matrix in weights], experiment.data.inputs)[-1]
    np.testing.assert_allclose(outputs[1], doubled, rtol=1e-12)


def test_one_online_update_by_hand():
    """One weight, one bias, linear output: y = w + b = 2, so both go down by rate times y."""
    data = nnlab.Dataset([[1.0]], [[0.0]])
    experiment = nnlab.Experiment(
        data=data, layers=(1, 1), output="linear", init="constant", learning_rate=0.25
    )
    _, updates, weights = train(experiment.replace(max_updates=1))
    assert updates == 1
    assert weights[0].tolist() == [[0.5], [0.5]]


def test_learning_stops_at_the_end_of_the_epoch_that_was_right_as_presented():
    """The second pattern is learned from the start; the first one only in its second epoch."""
    data = nnlab.Dataset([[1.0], [0.0]], [[1.0], [0.0]])
    experiment = nnlab.Experiment(
        data=data, layers=(1, 1), output="linear", init="zeros", learning_rate=0.5
    )
    outcome, updates, weights = train(experiment.replace(tolerance=0.3))
    outputs = forward(experiment, weights, data.inputs)[-1]
    assert outcome == "converged"
    assert updates == 4
    assert (np.abs(outputs - data.targets) < 0.5).all()


def presented(epoch):
    """The pattern numbers of an epoch's batches in their order."""
    return np.concatenate([batch for batch, _ in epoch])


def test_an_epoch_holds_every_pattern_once_and_a_ragged_last_batch():
    epoch = next(epochs(nnlab.Experiment(batch_size=4)))
    assert [batch.tolist() for batch, _ in epoch] == [[0, 1, 2, 3], [4, 5]]


def test_without_shuffling_every_epoch_is_in_the_articles_order():
    stream = epochs(nnlab.Experiment())
    for _ in range(3):
        assert presented(next(stream)).tolist() == [0, 1, 2, 3, 4, 5]


def test_shuffling_reorders_every_epoch_anew():
    stream = epochs(nnlab.Experiment(shuffle=True))
    orders = [tuple(presented(next(stream)).tolist()) for _ in range(8)]
    assert all(sorted(order) == [0, 1, 2, 3, 4, 5] for order in orders)
    assert len(set(orders)) > 4


def test_the_order_follows_its_own_seed():
    def first_order(**fields):
        return presented(next(epochs(nnlab.Experiment(shuffle=True, **fields)))).tolist()

    assert first_order(order_seed=1) == first_order(order_seed=1, init_seed=9)
    assert len({tuple(first_order(order_seed=seed)) for seed in range(20)}) > 10


def test_every_order_of_three_patterns_comes_up_about_equally_often():
    data = nnlab.Dataset(np.eye(3), np.eye(3))
    stream = epochs(nnlab.Experiment(data=data, layers=(3, 3), shuffle=True))
    orders = [tuple(presented(next(stream)).tolist()) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 900 and max(counts) < 1100
