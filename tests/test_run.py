"""Run: what it holds, how it is watched, stopped and interrupted, and what it says in words."""

import _thread
import pickle
import threading
import time

import numpy as np
import pytest

import nnlab
from nnlab.diagnosis import findings
from nnlab.run import stopping

ENDLESS = nnlab.Experiment(learning_rate=50.0, max_updates=10**12)


def solved(**changes):
    """The article's network at its good rate."""
    return nnlab.Experiment(learning_rate=5.0).replace(**changes).run()


# --- what it holds -------------------------------------------------------------------------------


def test_weights_have_a_matrix_a_layer_with_the_bias_in_the_last_row():
    run = nnlab.Experiment(layers=(3, 4, 2, 1), init="xavier", max_updates=20).run()
    assert [matrix.shape for matrix in run.weights] == [(4, 4), (5, 2), (3, 1)]
    start = nnlab.Experiment(layers=(3, 4, 2, 1), init="xavier").initial_weights()
    assert [matrix.shape for matrix in run.history.weights] == [
        (len(run.history), *matrix.shape) for matrix in start
    ]


def test_weights_are_those_of_the_last_row_and_the_first_row_is_the_start():
    run = solved()
    for last, path, start in zip(
        run.weights, run.history.weights, run.experiment.initial_weights(), strict=True
    ):
        assert np.array_equal(last, path[-1])
        assert np.array_equal(start, path[0])


def test_predict_answers_the_patterns_that_were_learned():
    data = nnlab.parity()
    outputs = solved().predict(data.inputs)
    assert outputs.shape == (6, 1)
    assert np.abs(outputs - data.targets).max() < 0.1


def test_predict_by_hand():
    data = nnlab.Dataset([[1.0, 1.0]], [[0.0, 0.0]])
    run = nnlab.Experiment(
        data=data,
        layers=(2, 2),
        output="linear",
        init="constant",
        learning_rate=1e-300,
        max_updates=1,
    ).run()
    assert run.predict([[2.0, 3.0], [0.0, 0.0]]).tolist() == [[6.0, 6.0], [1.0, 1.0]]


@pytest.mark.parametrize("x", [[1.0, 0.0, 1.0], [[1.0, 0.0]], [[[1.0, 0.0, 1.0]]]])
def test_predict_refuses_other_shapes(x):
    with pytest.raises(ValueError, match=r"x must .*; got shape \("):
        solved().predict(x)


def test_history_follows_from_its_weights():
    history = solved().history
    targets = history.experiment.data.targets
    assert history.outputs.shape == (len(history), 6, 1)
    np.testing.assert_allclose(
        history.loss, 0.5 * ((history.outputs - targets) ** 2).sum(axis=2).mean(axis=1)
    )
    assert np.array_equal(history.outputs[-1], solved().predict(history.experiment.data.inputs))


def test_counts_of_updates_epochs_and_samples():
    run = nnlab.Experiment(batch_size=4, max_updates=7, tolerance=0.0).run()
    assert (run.updates, run.epochs, run.samples_seen) == (7, 3, 22)


def test_seconds_are_those_of_training():
    begin = time.perf_counter()
    run = nnlab.Experiment(max_updates=200_000).run()
    assert 0.0 < run.seconds <= time.perf_counter() - begin


def test_the_same_experiment_gives_the_same_bits():
    runs = [solved(init="xavier", shuffle=True, batch_size=2, max_updates=5000) for _ in range(2)]
    assert np.array_equal(runs[0].history.flat_weights, runs[1].history.flat_weights)


def test_the_reprs_are_fixed():
    run = solved()
    assert repr(run) == "<Run: converged after 564 updates (94 epochs)>"
    assert repr(run.history) == "<History: 95 rows, updates 0 to 564>"


# --- watched and stopped -------------------------------------------------------------------------


def test_progress_sees_the_run_as_it_goes():
    seen = []
    nnlab.Experiment(learning_rate=50.0, max_updates=2_000_000).run(progress=seen.append)
    assert len(seen) >= 2
    assert {run.outcome for run in seen} == {"running"}
    updates = [run.updates for run in seen]
    assert updates == sorted(set(updates))
    assert [run.history.updates[-1] for run in seen] == updates


def test_watching_changes_nothing():
    experiment = nnlab.Experiment(learning_rate=0.1)
    watched, alone = experiment.run(progress=lambda run: None), experiment.run()
    assert np.array_equal(watched.history.flat_weights, alone.history.flat_weights)


def test_stop_ends_a_run():
    asked = []

    def stop():
        asked.append(time.perf_counter())
        return len(asked) == 3

    run = ENDLESS.run(stop=stop)
    assert (run.outcome, run.converged, len(asked)) == ("stopped", False, 3)
    assert run.updates > 0
    assert np.diff(asked).max() < 0.5


def test_an_exception_in_progress_reaches_the_caller():
    def fail(run):
        raise LookupError("in progress")

    with pytest.raises(LookupError, match="in progress"):
        ENDLESS.run(progress=fail)


