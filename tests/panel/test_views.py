"""Every view of a panel with a reader's own data: drawn and moved, or refused with a reason."""

import numpy as np
import pytest

import nnlab
from nnlab.panel.views import VIEWS
from nnlab.plots import Look, style

RNG = np.random.default_rng(0)
PLANE = RNG.normal(size=(300, 2))
REGRESSION = nnlab.Dataset(PLANE, np.column_stack([PLANE.sum(axis=1), PLANE[:, 0] ** 2]), "surface")
OWN = {
    "regression, 300 rows, 2 outputs": {
        "data": REGRESSION,
        "layers": (2, 6, 2),
        "output": "linear",
        "batch_size": 32,
    },
    "one column": {
        "data": nnlab.Dataset([[0.0], [0.5], [1.0]], [[0.0], [1.0], [0.0]]),
        "layers": (1, 4, 1),
    },
    "three classes in the plane": {
        "data": nnlab.Dataset(PLANE[:90], np.eye(3)[np.arange(90) % 3]),
        "layers": (2, 5, 5, 3),
        "loss": "cross_entropy",
        "output": "softmax",
        "batch_size": 10,
    },
    "digits": {
        "data": nnlab.digits(),
        "layers": (64, 8, 10),
        "loss": "cross_entropy",
        "output": "softmax",
        "batch_size": 64,
    },
    "no hidden layer": {"layers": (3, 1)},
    "diverging": {
        "data": REGRESSION,
        "layers": (2, 6, 2),
        "activation": "relu",
        "output": "linear",
        "learning_rate": 50.0,
    },
}
NORMS = (None, "batch", "layer", "rms")


def run_of(fields):
    """A short run of such an experiment."""
    return nnlab.Experiment(init="xavier", max_updates=200, tolerance=0.0).replace(**fields).run()


@pytest.fixture(scope="module")
def runs():
    """A run of each kind of data, made once."""
    return {name: run_of(fields) for name, fields in OWN.items()}


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shows_the_readers_own_data_or_says_why_not(name, kind, runs):
    run, (figure, axes) = runs[kind], style.picture()
    try:
        artists = VIEWS[name](axes, run, Look())
    except ValueError as error:
        assert len(str(error).split()) > 3  # a reason, not a word
        return
    assert artists
    moved = VIEWS[name](axes, run, Look(row=0, unit="samples", scale="log"), artists)
    assert len(moved) == len(artists)
    assert style.png(figure)
    limits = np.array([axes.get_xlim(), axes.get_ylim()])
    assert np.isfinite(limits).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shows_a_normalized_network_or_says_why_not(name, norm):
    run = run_of({"normalization": norm, "batch_size": 3, "layers": (3, 4, 4, 1)})
    try:
        artists = VIEWS[name](style.picture()[1], run, Look())
    except ValueError as error:
        assert len(str(error).split()) > 3
    else:
        assert artists


def test_a_view_that_is_refused_is_refused_before_a_panel_appears():
    with pytest.raises(ValueError, match="classes"):
        nnlab.live(run_of(OWN["regression, 300 rows, 2 outputs"]).experiment, views=["accuracy"],
                   learning_rate=(0.01, 10.0))  # fmt: skip
