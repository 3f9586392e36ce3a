"""Data sets: shapes, classes, seeds, and that nothing held out is among what is learned."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import nnlab
from nnlab.engine import layout

PLANES = [nnlab.circles, nnlab.moons, nnlab.spirals]
SETS = [*PLANES, nnlab.digits]


def rows(matrix):
    """The set of a matrix's rows."""
    return {row.tobytes() for row in matrix}


@pytest.mark.parametrize("make", PLANES)
def test_a_plane_has_two_inputs_and_two_classes_in_turn(make):
    data = make(patterns=60)
    for inputs, targets in (
        (data.inputs, data.targets),
        (data.validation_inputs, data.validation_targets),
    ):
        assert (inputs.shape, targets.shape) == ((60, 2), (60, 1))
        assert targets.ravel().tolist() == [0.0, 1.0] * 30
    assert data.is_classification


@pytest.mark.parametrize("make", SETS)
def test_the_same_seed_gives_the_same_set_and_its_repr_rebuilds_it(make):
    data = make(seed=3)
    assert data == make(seed=3)
    assert eval(repr(data), {"nnlab": nnlab}) == data
    assert data != make(seed=4)
    assert not np.array_equal(data.inputs, make(seed=4).inputs)


@pytest.mark.parametrize("make", SETS)
def test_nothing_held_out_is_learned(make):
    data = make()
    assert not rows(data.inputs) & rows(data.validation_inputs)


@pytest.mark.parametrize("make", SETS)
def test_sets_are_read_only(make):
    data = make()
    for array in (data.inputs, data.targets, data.validation_inputs, data.validation_targets):
        assert not array.flags.writeable and array.flags.c_contiguous


@pytest.mark.parametrize("make", [nnlab.parity, *SETS])
def test_sets_are_the_same_after_a_journey(make):
    data = pickle.loads(pickle.dumps(make()))
    assert data == make()
    assert repr(data) == repr(make())
    arrays = [each for each in vars(data).values() if isinstance(each, np.ndarray)]
    assert [array.flags.writeable for array in arrays] == [False] * len(arrays)


@pytest.mark.parametrize("make", PLANES)
def test_a_plane_without_noise_can_be_told_apart_by_its_geometry(make):
    data = make(patterns=200, noise=0.0)
    x, y = data.inputs.T
    one = data.targets.ravel() == 1.0
    if make is nnlab.circles:
        np.testing.assert_allclose(np.hypot(x, y), np.where(one, 0.5, 1.0), rtol=1e-12)
    elif make is nnlab.moons:
        centres = np.where(one, 0.5, -0.5), np.where(one, 0.25, -0.25)
        np.testing.assert_allclose(np.hypot(x - centres[0], y - centres[1]), 1.0, rtol=1e-12)
        assert ((y - centres[1] >= -1e-12) == ~one).all()
    else:
        turned = np.arctan2(y, x) - 2 * np.pi * 1.5 * np.hypot(x, y) - np.pi * one
        np.testing.assert_allclose(np.cos(turned), 1.0, rtol=1e-9)


@pytest.mark.parametrize("make", PLANES)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"patterns": 7}, "patterns must be even"),
        ({"patterns": 0}, "patterns must be at least 2"),
        ({"noise": -0.1}, "noise must be a finite number of at least 0"),
        ({"seed": -1}, "seed must be at least 0"),
    ],
)
def test_a_plane_refuses_what_it_cannot_draw(make, given, message):
    with pytest.raises(ValueError, match=message):
        make(**given)


def test_digits_are_split_for_good_with_every_digit_in_its_share():
    data = nnlab.digits()
    assert (data.inputs.shape, data.targets.shape) == ((1437, 64), (1437, 10))
    assert (data.validation_inputs.shape, data.validation_targets.shape) == ((360, 64), (360, 10))
    assert (data.inputs.min(), data.inputs.max()) == (0.0, 1.0)
    assert (data.targets.sum(axis=1) == 1.0).all()
    learned, held_out = data.targets.sum(axis=0), data.validation_targets.sum(axis=0)
    assert np.abs(held_out - 0.2 * (learned + held_out)).max() < 1.0
    assert repr(data) == "nnlab.digits(seed=0)"


def test_the_digits_are_in_their_right_class():
    from sklearn.datasets import load_digits

    inputs, classes = load_digits(return_X_y=True)
    truth = {(row / 16).tobytes(): digit for row, digit in zip(inputs, classes, strict=True)}
    data = nnlab.digits()
    for pixels, target in zip(data.inputs, data.targets, strict=True):
        assert truth[pixels.tobytes()] == target.argmax()


def test_importing_nnlab_leaves_scikit_learn_alone():
    code = "import sys, nnlab; nnlab.moons(); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("held_out", "message"),
    [
        (([[1.0]], None), "validation_targets must be"),
        ((None, [[1.0]]), "validation_inputs must be"),
        (([[1.0]], [[1.0], [2.0]]), "same number of rows; got 1 and 2"),
        (([[1.0, 2.0]], [[1.0]]), "validation_inputs must have 1 columns, as inputs has; got 2"),
        (([[1.0]], [[1.0, 2.0]]), "validation_targets must have 1 columns, as targets has; got 2"),
        (([[np.nan]], [[1.0]]), "validation_inputs must be finite"),
    ],
)
def test_held_out_patterns_must_fit(held_out, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.Dataset([[0.0]], [[0.0]], "data", *held_out)


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        ([[0.0], [1.0]], True),
        ([[0.0], [0.5]], False),
        ([[0.0, 1.0], [1.0, 0.0]], True),
        ([[0.0, 1.0], [1.0, 1.0]], False),
        ([[0.0, 0.0], [1.0, 0.0]], False),
    ],
)
def test_targets_are_classes_if_one_hot_or_0_and_1(targets, classes):
    assert nnlab.Dataset([[0.0], [1.0]], targets).is_classification is classes


