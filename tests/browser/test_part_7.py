"""Notebook 7's panel as a reader uses it: choose a normalization, move the start's scale."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from nnlab.plots import style
from tests.browser.lab import NotebookPage

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_normalization.ipynb"
STATUS = "nnlab-status"
Open = Callable[..., NotebookPage]


def upper_right(book: NotebookPage) -> np.ndarray:
    """Pixels of the quarter of the picture where the sums into hidden units are."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    height, width, _ = picture.shape
    return picture[: height // 2, width // 2 :]


def count(pixels: np.ndarray, colour: str) -> int:
    """How many of these pixels have this colour, within 12 of 255."""
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(pixels - wanted).max(axis=2) <= 12).sum())


def test_batch_norm_is_fast_refuses_a_batch_of_one_and_fails_at_a_huge_start(
    notebook: Open, screenshots: Path
) -> None:
    """Plain: 403 updates; batch norm: 38, but not online, and not from a start of scale 100."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel").first
    book.run_cells("import nnlab", "nnlab.live(")
    book.wait_for_status(STATUS, "converged after 403 updates (403 epochs)")
    book.screenshot(screenshots / "07-plain.png", panel)
    for colour in style.PATTERNS:
        assert count(upper_right(book), colour) > 15, f"no dots of colour {colour} in the picture"

    normalization = panel.locator(
        ".widget-dropdown:has(.widget-label:text-is('normalization')) select"
    )
    before, shown = upper_right(book), book.picture_source()
    normalization.select_option("batch")
    book.wait_for_new_picture(since=shown)
    book.wait_for_status(STATUS, "converged after 38 updates (38 epochs)")
    assert (upper_right(book) != before).any()
    book.screenshot(screenshots / "07-batch.png", panel)

    size = panel.locator(".widget-dropdown:has(.widget-label:text-is('batch size')) select")
    size.select_option("1")
    book.wait_for_status(STATUS, "with a batch_size of 1 every sum would become 0")
    book.screenshot(screenshots / "07-refused.png", panel)
    size.select_option("full")
    book.wait_for_status(STATUS, "converged after 38 updates")

    scale, before, shown = book.slider("start scale"), upper_right(book), book.picture_source()
    scale.press("End")
    book.wait_for_new_picture(since=shown)
    book.wait_for_status(STATUS, "not learned within 1,000 updates")
    scale.wait_for_readout("100")
    assert (upper_right(book) != before).any()
    book.screenshot(screenshots / "07-large-start.png", panel)
