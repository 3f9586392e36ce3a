"""Notebook 1 as a reader uses it: open it, run all cells, move the slider, read the answer."""

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

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_learning_rate.ipynb"
STATUS = "nnlab-status"
Open = Callable[[Path], NotebookPage]


def fraction(rate: float, low: float = 0.01, high: float = 50.0) -> float:
    """Where a rate stands on the logarithmic slider, from 0 to 1."""
    return float(np.log(rate / low) / np.log(high / low))


def said(words: str) -> re.Pattern[str]:
    """A status line that begins with these words and ends them there."""
    return re.compile(rf"^\s*{re.escape(words)}(?!\d)")


def pixels(book: NotebookPage, colour: str) -> int:
    """How many pixels of the picture on screen have this colour, within 12 of 255."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(picture - wanted).max(axis=2) <= 12).sum())


def test_slider_reaches_564_by_keyboard_and_by_mouse(notebook: Open, screenshots: Path) -> None:
    """Every cell runs; at 5.0 the status reads 564, by arrow keys and by a drag; the axis turns."""
    book = notebook(NOTEBOOK)
    panel = book.page.locator(".nnlab-panel").first
    book.look_at(panel)

    def panel_screenshot(name: str) -> None:
        book.screenshot(screenshots / f"{name}.png", panel)

    book.run_all(timeout=180)
    book.wait_for_status(STATUS, said("converged after 657,252 updates (109,542 epochs)"))
    panel_screenshot("01-article")

    slider = book.slider("learning rate")
    slider.press("Home")
    slider.press("ArrowRight", times=54)
    slider.wait_for_readout("5")
    book.wait_for_status(STATUS, said("converged after 564 updates (94 epochs)"))
    panel_screenshot("01-keyboard-5")
    for colour in (*style.PATTERNS, style.UNITS[0], style.ACCENT):
        assert pixels(book, colour) > 20, f"no line of colour {colour} in the picture"

    before = book.picture_source()
    slider.drag_through([fraction(0.02), fraction(20.0), fraction(0.05)], seconds=1.0)
    slider.wait_for_readout("0.05")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, said("converged after 657,252 updates"))

    slider.drag_to(fraction(5.0))
    slider.wait_for_readout("5")
    book.wait_for_status(STATUS, said("converged after 564 updates"))
    panel_screenshot("01-mouse-5")

    slider.press("End")
    book.wait_for_status(STATUS, said("not learned within 5,000,000 updates"))
    panel_screenshot("01-end-50")

    before = book.picture_source()
    panel.get_by_role("button", name="linear axis").click()
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, said("not learned within 5,000,000 updates"))
    panel_screenshot("01-linear")
