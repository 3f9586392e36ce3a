"""Part 4 as a reader uses it: choose a batch size, move the rate, watch arrows and rings."""

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

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_when_to_update.ipynb"
STATUS = "nnlab-status"
Open = Callable[..., NotebookPage]


def said(words: str) -> re.Pattern[str]:
    """A status line that begins with these words and ends them there."""
    return re.compile(rf"^\s*{re.escape(words)}(?!\d)")


def arrows(book: NotebookPage, colour: str) -> int:
    """How many pixels of the lower left quarter have this colour, within 12 of 255."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    height, width, _ = picture.shape
    quarter = picture[height // 2 :, : width // 2]
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(quarter - wanted).max(axis=2) <= 12).sum())


def test_batch_size_and_rate_move_the_arrows(notebook: Open, screenshots: Path) -> None:
    """The full batch takes 6,487 updates at 5.0; its arrows are in the picture, and turn."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel")
    book.run_cells("import nnlab", "nnlab.live(")
    book.wait_for_status(STATUS, said("converged after 657,252 updates (109,542 epochs)"))
    book.screenshot(screenshots / "04-article.png", panel)
    assert arrows(book, style.pattern_colour(1)) > 30, "no orange arrow in the picture"

    book.page.locator(".widget-dropdown:has-text('batch size') select").select_option("full")
    book.wait_for_status(STATUS, said("converged after 644,119 updates (644,119 epochs)"))
    slider = book.slider("learning rate")
    slider.press("ArrowRight", times=40)
    book.wait_for_status(STATUS, said("converged after 6,487 updates (6,487 epochs)"))
    book.screenshot(screenshots / "04-full-5.png", panel)
    for pattern in (1, 4):  # those that are longest at the end
        assert arrows(book, style.pattern_colour(pattern)) > 30

    before = book.picture_source()
    book.slider("moment").press("Home")
    before = book.wait_for_new_picture(since=before)
    book.screenshot(screenshots / "04-start.png", panel)
    for colour in style.PATTERNS:
        assert arrows(book, colour) > 10, f"no arrow of colour {colour} at the start"

    book.page.locator(".widget-dropdown:has-text('against') select").select_option("samples")
    book.wait_for_new_picture(since=before)
    book.screenshot(screenshots / "04-samples.png", panel)
