"""The harness itself: what it reports is what a reader sees."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.lab import NotebookPage, write_notebook

# A slider, a picture whose red is the slider's place, and a line of words: a panel without nnlab.
PANEL = """
import io
import math
import ipywidgets
from PIL import Image

slider = ipywidgets.FloatLogSlider(5.0, min=-2, max=2, step=0.1, description="learning rate")
picture = ipywidgets.Image(format="png")
words = ipywidgets.HTML()
words.add_class("nnlab-status")

def show(_=None):
    red = round(255 * (math.log10(slider.value) + 2) / 4)
    file = io.BytesIO()
    Image.new("RGB", (40, 20), (red, 0, 0)).save(file, "png")
    picture.value = file.getvalue()
    words.value = f"<b>at</b> {slider.value:.3g}"

slider.observe(show, "value")
show()
print("ready")
ipywidgets.VBox([slider, picture, words])
"""
# A cell that fails when it is run a second time.
FAILS_LATER = "runs = globals().get('runs', 0) + 1\n10 // (2 - runs)"
Open = Callable[[Path], NotebookPage]


def wait_until_at(notebook: NotebookPage, value: str) -> None:
    """Wait until the words on screen say `value`, and nothing more."""
    notebook.wait_for_status("nnlab-status", re.compile(f"^at {re.escape(value)}$"))


def red(notebook: NotebookPage) -> int:
    """The red value of the picture on screen."""
    pixel = Image.open(io.BytesIO(notebook.picture_bytes())).convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    return int(pixel[0])


def test_harness_moves_reads_and_reports(notebook: Open, tmp_path: Path) -> None:
    """Keyboard, mouse and typing reach the kernel, picture and words come back, errors are told."""
    book = notebook(write_notebook(tmp_path / "cells.ipynb", FAILS_LATER, PANEL))
    book.run_all()
    assert "10\nready" in book.outputs_text()
    slider = book.slider("learning rate")
    assert slider.readout() == "5.01"  # the widget snaps the value to its step of 0.1 decades

    before = book.picture_source()
    slider.press("Home")
    book.wait_for_new_picture(since=before)
    wait_until_at(book, "0.01")
    assert book.status_text("nnlab-status") == "at 0.01"
    assert red(book) == 0

    slider.press("ArrowRight", times=10)
    wait_until_at(book, "0.1")
    slider.drag_through([0.2, 0.9, 0.5], seconds=0.5)
    wait_until_at(book, "1")
    assert slider.readout() == "1.00"
    slider.drag_to(1.0)
    wait_until_at(book, "100")
    assert red(book) == 255

    slider.type_value("10")
    wait_until_at(book, "10")

    with pytest.raises(RuntimeError, match=r"(?s)this cell failed.*2 - runs.*ZeroDivisionError"):
        book.run_all()
