"""Views of layers and of distinct units: histograms, counts, every kind of run."""

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import signals
from nnlab.plots import Look, style

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(layers=(3, 5, 5, 5, 1), init="xavier", max_updates=600)


VIEWS = (plots.activations, plots.gradients, plots.distinct_units)


def axes():
    """Fresh axes."""
    return style.picture()[1]


def many_patterns():
    """A run on 300 patterns with several outputs and a norm."""
    rng = np.random.default_rng(0)
    data = nnlab.Dataset(rng.normal(size=(300, 2)), 1.0 * (rng.random((300, 3)) > 0.5))
    return nnlab.Experiment(
        data=data,
        layers=(2, 40, 30, 3),
        init="he",
        activation="relu",
        normalization="batch",
        batch_size=32,
        max_updates=100,
    ).run()


RUNS = {
    "ordinary": lambda: ARTICLE.replace(learning_rate=5.0).run(),
    "zero": lambda: ARTICLE.replace(init="zeros", activation="tanh", max_updates=1).run(),
    "diverged": lambda: ARTICLE.replace(
        activation="relu", output="linear", learning_rate=10.0
    ).run(),
    "deep": lambda: DEEP.run(),
    "many patterns": many_patterns,
}


@pytest.fixture(scope="module", params=RUNS)
def run(request):
    """A run of every kind."""
    return RUNS[request.param]()


