"""Part 2: views of layers and of distinct units, starts made from starts, and the panel."""

import re
import time

import ipywidgets as widgets
import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import signals
from nnlab.plots import Look, style
from tests.panel.panels import all_widgets, find

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


# --- views: any run, the same artists, something to see ------------------------------------------


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


# --- inside a network ----------------------------------------------------------------------------


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


# --- starts made from starts ---------------------------------------------------------------------


def test_a_nudge_moves_one_weight_or_all():
    plain = ARTICLE.initial_weights()
    one = ARTICLE.replace(init=nnlab.Nudged("alternating", -2.0, place=(1, 3, 0)))
    assert one.initial_weights()[1].ravel().tolist() == [-1, 1, -1, -1, -1, 1]
    assert np.array_equal(one.initial_weights()[0], plain[0])
    noisy = ARTICLE.replace(init=nnlab.Nudged("alternating", 1e-3), init_seed=4)
    moved = noisy.initial_weights()[0] - plain[0]
    assert (moved != 0).all() and 3e-4 < moved.std() < 3e-3
    assert np.array_equal(noisy.initial_weights()[0], noisy.initial_weights()[0])
    other = noisy.replace(init_seed=5).initial_weights()[0]
    assert not np.array_equal(noisy.initial_weights()[0], other)
    assert one.start.uses_seed is False and noisy.start.uses_seed is True


def test_a_nudges_noise_is_not_that_of_the_start_itself():
    start = ARTICLE.replace(init="gaussian").initial_weights()[0]
    noise = ARTICLE.replace(init=nnlab.Nudged("gaussian", 1.0)).initial_weights()[0] - start
    assert abs(np.corrcoef(noise.ravel(), start.ravel())[0, 1]) < 0.9


def test_the_articles_start_is_one_unit_and_its_mirror_images():
    tied = nnlab.Tied("alternating", (1, -1, 1, -1, 1))
    weights = ARTICLE.replace(init=tied).initial_weights()
    for ours, articles in zip(weights, ARTICLE.initial_weights(), strict=True):
        assert np.array_equal(ours, articles)


def test_tied_units_are_copies():
    weights = ARTICLE.replace(init=nnlab.Tied("gaussian", (1, 2, 1, 2, 5))).initial_weights()
    plain = ARTICLE.replace(init="gaussian").initial_weights()
    assert np.array_equal(weights[0], plain[0][:, [0, 1, 0, 1, 4]])
    assert np.array_equal(weights[1], plain[1][[0, 1, 0, 1, 4, 5]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nnlab.Nudged("alternatin", 0.1), "alternating"),
        (lambda: nnlab.Nudged(3, 0.1), "init must be a name or a Start"),
        (lambda: nnlab.Nudged("zeros", np.inf), "size must be a finite number"),
        (lambda: nnlab.Tied("gaussian", (1, 2, 4)), "units must be 1 to 3"),
        (lambda: nnlab.Tied("gaussian", (1, 0)), "units must be 1 to 2"),
    ],
)
def test_starts_refuse_what_makes_no_sense(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


@pytest.mark.parametrize(
    ("start", "field"),
    [(nnlab.Nudged("zeros", 0.1, place=(0, 4, 0)), "place"), (nnlab.Tied("he", (1, 1)), "units")],
)
def test_starts_refuse_a_network_that_they_do_not_fit(start, field):
    with pytest.raises(ValueError, match=field):
        ARTICLE.replace(init=start).initial_weights()


@pytest.mark.parametrize(
    "start",
    [
        nnlab.Nudged("zeros", 0.1),
        nnlab.Nudged(nnlab.Initializer("gaussian", scale=2.0), 0.5, place=(0, 1, 2)),
        nnlab.Tied("gaussian", (1, -1, 1, -1, 1)),
    ],
)
def test_the_repr_rebuilds_the_start(start):
    assert eval(repr(start), {"nnlab": nnlab}) == start
    assert hash(eval(repr(start), {"nnlab": nnlab})) == hash(start)


# --- the notebook's panel ------------------------------------------------------------------------

SHOWN = ["errors", "curve", "distinct units", "activations", "gradients", "last weights"]
CORNERS = {
    "init": list(nnlab.INITIALIZERS),
    "scale": [0.01, 30.0, 1.0],
    "init seed": [29, 0],
    "learning rate": [0.01, 50.0, 5.0],
}


@pytest.fixture(scope="module")
def panel():
    """The panel as the notebook makes it, on a smaller budget."""
    shown = nnlab.live(
        ARTICLE.replace(learning_rate=5.0, max_updates=600),
        views=SHOWN,
        init=list(nnlab.INITIALIZERS),
        scale=nnlab.Dial(
            (0.01, 30.0),
            lambda experiment, scale: experiment.replace(
                init=nnlab.Initializer(experiment.start.name, scale)
            ),
            start=1.0,
            logarithmic=True,
        ),
        init_seed=(0, 29),
        layers=[(3, 5, 1), (3, 5, 5, 5, 1)],
        learning_rate=(0.01, 50.0),
    )
    yield shown
    shown.close()
    assert shown.wait(5)


def status(panel):
    """The words beneath the controls."""
    texts = [w.value for w in all_widgets(panel) if isinstance(w, widgets.HTML)]
    return re.sub(r"<[^>]*>", " ", " ".join(texts))


def settled(panel):
    """Wait until the panel shows the end of the run that its controls ask for."""
    end = time.perf_counter() + 10
    while time.perf_counter() < end:
        run = panel.run
        over = run.experiment == panel.experiment and run.outcome != "running"
        if over and f"{run.updates:,} updates ({run.epochs:,} epochs)" in status(panel):
            return True
        time.sleep(0.005)
    return False


def by_title(panel):
    """The axes on screen by the beginning of their titles."""
    figure = panel.figure
    return {each.get_title(loc="left").split(";")[0]: each for each in figure.axes if each.axison}


@pytest.mark.parametrize("layers", [(3, 5, 1), (3, 5, 5, 5, 1)])
@pytest.mark.parametrize("control", CORNERS)
def test_a_control_at_its_corners_shows_the_run_that_it_asks_for(panel, control, layers):
    find(panel, "layers").value = layers
    find(panel, "init").value = "gaussian"
    assert settled(panel)
    for value in CORNERS[control]:
        find(panel, control).value = value
        assert settled(panel)
        run = panel.experiment.run()
        assert panel.run.experiment == panel.experiment
        assert (panel.run.outcome, panel.run.updates) == (run.outcome, run.updates)
        assert f"{run.updates:,} updates" in status(panel)
        shown = by_title(panel)
        lines = shown["distinct hidden units"].lines[: len(layers) - 2]
        assert all(len(line.get_xdata()) > 1 for line in lines)
        answers = nnlab.reference.forward(run.experiment, run.weights, ARTICLE.data.inputs)[1]
        assert lines[0].get_ydata()[-1] == signals.distinct(answers)
        gradients = shown["gradients by layer"].lines[-1].get_xdata()
        assert len(gradients) == len(layers) - 1


def test_the_scale_reaches_the_start(panel):
    find(panel, "layers").value = (3, 5, 1)
    find(panel, "init").value = "constant"
    find(panel, "scale").value = 0.5
    assert settled(panel)
    assert set(np.concatenate([each.ravel() for each in panel.experiment.initial_weights()])) == {
        0.5
    }
    find(panel, "scale").value = 1.0
    assert settled(panel)
