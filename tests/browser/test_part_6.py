"""Notebook 6 as a reader uses it: its two panels, moved by keyboard and mouse."""

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

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_update_rule.ipynb"
STATUS = "nnlab-status"
Open = Callable[..., NotebookPage]


def pixels(book: NotebookPage, colour: str) -> int:
    """How many pixels of the picture on screen have this colour, within 12 of 255."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(picture - wanted).max(axis=2) <= 12).sum())


def tint(whiteness: float) -> str:
    """A tint of the surface's blue."""
    red, green, blue = (part + whiteness * (1 - part) for part in to_rgb(style.PATTERNS[0]))
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"


def test_the_ravine_answers_to_slider_and_dropdown(notebook: Open, screenshots: Path) -> None:
    """At 0.05 SGD creeps, at 2.0 and above it leaves; RMSProp arrives at any large rate."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel")
    book.run_cells("import nnlab", "nnlab.live(", timeout=180)
    book.wait_for_status(STATUS, re.compile(r"^\s*not learned within 1,000 updates"))
    book.screenshot(screenshots / "06-start.png", panel)
    assert pixels(book, style.ACCENT) > 20, "no dot at the end of the path"
    assert pixels(book, style.INK) > 100, "no path"
    assert pixels(book, tint(13 / 14)) > 500, "no heights"
    assert pixels(book, tint(6 / 14)) > 20, "no valley"

    slider = book.slider("learning rate")
    before = book.picture_source()
    slider.press("End")
    slider.wait_for_readout("100")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, re.compile(r"^\s*diverged after"))
    book.screenshot(screenshots / "06-diverged.png", panel)

    before = book.picture_source()
    book.page.get_by_label("optimizer").select_option("rmsprop")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, re.compile(r"^\s*converged after \d updates"))
    book.screenshot(screenshots / "06-rmsprop.png", panel)

    before = book.picture_source()
    book.page.get_by_label("data").select_option("nnlab.ravine(45)")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, re.compile(r"^\s*converged after \d{2,3} updates"))
    book.screenshot(screenshots / "06-turned.png", panel)
