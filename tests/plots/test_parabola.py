"""One weight on its parabola, and the look ahead."""

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.plots import style

PAIR = nnlab.Dataset([[-1.0], [1.0]], [[0.0], [0.0]])
ONE = nnlab.Experiment(
    data=PAIR, layers=(1, 1), output="linear", batch_size="full", max_updates=30, tolerance=0.0
)


def drawn(experiment, **moment):
    """The artists on fresh axes, and the axes."""
    axes = style.picture()[1]
    return plots.parabola(axes, experiment.run(), **moment), axes


@pytest.mark.parametrize("rate", [0.1, 0.9, 1.5, 1.99, 2.2])
def test_steps_shrink_by_one_minus_rate_times_curvature(rate):
    (_, path, *_), axes = drawn(ONE.replace(learning_rate=rate))
    weights = np.asarray(path.get_xdata())
    np.testing.assert_allclose(weights[1:], (1.0 - rate) * weights[:-1], atol=1e-12)
    np.testing.assert_allclose(path.get_ydata(), 0.5 * weights**2)
    assert axes.get_xlim()[0] < -1.0 and axes.get_xlim()[1] > 1.0


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.1, "creeps"),
        (1.0, "there in one step"),
        (1.5, "jumps across"),
        (2.0, "to and fro"),
        (2.5, "flies off"),
    ],
)
def test_words_say_what_the_rate_does(rate, words):
    assert words in drawn(ONE.replace(learning_rate=rate))[0][-1].get_text()


def test_curvature_is_the_mean_square_of_the_inputs():
    steep = nnlab.Dataset([[-2.0], [2.0]], [[-6.0], [6.0]])
    artists, axes = drawn(ONE.replace(data=steep, learning_rate=0.1))
    assert "ηλ = 0.4" in artists[-1].get_text()
    assert sum(axes.get_xlim()) / 2 == pytest.approx(3.0)


def test_it_moves_to_another_run_and_moment():
    artists, axes = drawn(ONE.replace(learning_rate=0.5))
    count = len(axes.get_children())
    run = ONE.replace(learning_rate=1.5).run()
    assert plots.parabola(axes, run, row=3, artists=artists) == artists
    assert len(artists[1].get_xdata()) == 4 and len(axes.get_children()) == count
    assert artists[3].get_xdata()[0] == pytest.approx(run.history.flat_weights[3, 0])


@pytest.mark.parametrize(
    "fields",
    [
        {"layers": (1, 2, 1)},
        {"output": "sigmoid"},
        {"data": nnlab.Dataset([[0.0], [1.0]], [[0.0], [1.0]])},
    ],
)
def test_what_is_no_parabola_is_refused(fields):
    with pytest.raises(ValueError, match="a parabola needs"):
        drawn(ONE.replace(**fields))


def test_the_look_ahead_has_three_arrows_from_where_they_begin():
    axes = style.picture()[1]
    texts = plots.look_ahead(axes, (0, 0), (1.0, 0.5), (0.0, -1.0), (-0.3, -0.8))
    assert [text.get_text().split(":")[0] for text in texts] == [
        "on as before",
        "momentum",
        "Nesterov",
    ]
    arrows = [text for text in axes.texts if text.arrow_patch is not None]
    ends, starts = [each.xy for each in arrows], [each.get_position() for each in arrows]
    np.testing.assert_allclose(ends, [(1.0, 0.5), (1.0, -0.5), (0.7, -0.3)])
    np.testing.assert_allclose(starts, [(0.0, 0.0), (1.0, 0.5), (1.0, 0.5)])
