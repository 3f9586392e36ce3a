"""Notebook 3's panel as a reader uses it: choose a function, move the slider, change the loss."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from nnlab.plots import style
from tests.browser.lab import NotebookPage

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_activation.ipynb"
STATUS = "nnlab-status"
Open = Callable[..., NotebookPage]


def pixels(book: NotebookPage, colour: str, rows: slice, columns: slice) -> int:
    """How many pixels of a part of the picture have this colour, within 12 of 255."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(picture[rows, columns] - wanted).max(axis=2) <= 12).sum())


def test_functions_starts_and_losses_are_chosen_in_the_panel(
    notebook: Open, screenshots: Path
) -> None:
    """Cross-entropy learns in 14,004 updates at 0.05; tanh never; of five ReLUs two die."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel")

    def choose(label: str, option: str) -> None:
        box = panel.locator(f".widget-dropdown:has(.widget-label:text-is('{label}')) select")
        before = book.picture_source()
        box.select_option(label=option)
        book.wait_for_new_picture(since=before)

    book.run_cells("import nnlab", "nnlab.live(")
    book.wait_for_status(STATUS, re.compile(r"converged after 657,252 updates"))
    units = slice(130, 225), slice(70, 430)  # the rows of ticks
    for colour in style.PATTERNS:
        assert pixels(book, colour, *units) > 8, f"no tick of colour {colour}"
    book.screenshot(screenshots / "03-article.png", panel)

    choose("loss", "cross_entropy")
    book.wait_for_status(STATUS, re.compile(r"converged after 14,004 updates"))
    slider = book.slider("learning rate")
    slider.press("ArrowRight", times=20)  # a decade
    book.wait_for_status(STATUS, re.compile(r"converged after 918 updates"))
    slider.wait_for_readout("0.5")

    choose("loss", "squared_error")
    choose("activation", "tanh")
    slider.type_value("5")
    book.wait_for_status(STATUS, re.compile(r"not learned within 700,000 updates.*tr:1", re.S))
    flat = slice(15, 225), slice(500, 880)  # the second picture
    book.screenshot(screenshots / "03-tanh.png", panel)
    assert pixels(book, style.INK, *flat) > 100

    choose("activation", "relu")
    book.wait_for_status(STATUS, re.compile(r"2 of 5 ReLUs of layer 1 are dead"))
    assert pixels(book, style.ACCENT, *flat) > 100  # the share of units that are flat for all
    book.screenshot(screenshots / "03-relu.png", panel)
