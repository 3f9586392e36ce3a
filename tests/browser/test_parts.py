"""The kinds of panels of the seven parts, as a reader uses them, one after another in a notebook.

The panels stand here, so that no word of a notebook decides whether these tests pass. A picture is
asked for its description, which comes with the frame that it describes; what is drawn in it, the
tests of `plots` and of `panel` know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import nnlab
from tests.browser.lab import NotebookPage, write_notebook

STATUS = "nnlab-status"
START = "import nnlab\narticle = nnlab.Experiment()"
LEARNING_RATE = "nnlab.live(article, learning_rate=(0.01, 50.0))"
INITIAL_WEIGHTS = """nnlab.live(
    article.replace(learning_rate=5.0, max_updates=20_000),
    views=["errors", "curve", "distinct units", "activations", "gradients", "last weights"],
    init=list(nnlab.INITIALIZERS),
    scale=nnlab.Dial(
        (0.01, 30.0),
        lambda e, scale: e.replace(init=nnlab.Initializer(e.start.name, scale)),
        start=1.0,
        logarithmic=True,
    ),
    layers=[(3, 5, 1), (3, 5, 5, 5, 1)],
)"""
ACTIVATION = """nnlab.live(
    article.replace(max_updates=20_000, loss="cross_entropy"),
    views=["function", "saturation", "errors", "curve"],
    activation=list(nnlab.ACTIVATIONS),
    learning_rate=(0.01, 50.0),
    loss=list(nnlab.LOSSES),
)"""
WHEN_TO_UPDATE = """nnlab.live(
    article.replace(learning_rate=5.0, max_updates=20_000),
    views=["errors", "curve", "gradient noise", "last weights"],
    learning_rate=(0.05, 100.0),
    batch_size=[1, 2, 3, "full"],
)"""
LAYERS = """sets = {"circles": nnlab.circles(100, noise=0.05), "spirals": nnlab.spirals(100)}
nnlab.live(
    nnlab.Experiment(
        data=sets["circles"], layers=(2, 3, 1), init="xavier", activation="tanh", batch_size=10,
        loss="cross_entropy", learning_rate=0.2, tolerance=0.25, max_updates=2000,
    ),
    views=["boundary", "network", "errors", "accuracy"],
    width=nnlab.Dial((1, 16), lambda e, width: e.replace(layers=(2, width, 1)), start=3),
    shape=nnlab.Dial(list(sets), lambda e, name: e.replace(data=sets[name]), start="circles"),
)"""
UPDATE_RULE = """nnlab.live(
    nnlab.Experiment(
        data=nnlab.ravine(), layers=(1, 1), output="linear", batch_size="full", tolerance=1e-6,
        max_updates=1_000,
    ),
    views=["surface", "errors", "steps", "curve"],
    learning_rate=(0.01, 100.0),
    optimizer=list(nnlab.OPTIMIZERS),
    data=[nnlab.ravine(), nnlab.ravine(45)],
)"""
NORMALIZATION = """nnlab.live(
    nnlab.Experiment(
        learning_rate=10.0, layers=(3, 5, 5, 5, 1), batch_size="full", max_updates=1000,
        init=nnlab.Initializer("gaussian", 1.0),
    ),
    views=["errors", "sums", "curve", "network"],
    normalization=[None, "input", "batch", "layer"],
    batch_size=["full", 1],
)"""
PANELS = (
    LEARNING_RATE,
    INITIAL_WEIGHTS,
    ACTIVATION,
    WHEN_TO_UPDATE,
    LAYERS,
    UPDATE_RULE,
    NORMALIZATION,
)


FAST = nnlab.Experiment(learning_rate=5.0, max_updates=20_000)
DEEP = nnlab.Experiment(
    learning_rate=10.0, layers=(3, 5, 5, 5, 1), batch_size="full", init="gaussian"
)


def after(experiment: nnlab.Experiment) -> str:
    """What a panel says of a run that learns."""
    run = experiment.run()
    assert run.converged
    return f"converged after {run.updates:,} updates"


def other(picture: np.ndarray, before: np.ndarray) -> bool:
    """Whether a picture has changed, if only in its width, as where a scroll bar has come."""
    return picture.shape != before.shape or bool((picture != before).any())


class PanelOnPage:
    """A panel that its cell has just shown."""

    def __init__(self, book: NotebookPage, part: int) -> None:
        book.run_cells(f"part_{part} =")
        self.box: Locator = book.page.locator(f".part-{part}")
        book.look_at(self.box)
        self.book, self.slider = book, book.slider

    def choose(self, label: str, option: str) -> None:
        """Choose from the list with this label."""
        chooser = f".widget-dropdown:has(.widget-label:text-is('{label}')) select"
        self.box.locator(chooser).select_option(label=option)

    def shows(self, words: str, setting: str = "") -> None:
        """Wait until status and picture say this, a regular expression, of this setting."""
        self.book.wait_for_status(STATUS, re.compile(words, re.S))
        expect(self.book.picture()).to_have_attribute(
            "aria-label", re.compile(f"{re.escape(setting)}.*: .*{words}", re.S), timeout=20_000
        )

    def pixels(self) -> np.ndarray:
        """The picture on screen, (height, width, 3)."""
        return self.book.picture_pixels()


@pytest.fixture(scope="module")
def book(open_notebook: Callable[[Path], NotebookPage], tmp_path_factory) -> Iterator[NotebookPage]:
    """A notebook with a cell for each panel, none of them run."""
    cells = [
        f"{before}part_{part} = nnlab.live({call}\npart_{part}.add_class('part-{part}')"
        for part, (before, _, call) in enumerate(
            (panel.partition("nnlab.live(") for panel in PANELS), start=1
        )
    ]
    path = write_notebook(tmp_path_factory.mktemp("parts") / "parts.ipynb", START, *cells)
    opened = open_notebook(path)
    opened.run_cells(START)
    return opened


def test_1_a_learning_rate_by_keys_by_mouse_and_typed(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 1)
    panel.shows(r"converged after 657,252 updates \(109,542 epochs\)", "learning rate 0.05")
    assert (panel.pixels() != panel.pixels()[0, 0]).any(axis=2).mean() > 0.01, "nothing is drawn"
    slider = panel.slider("learning rate")
    slider.press("Home")
    slider.press("ArrowRight", times=54)
    slider.wait_for_readout("5")
    panel.shows(r"converged after 564 updates \(94 epochs\)", "learning rate 5")
    slider.drag_through([0.1, 0.9, 0.0], seconds=0.5)
    slider.wait_for_readout("0.01")
    slider.drag_to(1.0)
    slider.wait_for_readout("50")
    panel.shows("not learned within 5,000,000 updates", "learning rate 50")
    slider.type_value("0,05")
    panel.shows("converged after 657,252 updates", "learning rate 0.05")


def test_2_a_start_and_its_scale(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 2)
    panel.shows(r"converged after 564 updates.*hidden units 1, 3, 5 of layer 1 are identical")
    panel.choose("init", "gaussian")
    panel.shows(after(FAST.replace(init="gaussian")), "init gaussian")
    assert "identical" not in book.status_text(STATUS)
    panel.slider("scale").press("End")
    panel.shows("not learned within 20,000 updates.*saturated", "scale 30")
    panel.slider("scale").drag_to(0.5)
    panel.shows("converged after")
    few = panel.pixels()
    panel.choose("layers", "(3, 5, 5, 5, 1)")
    panel.shows("updates", "layers (3, 5, 5, 5, 1)")
    many = panel.pixels()
    assert other(many, few)


def test_3_an_activation_and_a_loss(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 3)
    panel.shows("converged after 14,004 updates", "loss cross_entropy")
    panel.slider("learning rate").press("ArrowRight", times=20)  # a decade
    panel.shows("converged after 918 updates", "learning rate 0.5")
    panel.slider("learning rate").type_value("5")
    panel.choose("loss", "squared_error")
    panel.choose("activation", "tanh")
    panel.shows("not learned within 20,000 updates.*tr:1", "activation tanh, learning rate 5")
    panel.choose("activation", "relu")
    panel.shows("2 of 5 ReLUs of layer 1 are dead", "activation relu")


def test_4_a_batch_size_a_moment_and_another_time(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 4)
    panel.shows("converged after 564 updates")
    panel.choose("batch size", "full")
    panel.shows(r"converged after 6,487 updates \(6,487 epochs\)", "batch size full")
    at_the_end = panel.pixels()
    painted = book.picture_source()
    panel.slider("moment").press("Home")
    book.wait_for_status(STATUS, "at update 0 of 6,487")
    painted = book.wait_for_new_picture(since=painted)
    assert other(panel.pixels(), at_the_end)
    panel.choose("against", "samples")
    book.wait_for_new_picture(since=painted)


def test_5_a_width_and_another_shape(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 5)
    panel.shows("converged after", "width 3, shape circles")
    panel.slider("width").press("Home")
    panel.shows(r"not learned within 2,000 updates.*still wrong: [2-9]\d of 100", "width 1")
    line = panel.pixels()
    panel.slider("width").press("ArrowRight", times=2)
    panel.shows("converged after", "width 3")
    assert other(panel.pixels(), line), "the boundary is where it was"
    panel.slider("width").press("ArrowRight", times=5)
    panel.choose("shape", "spirals")
    panel.shows("updates", "width 8, shape spirals")


def test_6_an_optimizer_in_a_ravine(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 6)
    panel.shows("not learned within 1,000 updates", "learning rate 0.05")
    panel.slider("learning rate").press("End")
    panel.shows("diverged after", "learning rate 100")
    panel.choose("optimizer", "rmsprop")
    panel.shows(r"converged after \d updates", "optimizer rmsprop")
    panel.choose("data", "nnlab.ravine(45)")
    panel.shows(r"converged after \d{2,3} updates", "data nnlab.ravine(45)")


def test_7_a_normalization_that_refuses_a_batch_of_one(book: NotebookPage) -> None:
    panel = PanelOnPage(book, 7)
    panel.shows(after(DEEP))
    panel.choose("normalization", "batch")
    panel.shows(after(DEEP.replace(normalization="batch")), "normalization batch")
    panel.choose("batch size", "1")
    book.wait_for_status(STATUS, "with a batch_size of 1 every sum would become 0")
    panel.choose("batch size", "full")
    panel.shows("converged after", "normalization batch, batch size full")