# --- interrupted ---------------------------------------------------------------------------------


def interrupt_soon(seconds, times):
    """Interrupt the main thread after a while, as Jupyter's stop button does."""

    def fire():
        times.append(time.perf_counter())
        _thread.interrupt_main()

    timer = threading.Timer(seconds, fire)
    timer.start()
    return timer


def wide_network():
    """One whose single update takes some milliseconds."""
    rng = np.random.default_rng(0)
    data = nnlab.Dataset(rng.random((1000, 64)), rng.random((1000, 10)))
    return ENDLESS.replace(data=data, layers=(64, 50, 10), batch_size="full", tolerance=0.0)


@pytest.mark.parametrize("experiment", [ENDLESS, wide_network()], ids=["article", "wide"])
def test_an_interrupt_ends_a_run_at_once_and_leaves_what_there_is(experiment):
    experiment.replace(max_updates=1).run()  # compiled and warm
    fired = []
    timer = interrupt_soon(0.3, fired)
    with pytest.raises(nnlab.Interrupted) as caught:
        experiment.run()
    took = time.perf_counter() - fired[0]
    timer.join()
    assert took < 0.5
    run = caught.value.run
    assert (run.outcome, run.experiment) == ("stopped", experiment)
    assert run.updates == run.history.updates[-1] > 0
    assert str(caught.value) == f"stopped after {run.updates:,} updates"


def test_an_interrupt_is_a_keyboard_interrupt():
    """So that a notebook's cell ends as readers know it, and no `except Exception` swallows it."""
    assert issubclass(nnlab.Interrupted, KeyboardInterrupt)


def prepared(depth):
    """An experiment whose start takes very long; at depth 2 the start of its start."""
    start = nnlab.After(ENDLESS, 10**12)
    for _ in range(depth - 1):
        start = nnlab.After(ENDLESS.replace(init=nnlab.Nudged(start, 0.1)), 3)
    return nnlab.Experiment(init=start)


@pytest.mark.parametrize("depth", [1, 2])
def test_an_interrupt_within_a_start_that_trains_leaves_no_run(depth):
    """The preparing run is not the one that was asked for."""
    fired = []
    timer = interrupt_soon(0.3, fired)
    with pytest.raises(nnlab.Interrupted, match="stopped before the first update") as caught:
        prepared(depth).run()
    took = time.perf_counter() - fired[0]
    timer.join()
    assert took < 0.5
    assert (caught.value.run, caught.value.sweep) == (None, None)


@pytest.mark.parametrize("depth", [1, 2])
def test_stop_reaches_a_start_that_trains(depth):
    asked = []
    with pytest.raises(nnlab.Interrupted, match="stopped before the first update") as caught:
        prepared(depth).run(stop=lambda: asked.append(1) or len(asked) == 3)
    assert (caught.value.run, len(asked)) == (None, 3)


def test_a_start_that_is_whole_by_then_is_not_disturbed():
    whole = nnlab.Experiment(init=nnlab.After(nnlab.Experiment(), 600), learning_rate=5.0)
    assert whole.run(stop=lambda: False).updates == whole.run().updates


def test_what_stands_around_a_training_can_stop_it():
    with stopping(lambda: True), pytest.raises(nnlab.Interrupted) as caught:
        ENDLESS.run()
    assert caught.value.run.experiment == ENDLESS
    assert nnlab.Experiment(max_updates=6).run().updates == 6  # and is over with the block


def test_an_interrupted_run_can_be_pickled():
    interrupted = nnlab.Interrupted("stopped", run=nnlab.Experiment(max_updates=6).run())
    again = pickle.loads(pickle.dumps(interrupted))
    assert (str(again), again.run.updates, again.sweep) == ("stopped", 6, None)


def test_an_interrupt_within_progress_leaves_the_run_too():
    def progress(run):
        raise KeyboardInterrupt

    with pytest.raises(nnlab.Interrupted) as caught:
        ENDLESS.run(progress=progress)
    assert caught.value.run.updates > 0


# --- in words ------------------------------------------------------------------------------------


def small(inputs, targets, **fields):
    """A tiny network on own data."""
    data = nnlab.Dataset(inputs, targets)
    layers = fields.pop("layers", (data.inputs.shape[1], 2, data.targets.shape[1]))
    return nnlab.Experiment(data=data, layers=layers, **fields)


def test_words_for_divergence_name_the_update():
    run = nnlab.Experiment(activation="relu", output="linear", learning_rate=10.0).run()
    assert run.diagnosis() == f"diverged at update {run.updates:,}"


def test_words_for_identical_units_name_them_counting_from_one():
    words = solved().diagnosis()
    assert "hidden units 1, 3, 5 of layer 1 are identical" in words
    assert "hidden units 2, 4 of layer 1 are identical" in words