def ridges(collection):
    """Each layer's histogram as (positions, heights) above its own base."""
    paths = [path.vertices[:-1] for path in collection.get_paths()]
    return [(path[1:-1:2, 0], path[1:-1:2, 1] - path[0, 1]) for path in paths]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_moves_its_artists_and_makes_no_new_ones(view, run):
    where = axes()
    artists = view(where, run, Look(row=0))
    before = len(where.get_children())
    moved = view(where, run, Look(row=-1), artists)
    assert moved == artists and len(where.get_children()) == before
    assert style.png(where.figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("view", [plots.activations, plots.gradients])
def test_every_layer_has_a_histogram_that_stands_within_the_axes(view, run):
    where = axes()
    start, now, *_ = view(where, run)
    layers = len(run.experiment.layers) - 1
    assert len(where.get_yticks()) == layers
    assert len(start.get_paths()) == len(now.get_paths()) == layers
    low, high = where.get_xlim()
    bases = [path.vertices[0, 1] for path in start.get_paths()]
    assert bases == list(range(layers))[::-1]
    for positions, heights in ridges(start):
        assert low <= positions.min() and positions.max() <= high
        assert heights.max() == pytest.approx(0.82)


def test_activations_show_what_each_unit_answers():
    """All zeros: hidden sigmoid units and the output answer 1/2 to everything."""
    where = axes()
    run = ARTICLE.replace(init="zeros", max_updates=1).run()
    start, _ = plots.activations(where, run)
    assert where.get_xlim() == (0.0, 1.0)
    for positions, heights in ridges(start):
        (bar,) = np.unique(np.round(positions[heights > 0], 2))[[0]]
        assert 0.45 < bar <= 0.5 and positions[heights > 0].max() < 0.55


def test_activations_show_the_moment_and_the_start():
    run = ARTICLE.replace(learning_rate=5.0).run()
    where = axes()
    artists = plots.activations(where, run, Look(row=0))
    assert np.array_equal(ridges(artists[0])[1][1], ridges(artists[1])[1][1])
    plots.activations(where, run, Look(row=-1), artists)
    positions, heights = ridges(artists[1])[-1]
    for row, collection in zip((0, -1), artists, strict=True):
        positions, heights = ridges(collection)[-1]
        for answer in run.history.outputs[row].ravel():
            assert heights[np.searchsorted(positions, answer) - 1] > 0
    assert heights[(positions > 0.2) & (positions < 0.8)].max() == 0


def test_one_large_activation_does_not_flatten_the_rest():
    """It stands at the edge, where the last bar counts it."""
    one_large = nnlab.Dataset([[0.001 * k] for k in range(1, 101)] + [[50.0]], [[0.0]] * 101)
    passing_on = nnlab.Experiment(
        data=one_large, layers=(1, 1, 1), activation="relu", max_updates=1, learning_rate=1e-9
    )
    where = axes()
    plots.activations(where, passing_on.replace(init="constant").run())
    assert where.get_xlim()[1] <= 2.0


def test_activations_make_room_for_relu_but_not_for_a_diverged_run():
    where = axes()
    rectified = ARTICLE.replace(activation="relu", init="he", max_updates=60)
    artists = plots.activations(where, rectified.run())
    assert where.get_xlim()[1] >= 1.0
    overflown = RUNS["diverged"]()
    assert overflown.outcome == "diverged"
    plots.activations(where, overflown, Look(), artists)
    assert where.get_xlim()[1] <= 100
    grown = where.get_xlim()
    plots.activations(where, rectified.run(), Look(), artists)
    assert where.get_xlim() == grown


def test_gradients_are_those_of_the_mean_loss():
    run = ARTICLE.replace(learning_rate=5.0).run()
    *_, line = plots.gradients(axes(), run)
    parameters = run.weights
    layers = nnlab.reference.forward(run.experiment, parameters, run.experiment.data.inputs)
    targets = run.experiment.data.targets
    expected = nnlab.reference.backward(run.experiment, parameters, layers, targets)
    medians, bases = line.get_data()
    assert np.allclose(medians, [np.median(np.abs(each)) for each in expected])
    assert list(bases) == [1, 0]


def test_gradients_that_are_zero_stand_at_the_left_edge():
    """Zeros with tanh: nothing but the output's bias gets a gradient."""
    run = ARTICLE.replace(init="zeros", activation="tanh", max_updates=1).run()
    start, _, line = plots.gradients(axes(), run)
    positions, heights = ridges(start)[0]
    assert positions[heights > 0].max() < 1e-11
    assert line.get_xdata()[0] == 1e-12


def test_gradients_of_a_deep_sigmoid_network_vanish_towards_the_input():
    *_, line = plots.gradients(axes(), DEEP.run(), Look(row=0))
    medians = line.get_xdata()
    assert (np.diff(medians) > 0).all() and medians[0] < 0.01 * medians[-1]


@pytest.mark.parametrize(("init", "units"), [("constant", 1), ("alternating", 2), ("gaussian", 5)])
def test_distinct_units_are_counted_over_time(init, units):
    run = ARTICLE.replace(init=init, learning_rate=5.0, max_updates=600).run()
    (line,) = plots.distinct_units(axes(), run)
    times, counts = line.get_data()
    assert (times[0], times[-1]) == (0, run.updates)
    assert set(counts) == {units}


def test_small_units_part_on_the_way():
    run = ARTICLE.replace(init=nnlab.Initializer("gaussian", 0.01), learning_rate=5.0).run()
    (line,) = plots.distinct_units(axes(), run, Look(scale="log"))
    counts = line.get_ydata()
    answers = nnlab.reference.forward(run.experiment, run.weights, ARTICLE.data.inputs)[1]
    assert counts[0] < counts[-1] == signals.distinct(answers)


def test_every_hidden_layer_has_a_line_and_a_wide_one_fewer_points():
    lines = plots.distinct_units(axes(), DEEP.run())
    assert [line.get_label() for line in lines] == ["layer 1", "layer 2", "layer 3"]
    wide = ARTICLE.replace(layers=(3, 100, 1), init="gaussian", max_updates=600).run()
    (line,) = plots.distinct_units(axes(), wide)
    assert 8 <= len(line.get_xdata()) < 20
    assert line.get_ydata()[0] == 100


def test_distinct_units_need_a_hidden_layer_and_leave_out_what_overflows():
    with pytest.raises(ValueError, match="hidden layer"):
        plots.distinct_units(axes(), ARTICLE.replace(layers=(3, 1), max_updates=6).run())
    (line,) = plots.distinct_units(axes(), RUNS["diverged"]())
    assert line.get_ydata()[0] == 2
