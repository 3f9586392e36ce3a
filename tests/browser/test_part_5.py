"""Part 5's panel as a reader uses it: one unit, three units, then a deep network on spirals."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser.lab import NotebookPage

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_layers_and_neurons.ipynb"
STATUS = "nnlab-status"
ENDED = re.compile(r"^\s*(converged after|not learned within)")
Open = Callable[..., NotebookPage]


def ground(book: NotebookPage) -> np.ndarray:
    """The colours of the upper left quarter, where the boundary is, (rows, columns, 3)."""
    picture = np.asarray(Image.open(io.BytesIO(book.picture_bytes())).convert("RGB"), dtype=int)
    return picture[: picture.shape[0] // 2, : picture.shape[1] // 2]


def shares(pixels: np.ndarray) -> tuple[float, float]:
    """Which shares of the pixels are blue and orange, the grounds of the two classes."""
    blueness = pixels[..., 2] - pixels[..., 0]
    return float((blueness > 30).mean()), float((blueness < -30).mean())


def test_three_units_close_the_ring(notebook: Open, screenshots: Path) -> None:
    """Blue fills a closed patch at width 3 and a half-plane at width 1; spirals look different."""
    book = notebook(NOTEBOOK, panels_only=True)
    panel = book.page.locator(".nnlab-panel")
    book.run_cells("import nnlab", "nnlab.live(")
    book.wait_for_status(STATUS, re.compile(r"^\s*converged after"))
    book.screenshot(screenshots / "05-ring.png", panel)
    ring = ground(book)
    inside, outside = shares(ring)
    assert 0.05 < inside < 0.25 and outside > 0.3

    width = book.slider("width")
    before = book.picture_source()
    width.press("Home")
    book.wait_for_new_picture(since=before)
    status = book.wait_for_status(STATUS, re.compile(r"still wrong: [2-9]\d of 100"))
    assert "not learned within 2,000 updates" in status
    width.wait_for_readout("1")
    book.screenshot(screenshots / "05-one-unit.png", panel)
    blue, orange = shares(ground(book))
    assert blue > inside + 0.1 and orange < outside - 0.1

    before = book.picture_source()
    book.slider("depth").press("ArrowRight", times=2)
    width.press("ArrowRight", times=7)
    book.page.locator("select:has(option[value='spirals'])").select_option("spirals")
    book.wait_for_new_picture(since=before)
    book.wait_for_status(STATUS, ENDED)
    book.page.wait_for_timeout(500)
    book.screenshot(screenshots / "05-spirals.png", panel)
    spirals = ground(book)
    assert spirals.shape == ring.shape and (spirals != ring).any(axis=2).mean() > 0.2
