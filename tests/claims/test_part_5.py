"""Part 5, layers and neurons: what the notebook claims, and the control that would refute it."""

import numpy as np
import pytest

import nnlab
from nnlab.analysis import intervals, scores
from nnlab.analysis.layers import parameters, stack

PLANE = nnlab.Experiment(
    data=nnlab.moons(),
    layers=(2, 2, 1),
    init="xavier",
    activation="tanh",
    loss="cross_entropy",
    learning_rate=0.3,
    batch_size=10,
    shuffle=True,
    tolerance=0.0,
    max_updates=4000,
)
PARITY = nnlab.Experiment(init="gaussian", learning_rate=2.0, max_updates=15_000)
ENTROPY = nnlab.Experiment(loss="cross_entropy", init="xavier", max_updates=4000)


def solved(experiment, **axes):
    """Shares that learn, over the seeds."""
    return nnlab.sweep(experiment, progress=False, **axes).solve_rate()


def accuracies(experiment, seeds):
    """Accuracy and held-out accuracy of each seed's start and order, (seeds, 2)."""
    found = [scores.scores(run) for run in scores.runs(experiment, seeds)]
    return np.array([(each.accuracy, each.held_out_accuracy) for each in found])


def test_three_units_close_a_border_and_two_do_not(seeds):
    """Judged by dots held out; eight units are no better: it is not that more is always more."""
    circles = PLANE.replace(data=nnlab.circles())
    one, two, three, eight = (
        np.median(accuracies(circles.replace(layers=(2, width, 1)), seeds(7))[:, 1])
        for width in (1, 2, 3, 8)
    )
    assert one < 0.7 < two < 0.88
    assert min(three, eight) > 0.95
    assert eight < three + 0.04


def test_two_units_can_draw_the_moons_and_mostly_do_not(seeds):
    """One unit can't, with as many starts and updates."""
    long = PLANE.replace(max_updates=40_000)
    two = accuracies(long, seeds(20))[:, 0]
    one = accuracies(long.replace(layers=(2, 1, 1)), seeds(6))[:, 0]
    assert (two == 1.0).any()
    assert (two == 1.0).mean() < 0.4
    assert one.max() < 0.95


def test_many_units_fail_by_rate_and_loss_not_by_width(seeds):
    """32 units at the usual rate; the controls: 8 units, a tenth of the rate, another loss."""
    wide = PARITY.replace(layers=(3, 32, 1))
    many, few = solved(PARITY, layers=[(3, 32, 1), (3, 8, 1)], init_seed=seeds(40))
    gentle = solved(wide.replace(learning_rate=0.2), init_seed=seeds(40))
    entropy = solved(wide.replace(loss="cross_entropy", learning_rate=1.0), init_seed=seeds(40))
    assert many < 0.4 and few > 0.9
    assert gentle > many + 0.3
    assert entropy > 0.95


def test_what_has_overshot_stays_whatever_the_patience(seeds):
    """Exactly one pattern, at the wrong flat end of the output's sigmoid."""
    wide = PARITY.replace(layers=(3, 32, 1))
    short, long = (
        solved(wide.replace(max_updates=budget), init_seed=seeds(20))
        for budget in (10_000, 100_000)
    )
    assert long < short + 0.2
    stuck = [run for run in scores.runs(wide, seeds(16)) if not run.converged]
    outputs = np.array([run.history.outputs[-1, :, 0] for run in stuck])
    wrong = np.abs(outputs - PARITY.data.targets[:, 0]) > 0.5
    assert (wrong.sum(axis=1) == 1).mean() > 0.7
    assert np.median((outputs * (1 - outputs))[wrong]) < 0.01


def test_spirals_need_depth_from_xaviers_start_and_not_from_a_larger_one(seeds):
    """With equally many parameters; two layers from the larger start: it does them no harm."""
    shapes = [stack(2, 1, 44), stack(2, 2, 11)]
    assert [parameters(layers) for layers in shapes] == [177, 177]
    spirals = PLANE.replace(data=nnlab.spirals(noise=0.02), max_updates=5000, learning_rate=0.4)
    good = [
        nnlab.sweep(
            spirals.replace(init=nnlab.Initializer("xavier", scale)),
            layers=shapes,
            init_seed=seeds(5),
            progress=False,
        ).loss
        < 0.1
        for scale in (1.0, 5.0)
    ]
    (shallow, deep), (large, both) = np.mean(good, axis=-1)
    assert shallow == 0.0
    assert min(deep, large, both) > 0.7


@pytest.mark.parametrize("depth", [3, 4])
def test_deep_sigmoids_do_not_learn_in_4000_updates_and_tanh_does(seeds, depth):
    """At no rate of four; one layer of sigmoids does, as do eight tanh units a layer."""
    deep = ENTROPY.replace(layers=stack(3, depth, 8))
    rates = [0.25, 0.5, 1.0, 2.0]
    assert solved(deep, learning_rate=rates, init_seed=seeds(16)).max() < 0.3
    assert solved(deep.replace(activation="tanh", learning_rate=0.1), init_seed=seeds(16)) > 0.85
    assert solved(ENTROPY.replace(layers=(3, 8, 1), learning_rate=2.0), init_seed=seeds(16)) > 0.9