def test_standardizing_leaves_a_constant_input_at_0():
    data = nnlab.Dataset([[1.0, 0.1], [3.0, 0.1], [8.0, 0.1]], [[0.0]] * 3)
    scaled = data.standardize(data.inputs)
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(scaled.std(axis=0), [1.0, 0.0], atol=1e-15)


def test_a_run_sees_standardized_inputs_and_predict_takes_the_training_sets_scale():
    plain = nnlab.moons()
    wide = nnlab.Dataset(1000 * plain.inputs - 300, plain.targets)
    fields = {"layers": (2, 4, 1), "init": "xavier", "max_updates": 500, "tolerance": 0.0}
    runs = [
        nnlab.Experiment(data=data, normalization="input", **fields).run() for data in (plain, wide)
    ]
    np.testing.assert_allclose(runs[0].weights[0], runs[1].weights[0], rtol=1e-9)
    one = plain.inputs[:1]
    np.testing.assert_allclose(runs[0].predict(one), runs[1].predict(1000 * one - 300), rtol=1e-9)
    np.testing.assert_allclose(runs[0].predict(plain.inputs), runs[0].history.outputs[-1])


# --- curves over held-out data -------------------------------------------------------------------

DIGITS = nnlab.Experiment(
    data=nnlab.digits(),
    layers=(64, 32, 10),
    output="softmax",
    loss="cross_entropy",
    activation="relu",
    init="he",
    optimizer="adam",
    learning_rate=0.005,
    batch_size=32,
    shuffle=True,
    tolerance=0.0,
    max_updates=450,
)


def test_digits_are_learned_and_held_out_digits_recognized():
    history = DIGITS.run().history
    assert history.accuracy[0] < 0.3
    assert history.accuracy[-1] > 0.97
    assert history.validation_accuracy[-1] > 0.93
    assert history.loss[-1] < 0.1 < history.validation_loss[-1] < 0.4
    assert len(history.validation_loss) == len(history)


@pytest.mark.parametrize("normalization", [None, "input", "batch", "layer", "rms"])
def test_curves_are_those_of_predict(normalization):
    experiment = DIGITS.replace(normalization=normalization, max_updates=60, dropout=0.2)
    run, data = experiment.run(), experiment.data
    outputs = run.predict(data.validation_inputs)
    right = outputs.argmax(axis=1) == data.validation_targets.argmax(axis=1)
    assert run.history.validation_accuracy[-1] == right.mean()
    surprise = -(data.validation_targets * np.log(outputs)).sum(axis=1).mean()
    np.testing.assert_allclose(run.history.validation_loss[-1], surprise, rtol=1e-12)


def test_accuracy_of_a_single_output_counts_the_side_of_one_half():
    history = nnlab.Experiment(learning_rate=5.0, max_updates=300).run().history
    right = (history.outputs[..., 0] > 0.5) == (nnlab.parity().targets[:, 0] == 1.0)
    assert history.accuracy.tolist() == right.mean(axis=1).tolist()
    assert 0.0 < history.accuracy.min() < history.accuracy.max()


def test_curves_that_do_not_apply_are_none():
    data = nnlab.Dataset([[0.0], [1.0]], [[0.2], [0.4]])
    history = nnlab.Experiment(data=data, layers=(1, 2, 1), max_updates=5).run().history
    assert history.accuracy is None
    assert history.validation_loss is history.validation_accuracy is None


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_outputs_are_the_same_in_whatever_blocks_they_are_computed(monkeypatch, size):
    history = DIGITS.replace(max_updates=20).run().history
    whole, inputs = history.outputs, history.experiment.data.inputs
    monkeypatch.setattr(layout, "_BATCH", size)
    again = layout.answers(history.experiment, history.flat_weights, inputs)
    assert np.array_equal(again, whole)


def test_reordered_patterns_keep_their_numbers_and_the_repr_rebuilds_them():
    data = nnlab.parity().reordered([5, 1, 0, 2, 3, 4])
    again = data.reordered([1, 0, 2, 3, 4, 5])
    assert data.labels[:2] == ["tr:5 111", "tr:1 101"] and again.labels[0] == "tr:1 101"
    np.testing.assert_array_equal(again.inputs[0], nnlab.parity().inputs[1])
    for each in (data, again):
        assert eval(repr(each)) == each == pickle.loads(pickle.dumps(each))
        assert pickle.loads(pickle.dumps(each)).labels == each.labels
    own = nnlab.moons(patterns=6)
    assert own.reordered([0, 1, 2, 3, 4, 5]) != own.reordered([1, 0, 2, 3, 4, 5])


@pytest.mark.parametrize(
    "order",
    [[0, 1, 2, 3, 4], [0, 0, 2, 3, 4, 5], "012345", [0, 1, 2, 3, 4, 5, 0], [0, 1, 2, 3, 4, 6]],
)
def test_an_order_must_hold_each_row_once(order):
    with pytest.raises((TypeError, ValueError), match="order must"):
        nnlab.parity().reordered(order)