def test_units_that_were_identical_only_at_the_start_are_not_named():
    experiment = nnlab.Experiment(layers=(3, 2, 1))
    start, end = np.ones(11), np.arange(11.0)
    history = nnlab.History(experiment, np.array([0, 6]), np.stack([start, end]), np.ones((2, 6)))
    assert not [words for words in findings(history, "converged") if "identical" in words]
    swapped = nnlab.History(experiment, np.array([0, 6]), np.stack([end, start]), np.ones((2, 6)))
    assert "hidden units 1, 2 of layer 1 are identical" in list(findings(swapped, "converged"))


def test_no_words_where_nothing_is_odd():
    run = solved(init="xavier", init_seed=2, learning_rate=1.0)
    assert run.converged
    assert run.diagnosis() == ""


def test_words_for_what_is_still_wrong():
    run = nnlab.Experiment(max_updates=100_000).run()
    words = run.diagnosis()
    assert words.startswith("still wrong: tr:1; right, but not within tolerance: tr:3, tr:4, tr:5")


def test_words_for_what_is_still_wrong_count_where_names_would_be_many():
    run = small(np.linspace(-1, 1, 20)[:, None], np.ones((20, 1)), max_updates=10).run()
    assert "still wrong: 20 of 20 patterns" in run.diagnosis()


def test_words_for_outputs_that_stay_at_one_half():
    """Inputs that say nothing: the best answer is the mean."""
    run = small([[1.0], [1.0]], [[0.0], [1.0]], init="zeros", max_updates=5000).run()
    assert "all outputs near 0.5 since update 0" in run.diagnosis()


def test_words_for_a_plateau_elsewhere():
    run = small([[1.0], [1.0]], [[0.0], [0.4]], learning_rate=1.0, max_updates=5000).run()
    words = run.diagnosis()
    assert "the loss has hardly moved since update" in words
    assert "near 0.5" not in words


def test_no_plateau_where_the_loss_still_falls():
    run = nnlab.Experiment(learning_rate=5.0, max_updates=300).run()
    assert "since update" not in run.diagnosis()


def test_words_for_saturated_units():
    run = nnlab.Experiment(init=nnlab.Initializer("constant", 100.0), max_updates=6).run()
    assert "5 of 5 units of layer 1 are saturated" in run.diagnosis()


def test_words_for_saturated_tanh_units():
    run = nnlab.Experiment(
        init=nnlab.Initializer("constant", 100.0), activation="tanh", max_updates=6
    ).run()
    assert "5 of 5 units of layer 1 are saturated" in run.diagnosis()


@pytest.mark.parametrize(
    ("activation", "sum_in", "saturated"),
    [("sigmoid", 4.7, True), ("sigmoid", 4.5, False), ("tanh", 2.4, True), ("tanh", 2.2, False)],
)
def test_a_unit_within_one_percent_of_its_range_is_saturated(activation, sum_in, saturated):
    start = nnlab.Initializer("constant", scale=sum_in / 2)  # half from the weight, half the bias
    experiment = small([[1.0]], [[0.5]], init=start, activation=activation, learning_rate=1e-300)
    words = experiment.replace(max_updates=1).run().diagnosis()
    assert ("2 of 2 units of layer 1 are saturated" in words) is saturated


def test_no_words_of_saturation_for_units_that_move():
    assert "saturated" not in nnlab.Experiment(max_updates=6).run().diagnosis()


def test_words_for_dead_relus():
    """Inputs below zero and weights above: no sum is ever positive, so no gradient flows."""
    run = small(
        [[-5.0], [-6.0]],
        [[1.0], [0.0]],
        init="constant",
        activation="relu",
        max_updates=6,
    ).run()
    assert "2 of 2 ReLUs of layer 1 are dead" in run.diagnosis()


def test_no_words_of_death_for_living_relus():
    run = small(
        [[5.0], [6.0]],
        [[1.0], [0.0]],
        init="constant",
        activation="relu",
        learning_rate=1e-6,
        max_updates=6,
    ).run()
    assert "dead" not in run.diagnosis()


def test_words_name_the_layer():
    run = nnlab.Experiment(layers=(3, 2, 4, 1), init="constant", max_updates=6).run()
    assert "hidden units 1, 2 of layer 1 are identical" in run.diagnosis()
    assert "hidden units 1, 2, 3, 4 of layer 2 are identical" in run.diagnosis()


@pytest.mark.parametrize("normalization", ["batch", "layer", "rms"])
def test_a_diagnosis_of_a_normalized_network_sees_gamma_and_beta(normalization):
    """Units with equal weights stay twins under a norm, as their gammas and betas do."""
    fields = {"normalization": normalization, "batch_size": "full", "max_updates": 50}
    twins = nnlab.Experiment(init="alternating", **fields).run().diagnosis()
    assert "hidden units 1, 3, 5 of layer 1 are identical" in twins
    single = nnlab.Experiment(init="gaussian", **fields).run().diagnosis()
    assert "identical" not in single