def test_three_sigmoid_layers_learn_with_patience_at_several_times_the_updates(seeds):
    found = [
        nnlab.sweep(
            ENTROPY.replace(layers=stack(3, depth, 8), learning_rate=0.125, max_updates=80_000),
            init_seed=seeds(8),
            progress=False,
        ).updates_needed
        for depth in (2, 3)
    ]
    assert np.isfinite(found).mean() > 0.9
    assert intervals.ratio(found[1], found[0])[1] > 1.5


def test_the_stall_is_half_the_jitter_of_one_pattern_at_a_time(seeds):
    """All six at once, as far a pass, learn in a fraction of the passes; at a small rate not."""
    deep = ENTROPY.replace(layers=stack(3, 3, 8))

    def patterns_seen(size, rate, budget):
        fields = {"batch_size": size, "learning_rate": size * rate, "max_updates": budget // size}
        sweep = nnlab.sweep(deep.replace(**fields), init_seed=seeds(6), progress=False)
        return size * np.median(sweep.updates_needed)

    assert patterns_seen(1, 0.5, 60_000) > 3 * patterns_seen(6, 0.5, 60_000)
    assert patterns_seen(1, 0.02, 120_000) < 1.4 * patterns_seen(6, 0.02, 120_000)


class AsTanh(nnlab.Start):
    """Sigmoids that compute what tanh with Xavier's start computes."""

    def weights(self, shapes, seed):
        matrices = nnlab.Initializer("xavier").weights(shapes, seed)
        for matrix in matrices[:-1]:
            matrix *= 2
        for matrix in matrices[1:]:
            matrix[-1] -= matrix[:-1].sum(axis=0)
            matrix[:-1] *= 2
        return matrices


class AsSigmoid(nnlab.Start):
    """Tanh that computes what sigmoids with Xavier's start compute."""

    def weights(self, shapes, seed):
        matrices = nnlab.Initializer("xavier").weights(shapes, seed)
        for matrix in matrices[:-1]:
            matrix *= 0.5
        for matrix in matrices[1:]:
            matrix[-1] += 0.5 * matrix[:-1].sum(axis=0)
            matrix[:-1] *= 0.5
        return matrices


def answers(experiment):
    weights = experiment.initial_weights()
    return nnlab.reference.forward(experiment, weights, experiment.data.inputs)[-1]


def test_five_layers_learn_by_their_start_not_by_their_activation(seeds):
    """The swap both ways: sigmoids started as tanh learn, tanh started as sigmoids stalls."""
    five = ENTROPY.replace(layers=stack(3, 5, 8), max_updates=15_000)
    sigmoid, tanh = five.replace(learning_rate=0.25), five.replace(activation="tanh")
    assert np.abs(answers(sigmoid.replace(init=AsTanh())) - answers(tanh)).max() < 1e-12
    assert np.abs(answers(tanh.replace(init=AsSigmoid())) - answers(sigmoid)).max() < 1e-12
    plain, dressed = solved(sigmoid, init=["xavier", AsTanh()], init_seed=seeds(12))
    assert plain < 0.15 and dressed > 0.9
    rates = [0.03, 0.1, 0.3]
    starts = ["xavier", AsSigmoid()]
    own, swapped = solved(tanh, init=starts, learning_rate=rates, init_seed=seeds(12))
    assert own[1] > 0.9 and swapped.max() < own[1] - 0.4


def digits_to_learn(lies):
    """150 digits, the first so many of them under a wrong name; 360 are held out, all right."""
    digits = nnlab.digits()
    names = digits.targets[:150].copy()
    names[:lies] = np.roll(names[:lies], 1, axis=1)
    held_out = digits.validation_inputs, digits.validation_targets
    data = nnlab.Dataset(digits.inputs[:150], names, f"150 digits, {lies} mislabelled", *held_out)
    return PLANE.replace(
        data=data, layers=(64, 32, 10), output="softmax", learning_rate=0.2, max_updates=15 * 150
    )


def test_on_clean_digits_more_units_do_no_harm_and_lies_are_learned_by_heart(seeds):
    """The same widths on both sets."""
    clean, lied = (
        [
            np.median(accuracies(network.replace(layers=(64, width, 10)), seeds(3)), axis=0)
            for width in (1, 8, 64)
        ]
        for network in (digits_to_learn(0), digits_to_learn(30))
    )
    assert clean[0][0] < 0.6  # one unit underfits
    assert clean[2][0] == 1.0
    assert clean[2][1] > clean[1][1] - 0.02
    assert lied[2][0] > 0.95
    assert lied[2][1] < clean[2][1] - 0.12
    assert abs(lied[2][1] - lied[1][1]) < 0.1


def test_with_wrong_names_stopping_in_time_beats_the_end(seeds):
    """On clean digits the same early stop wins next to nothing."""
    clean, lied = (
        np.subtract(
            *(
                np.median(
                    accuracies(network.replace(max_updates=updates), seeds(6, first=50))[:, 1]
                )
                for updates in (150, 2250)
            )
        )
        for network in (digits_to_learn(0), digits_to_learn(30))
    )
    assert lied > 0.03
    assert clean < 0.5 * lied
