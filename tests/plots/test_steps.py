"""How far each weight steps."""

import warnings

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import landscape
from nnlab.plots import EVERY_WEIGHT, Look, style

ARTICLE = nnlab.Experiment()


RAVINE = nnlab.Experiment(
    data=nnlab.ravine(), layers=(1, 1), output="linear", batch_size="full", max_updates=300
)


MANY = nnlab.Dataset(
    np.random.default_rng(0).normal(size=(300, 2)), np.random.default_rng(1).random((300, 3))
)


EXPERIMENTS = {
    "ravine": RAVINE.replace(learning_rate=0.5),
    "zigzag": RAVINE.replace(learning_rate=2.1),
    "diverged": RAVINE.replace(learning_rate=100.0),
    "article": ARTICLE.replace(learning_rate=5.0),
    "long": ARTICLE.replace(optimizer="adam", max_updates=100_000),
    "one update": ARTICLE.replace(max_updates=1),
    "deep": ARTICLE.replace(layers=(3, 5, 5, 5, 5, 5, 1), init="xavier", max_updates=500),
    "many patterns": nnlab.Experiment(data=MANY, layers=(2, 20, 3), init="xavier", max_updates=900),
    "batch norm": ARTICLE.replace(normalization="batch", batch_size=3, max_updates=300),
    "standing still": ARTICLE.replace(init="zeros", learning_rate=1e-300, max_updates=600),
}


@pytest.fixture(scope="module")
def runs():
    """A run of each kind."""
    return {name: experiment.run() for name, experiment in EXPERIMENTS.items()}


def axes():
    """Fresh axes."""
    return style.picture()[1]


def segments(artists):
    """What each layer's lines show: arrays of (times, sizes)."""
    return [np.array(lines.get_segments()) for lines in artists]


def test_steps_are_what_the_weights_moved_an_update(runs):
    run = runs["ravine"]
    (lines,) = segments(plots.steps(axes(), run))
    moved = np.abs(np.diff(run.history.flat_weights, axis=0))
    drawn = np.maximum(moved, 1e-10)
    assert lines.shape == (2, len(moved), 2)
    assert np.array_equal(lines[:, :, 0], [run.history.updates[1:]] * 2)
    np.testing.assert_allclose(lines[:, :, 1], drawn.T, rtol=1e-12)


def test_weight_and_bias_of_a_neuron_have_colours_of_their_own(runs):
    drawn = axes()
    (lines,) = plots.steps(drawn, runs["ravine"])
    assert len({tuple(colour) for colour in lines.get_colors()}) == 2
    legend = drawn.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["weight", "bias"]


@pytest.mark.parametrize("name", ["article", "deep"])
def test_the_layers_of_a_network_are_named(runs, name):
    drawn = axes()
    layers = plots.steps(drawn, runs[name])
    texts = [text.get_text() for text in drawn.get_legend().get_texts()]
    assert texts == [f"W[{layer}]" for layer in range(len(layers))]


def test_rows_that_are_epochs_apart_share_the_way_among_their_updates(runs):
    run = runs["article"]
    hidden, output = segments(plots.steps(axes(), run))
    moved = np.abs(np.diff(run.history.flat_weights, axis=0)) / 6
    assert (len(hidden), len(output)) == (20, 6)
    np.testing.assert_allclose(np.vstack([hidden, output])[:, :, 1], moved.T, rtol=1e-9)


def test_adams_steps_begin_at_the_learning_rate_and_sgds_at_their_gradients():
    full = ARTICLE.replace(batch_size="full", learning_rate=0.01, max_updates=1)
    steps = np.vstack(segments(plots.steps(axes(), full.replace(optimizer="adam").run())))
    assert np.allclose(steps[:, 0, 1], 0.01, rtol=1e-4)
    steps = np.vstack(segments(plots.steps(axes(), full.run())))
    gradient = landscape.gradient(full, full.run().history.flat_weights[0]) / 6
    assert np.allclose(steps[:, 0, 1], 0.01 * np.abs(gradient))


def test_many_weights_are_drawn_as_percentiles(runs):
    run = runs["many patterns"]
    sources, targets = run.experiment.weight_shapes[0]
    assert sources * targets + 21 * 3 > EVERY_WEIGHT
    hidden, output = segments(plots.steps(axes(), run))
    assert (len(hidden), len(output)) == (3, 3)
    rows = plots.rows_to_draw(run.history, Look())
    moved = np.abs(np.diff(run.history.flat_weights[rows], axis=0)) / np.diff(
        run.history.updates[rows]
    ).reshape(-1, 1)
    own = moved[:, : sources * targets]
    np.testing.assert_allclose(
        hidden[:, :, 1], np.percentile(own, (10, 50, 90), axis=1), rtol=1e-6, atol=1e-10
    )


@pytest.mark.parametrize("unit", plots.UNITS)
def test_steps_are_drawn_against_any_clock(runs, unit):
    look = Look(unit=unit)
    run = runs["article"]
    hidden, _ = segments(plots.steps(axes(), run, look))
    assert np.array_equal(hidden[0, :, 0], plots.clock(run, look)[1:])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_run_has_steps(runs, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, where = style.picture()
        artists = plots.steps(where, runs[name])
        plots.time_axis(where, Look(scale="log"), max(runs[name].updates, 1))
        figure.canvas.draw()
    assert len(artists) == len(EXPERIMENTS[name].weight_shapes)
    assert all(np.isfinite(lines).all() for lines in segments(artists) if lines.size)


def test_steps_are_moved_and_their_axis_only_grows(runs):
    where = axes()
    artists = plots.steps(where, runs["ravine"])
    before, limits = len(where.get_children()), where.get_ylim()
    plots.steps(where, runs["diverged"], Look(), artists)
    grown = where.get_ylim()
    assert grown[0] == limits[0] and grown[1] > limits[1]
    moved = plots.steps(where, runs["ravine"], Look(), artists)
    assert where.get_ylim() == grown and len(where.get_children()) == before
    assert all(one is two for one, two in zip(moved, artists, strict=True))
    np.testing.assert_allclose(
        segments(artists)[0], segments(plots.steps(axes(), runs["ravine"]))[0]
    )
