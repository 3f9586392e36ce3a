"""Notebook 2's panel as a reader uses it: pick a start, drag its scale, read the answer."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from nnlab.plots import style
from tests.browser.lab import NotebookPage

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_initial_weights.ipynb"
STATUS = "nnlab-status"
Open = Callable[..., NotebookPage]


def pixels(book: NotebookPage, colour: str) -> int:
    """How many pixels of the picture on screen have this colour, within 12 of 255."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(picture - wanted).max(axis=2) <= 12).sum())


def test_start_and_scale_change_what_the_panel_shows(notebook: Open, screenshots: Path) -> None:
    """Twins in words, a Gaussian start, its scale by keys and mouse, more layers."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel").first
    book.run_cells("import nnlab", "nnlab.live(")
    book.wait_for_status(STATUS, "converged after 564 updates (94 epochs)")
    assert "hidden units 1, 3, 5 of layer 1 are identical" in book.status_text(STATUS)
    book.screenshot(screenshots / "02-article.png", panel)

    start = panel.locator(".widget-dropdown:has(.widget-label:text-is('init')) select")
    before = book.picture_source()
    start.select_option("gaussian")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, "converged after 792 updates (132 epochs)")
    assert "identical" not in book.status_text(STATUS)
    book.screenshot(screenshots / "02-gaussian.png", panel)

    scale = book.slider("scale")
    scale.press("End")
    scale.wait_for_readout("30")
    book.wait_for_status(STATUS, re.compile("not learned within 200,000 updates"))
    assert "saturated" in book.status_text(STATUS)
    book.screenshot(screenshots / "02-saturated.png", panel)

    before = book.picture_source()
    scale.drag_to(0.5)
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, "converged after")
    flat = book.status_text(STATUS)
    layers = panel.locator(".widget-dropdown:has(.widget-label:text-is('layers')) select")
    layers.select_option("(3, 5, 5, 5, 1)")
    end = time.monotonic() + 20
    while book.status_text(STATUS) == flat and time.monotonic() < end:
        time.sleep(0.05)  # another picture alone could be one of the old run's growing curve
    assert book.status_text(STATUS) != flat
    for colour in (style.INK, style.UNITS[0], style.UNITS[1], style.UNITS[2], style.ACCENT):
        assert pixels(book, colour) > 20, f"nothing of colour {colour} in the picture"
    book.screenshot(screenshots / "02-deep.png", panel)
