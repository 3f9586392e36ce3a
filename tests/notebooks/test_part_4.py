"""Part 4: gradients of patterns and batches, the view of gradient noise, the notebook's panel."""

import io
import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.quiver import Quiver
from PIL import Image

import nnlab
from nnlab import plots
from nnlab.analysis import landscape, noise
from nnlab.plots import style
from tests.panel.panels import until

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_when_to_update.ipynb"
ARTICLE = nnlab.Experiment()
SHORT = ARTICLE.replace(max_updates=600, learning_rate=1.0)


def random_data(patterns, n_out=1):
    """Own data with two inputs."""
    rng = np.random.default_rng(0)
    return nnlab.Dataset(rng.normal(size=(patterns, 2)), rng.random((patterns, n_out)))


def one_by_one(experiment, flat):
    """Each pattern's gradient as the gradient of a data set of its own."""
    data, rows = experiment.data, []
    for pattern in range(len(data)):
        one = nnlab.Dataset(data.inputs[[pattern]], data.targets[[pattern]])
        rows.append(landscape.gradient(experiment.replace(data=one), flat))
    return np.array(rows)


# --- gradients of single patterns ----------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"loss": "cross_entropy"},
        {"activation": "tanh", "layers": (3, 4, 3, 1)},
        {"layers": (3, 1)},
        {"normalization": "layer"},
        {"dropout": 0.5},
        {"data": random_data(20, 3), "layers": (2, 4, 3), "init": "xavier", "output": "softmax"},
    ],
)
def test_gradients_of_all_patterns_at_once_are_those_of_each(fields):
    experiment = SHORT.replace(**fields)
    flat = experiment.run().history.flat_weights[-1]
    gradients = landscape.pattern_gradients(experiment, flat)
    np.testing.assert_allclose(gradients, one_by_one(experiment, flat), atol=1e-15)
    np.testing.assert_allclose(
        gradients.sum(axis=0), landscape.gradient(experiment, flat), atol=1e-14
    )


def test_gradients_of_some_patterns_are_rows_of_all():
    flat = SHORT.run().history.flat_weights[-1]
    every = landscape.pattern_gradients(SHORT, flat)
    assert np.array_equal(landscape.pattern_gradients(SHORT, flat, [4, 1]), every[[4, 1]])


def test_with_batch_norm_a_pattern_has_no_gradient():
    experiment = SHORT.replace(normalization="batch", batch_size="full")
    run = experiment.run()
    for draw in (
        lambda: landscape.pattern_gradients(experiment, run.history.flat_weights[0]),
        lambda: plots.gradient_noise(style.picture()[1], run),
    ):
        with pytest.raises(ValueError, match="'batch' a pattern alone has no gradient"):
            draw()


# --- noise of batches ----------------------------------------------------------------------------


@pytest.fixture
def gradients():
    """Six random ones."""
    return np.random.default_rng(1).normal(size=(6, 30)) + 0.3


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_the_spread_is_that_of_all_batches(gradients, size):
    full = gradients.mean(axis=0)
    batches = [gradients[list(batch)] for batch in itertools.combinations(range(6), size)]
    squares = [((batch.mean(axis=0) - full) ** 2).sum() for batch in batches]
    assert noise.spread(gradients, size) == pytest.approx(np.sqrt(np.mean(squares)), abs=1e-12)


def test_random_batches_hold_distinct_patterns_in_equal_shares():
    shares = noise.batch_shares(10, 4, draws=500)
    assert set(np.unique(shares)) == {0.0, 0.25}
    assert (np.count_nonzero(shares, axis=1) == 4).all()
    assert np.abs(shares.mean(axis=0) - 0.1).max() < 0.02
    assert len(np.unique(shares, axis=0)) > 150  # of 210


