"""Views take what can be seen of large data and wide networks, and say so."""

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.panel.views import VIEWS
from nnlab.plots import style

rng = np.random.default_rng(0)
POINTS = rng.normal(size=(20_000, 2))
LARGE = nnlab.Experiment(
    data=nnlab.Dataset(POINTS, 1.0 * (POINTS[:, :1] > 0)),
    layers=(2, 8, 1),
    init="xavier",
    batch_size=32,
    max_updates=200,
    tolerance=0.0,
)
WIDE = nnlab.Experiment(
    data=nnlab.digits(),
    layers=(64, 512, 10),
    init="xavier",
    loss="cross_entropy",
    output="softmax",
    batch_size=32,
    max_updates=20,
    tolerance=0.0,
)


@pytest.fixture(scope="module")
def runs():
    """A run on large data and one of a wide network."""
    return {"large": LARGE.run(), "wide": WIDE.run()}


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "parabola"])  # of one weight
@pytest.mark.parametrize("kind", ["large", "wide"])
def test_a_view_draws_a_few_hundred_artists_of_a_few_thousand_points(runs, kind, name):
    if (kind, name) in {("wide", "boundary")}:
        return
    artists = VIEWS[name](style.picture()[1], runs[kind])
    assert len(artists) <= 300
    points = [len(each.get_xdata()) for each in artists if hasattr(each, "get_xdata")]
    segments = [len(each.get_segments()) for each in artists if hasattr(each, "get_segments")]
    assert sum(segments) <= 1_000 and max(points, default=0) <= 2_100


@pytest.mark.parametrize(
    ("kind", "view", "words"),
    [
        ("large", plots.errors, "of 20,000 patterns"),
        ("large", plots.boundary, "2,000 of 20,000 patterns"),
        ("wide", plots.network, "16 of 512"),
        ("wide", plots.first_weights, "272 of 33,280"),
        ("wide", plots.function, "30 of 512 units"),
        ("wide", plots.sums, "32 of 512 units"),
        ("wide", plots.distinct_units, "128 of 512 units"),
    ],
)
def test_a_title_says_what_part_is_shown(runs, kind, view, words):
    axes = style.picture()[1]
    view(axes, runs[kind])
    assert words in axes.get_title(loc="left")


def test_a_sample_stands_for_all(runs):
    run = runs["large"]
    (line,) = plots.errors(style.picture()[1], run)
    (share,) = plots.accuracy(style.picture()[1], run)
    assert line.get_ydata()[-1] == pytest.approx(run.history.loss[-1], rel=0.05)
    assert share.get_ydata()[-1] == pytest.approx(run.history.accuracy[-1], abs=0.02)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_of_one_class_learned_nothing_is_ringed(target):
    points = rng.normal(size=(40, 2))
    data = nnlab.Dataset(points, np.full((40, 1), target))
    run = nnlab.Experiment(data=data, layers=(2, 3, 1), init="xavier", max_updates=4_000).run()
    assert run.history.accuracy[-1] == 1.0
    *_, wrong = plots.boundary(style.picture()[1], run)
    assert len(wrong.get_xdata()) == 0