def test_random_batches_scatter_by_the_formula():
    many = np.random.default_rng(2).normal(size=(200, 40))
    guesses = noise.batch_gradients(many, 16, draws=2_000)
    found = np.sqrt(((guesses - many.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert found == pytest.approx(noise.spread(many, 16), rel=0.03)


@pytest.mark.parametrize("size", [0, 7, 1.5, True])
def test_a_batch_has_between_one_and_all_patterns(gradients, size):
    for function in (noise.spread, noise.batch_gradients):
        with pytest.raises((ValueError, TypeError), match="batch_size"):
            function(gradients, size)


def test_at_the_noise_scale_noise_is_as_long_as_the_gradient():
    many = np.random.default_rng(3).normal(size=(100_000, 3)) + 0.5
    scale = round(noise.noise_scale(many))
    assert noise.spread(many, scale) == pytest.approx(np.linalg.norm(many.mean(axis=0)), rel=0.1)
    assert noise.noise_scale(np.array([[1.0, 0.0], [-1.0, 0.0]])) == np.inf


def test_the_plane_is_spanned_by_the_gradient_and_the_largest_difference():
    gradients = np.array([[2.0, 3.0, 0.1], [2.0, -3.0, 0.1], [2.0, 0.0, -0.2]])
    np.testing.assert_allclose(np.abs(noise.plane(gradients)), np.eye(3)[:2], atol=1e-12)
    assert np.array_equal(noise.plane(np.zeros((4, 5))), np.zeros((2, 5)))


# --- the view ------------------------------------------------------------------------------------


def tips(artists):
    """Ends of the patterns' arrows, the rings, and the end of the line of all."""
    arrows, rings, full = artists
    ends = np.column_stack([arrows.U, arrows.V])
    return ends, np.column_stack(rings.get_data()), np.array([part[-1] for part in full.get_data()])


def drawn(run, row=-1):
    """What the view shows of a run."""
    return tips(plots.gradient_noise(style.picture()[1], run, plots.Look(row=row)))


@pytest.mark.parametrize("row", [0, 50, -1])
def test_arrows_are_gradients_in_units_of_the_longest(row):
    run = SHORT.run()
    gradients = landscape.pattern_gradients(SHORT, run.history.flat_weights[row])
    lengths = np.linalg.norm(gradients, axis=1)
    arrows, _, full = drawn(run, row)
    mean = gradients.mean(axis=0)
    along = gradients @ mean / np.linalg.norm(mean)
    np.testing.assert_allclose(arrows[:, 0], along / lengths.max(), atol=1e-12)
    np.testing.assert_allclose(full, [np.linalg.norm(mean) / lengths.max(), 0.0], atol=1e-12)
    assert (np.linalg.norm(arrows, axis=1) <= lengths / lengths.max() + 1e-12).all()
    in_plane = ((arrows - full) ** 2).sum() * lengths.max() ** 2
    assert in_plane > 0.7 * ((gradients - mean) ** 2).sum()  # the plane shows most of the noise


@pytest.mark.parametrize(
    ("size", "shuffle", "batches"),
    [
        (1, False, [[k] for k in range(6)]),
        (2, False, [[0, 1], [2, 3], [4, 5]]),
        (3, False, [[0, 1, 2], [3, 4, 5]]),
        (4, False, [[0, 1, 2, 3], [4, 5]]),
        (3, True, list(itertools.combinations(range(6), 3))),
        ("full", True, [range(6)]),
        ("full", False, [range(6)]),
    ],
)
def test_rings_are_the_batches_of_an_epoch(size, shuffle, batches):
    arrows, rings, full = drawn(SHORT.replace(batch_size=size, shuffle=shuffle).run())
    expected = [arrows[list(batch)].mean(axis=0) for batch in batches]
    np.testing.assert_allclose(rings, expected, atol=1e-12)
    np.testing.assert_allclose(arrows.mean(axis=0), full, atol=1e-12)


def test_on_the_plateau_a_pattern_pulls_a_hundred_times_as_hard_as_all():
    run = ARTICLE.run()
    row = np.searchsorted(run.history.updates, 300_000)
    arrows, _, full = drawn(run, row)
    assert np.linalg.norm(arrows[1]) > 0.99
    assert 0 < np.linalg.norm(full) < 0.01


def test_the_view_moves_the_same_artists():
    axes = style.picture()[1]
    before = plots.gradient_noise(axes, SHORT.run(), plots.Look(row=0))
    count = len(axes.get_children())
    other = SHORT.replace(batch_size=2, shuffle=True, learning_rate=3.0).run()
    after = plots.gradient_noise(axes, other, plots.Look(row=-1), before)
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert len(axes.get_children()) == count
    for found, expected in zip(tips(after), drawn(other), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("patterns", [1, 2, 7, 33, 300])
@pytest.mark.parametrize("size", [1, "full"])
def test_any_number_of_patterns(patterns, size):
    experiment = nnlab.Experiment(
        data=random_data(patterns, 2), layers=(2, 5, 4, 2), init="xavier", batch_size=size
    ).replace(max_updates=50, shuffle=True)
    arrows, rings, full = drawn(experiment.run())
    assert len(arrows) == min(patterns, 32)
    assert np.isfinite(arrows).all() and np.abs(arrows).max() <= 1 + 1e-12
    if size == "full":
        np.testing.assert_allclose(rings, [full], atol=1e-12)
    elif patterns <= 7:
        assert len(rings) == patterns


def test_of_many_patterns_larger_batches_lie_closer_to_the_mean():
    base = nnlab.Experiment(data=random_data(400), layers=(2, 5, 1), init="xavier", max_updates=20)
    spreads = []
    for size in (1, 16, 256):
        _, rings, full = drawn(base.replace(batch_size=size).run(), row=0)
        spreads.append(np.sqrt(((rings - full) ** 2).sum(axis=1).mean()))
    assert 2.5 < spreads[0] / spreads[1] < 6 and 2.5 < spreads[1] / spreads[2] < 6


@pytest.mark.parametrize(
    "fields",
    [
        {"activation": "relu", "output": "linear", "learning_rate": 10.0},
        {"init": "zeros", "max_updates": 5},
        {"max_updates": 1},
        {"layers": (3, 4, 4, 4, 4, 1), "init": "he", "activation": "relu", "max_updates": 50},
        {"layers": (3, 1), "max_updates": 50},
    ],
)
def test_odd_runs_are_drawn_without_a_warning(fields):
    run = ARTICLE.replace(**fields).run()
    assert (run.outcome == "diverged") == (fields.get("output") == "linear")
    figure, axes = style.picture()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        artists = plots.gradient_noise(axes, run, plots.Look(row=0))
        for row in (0, -1):
            plots.gradient_noise(axes, run, plots.Look(row=row), artists)
            assert all(np.isfinite(part).all() for part in tips(artists))
            assert style.png(figure).startswith(b"\x89PNG")


def test_plain_log_ticks_number_an_axis_in_plain_digits():
    figure, axes = style.picture()
    axes.loglog([1, 3_000], [1, 2])
    plots.plain_log_ticks(axes.xaxis)
    figure.canvas.draw()
    texts = [text.get_text() for text in axes.get_xticklabels()]
    assert {"1", "2", "5", "500", "1,000", "2,000"} <= set(texts)


def test_the_axis_of_samples_shows_a_million_in_full():
    axes = style.picture()[1]
    plots.time_axis(axes, plots.Look(unit="samples"), 3_864_714)
    assert axes.xaxis.get_major_formatter()(3_864_714, 0) == "3,864,714"


# --- the notebook's panel ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel():
    """What the notebook's own cells make."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    exec(sources[0], names)
    (source,) = (each for each in sources if each.startswith("nnlab.live("))
    made = eval(source, names)
    yield made
    made.close()
    assert made.wait(5)


def control(panel, description):
    """The widget with this label."""

    def within(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from within(child)

    (found,) = (w for w in within(panel) if getattr(w, "description", "") == description)
    return found


def set_to(panel, rate, size, shuffle):
    """Move the controls and wait for the end of the run."""
    control(panel, "learning rate").value = rate
    control(panel, "batch size").value = size
    control(panel, "shuffle").value = shuffle
    wanted = ARTICLE.replace(
        learning_rate=rate, batch_size=size, shuffle=shuffle, max_updates=1_000_000
    )
    assert panel.experiment == wanted
    assert until(lambda: panel.run.experiment == wanted and panel.run.outcome != "running")
    return panel.run


def arrows_on_screen(panel):
    """The artists of the view in the panel's figure."""
    (axes,) = (a for a in panel.figure.axes if "gradients" in a.get_title(loc="left"))
    (arrows,) = (c for c in axes.collections if isinstance(c, Quiver))
    rings, full = axes.lines
    return arrows, rings, full


@pytest.mark.parametrize("rate", [0.05, 100.0])
@pytest.mark.parametrize("size", [1, 2, 3, "full"])
def test_the_panel_at_its_corners(panel, rate, size):
    shuffle = size in (2, "full")
    run = set_to(panel, rate, size, shuffle)
    with panel.drawing:
        shown = tips(arrows_on_screen(panel))
    for found, expected in zip(shown, drawn(run), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert run.converged == (rate == 0.05)
    words = "converged</b> after" if run.converged else "not learned</b> within"
    assert f"{words} {run.updates:,} updates" in panel.status.value
    picture = np.asarray(Image.open(io.BytesIO(panel.picture.value)).convert("RGB"), dtype=int)
    height, width, _ = picture.shape
    wanted = [round(255 * part) for part in to_rgb(style.pattern_colour(1))]
    orange = np.abs(picture[height // 2 :, : width // 2] - wanted).max(axis=2) < 24
    if run.converged:  # tr:1's gradient is the longest then
        assert orange.sum() > 30


def test_the_moment_turns_the_arrows(panel):
    run = set_to(panel, 5.0, 3, False)
    panel.tools.moment.value = 0
    start = drawn(run, row=0)

    def at_the_start():
        with panel.drawing:
            shown = tips(arrows_on_screen(panel))
        return all(np.allclose(*pair, atol=1e-12) for pair in zip(shown, start, strict=True))

    assert until(at_the_start)
    panel.tools.moment.value = 100
    assert until(lambda: not at_the_start())


def test_the_panel_counts_time_as_asked(panel):
    run = set_to(panel, 5.0, 3, False)
    for unit, last in (("samples", run.samples_seen), ("updates", run.updates)):
        panel.tools.unit.value = unit
        label = "samples seen" if unit == "samples" else unit
        errors = panel.figure.axes[0]
        assert until(
            lambda errors=errors, label=label, last=last: (
                (errors.get_xlabel(), errors.lines[0].get_xdata()[-1]) == (label, last)
            )
        )
