"""The canvas in the page: sharp, alive to pointer and keys, described, told of its surroundings."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.lab import SHUT_DOWN, NotebookPage, write_notebook

BLUE, RED = (0, 0, 255), (255, 0, 0)
CELL = """
import ipywidgets as widgets
from matplotlib.figure import Figure
from nnlab.panel.layers import Canvas
from nnlab.panel.picture_view import PictureView

figure = Figure(figsize=(6, 3), dpi=100)
left, right = figure.subplots(1, 2)
left.set(xlim=(0, 10), ylim=(0, 10), xlabel="updates", ylabel="error")
right.set(xscale="log", xlim=(1, 10_000), ylim=(0, 10))
(line,) = left.plot([0, 10], [5, 5], lw=4, color="#0000FF", label="tr:1", gid="unit:1")
(other,) = right.plot([1, 1e4], [5, 5], lw=4, color="#FF0000", gid="unit:2")
canvas, view, words = Canvas(figure, [line, other]), PictureView(alt="two lines"), widgets.HTML()
words.add_class("told")
slider = widgets.IntSlider(5, max=10, description="height")

def draw(_=None):
    line.set_ydata([slider.value] * 2)
    view.show(canvas.frame(view.ratio))
    words.value = f"{view.ratio:g} {view.dark} {view.width > 600}"

draw()
view.on_click(lambda place: setattr(words, "value", f"{place.axes} {place.x:.0f} {place.y:.1f}"))
view.observe(draw, ["ratio", "width", "dark"])
slider.observe(draw, "value")
panel = widgets.VBox([slider, view, words])
panel.add_class("nnlab-panel")
panel
"""


@pytest.fixture
def page(lab: str, lab_folder: Path, window: Window) -> Iterator[Page]:
    """The cell's panel on a screen of two device pixels a CSS pixel."""
    write_notebook(lab_folder / "picture.ipynb", CELL)
    browser = window.page.context.browser
    assert browser is not None
    sharp = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
    book = NotebookPage(sharp, lab)
    book.open("picture.ipynb")
    book.run_all()
    sharp.locator("canvas.nnlab-canvas[data-painted]").wait_for()
    yield sharp
    sharp.evaluate(SHUT_DOWN)
    sharp.context.close()


def pixels(page: Page) -> np.ndarray:
    """What the canvas holds, RGB."""
    uri = page.locator("canvas.nnlab-canvas").evaluate("c => c.toDataURL()")
    png = base64.b64decode(uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)


def height(picture: np.ndarray) -> float:
    """Row of the blue line's middle."""
    return float(np.flatnonzero((picture == BLUE).all(axis=2).any(axis=1)).mean())


def share(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    """How many pixels have exactly this colour."""
    return int((picture == colour).all(axis=2).sum())


def test_a_picture_is_sharp_and_answers(page: Page) -> None:
    """From what it tells the kernel to what it shows, says, lights and keeps for its slider."""
    canvas, told = page.locator("canvas.nnlab-canvas"), page.locator(".told")
    expect(told).to_have_text("2 False True")  # sharpness, theme and room, as the kernel heard
    assert canvas.evaluate("c => [c.width, c.height, c.clientWidth]") == [1200, 600, 600]
    expect(canvas).to_have_attribute("aria-label", "two lines")
    expect(canvas).to_have_attribute("role", "img")
    before = pixels(page)
    assert share(before, BLUE) > 3000 and share(before, RED) > 3000

    painted = canvas.get_attribute("data-painted")
    page.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowUp")  # would go to another cell, if the notebook had it
    page.wait_for_function("() => document.querySelector('.widget-readout').textContent === '6'")
    expect(canvas).not_to_have_attribute("data-painted", painted or "")
    assert height(pixels(page)) < height(before) - 20, "the line did not rise"

    box = canvas.bounding_box()
    assert box is not None
    middle = {"left": 0.301, "right": 0.724}  # of each axes, in shares of the figure's width
    page.mouse.move(box["x"] + middle["left"] * 600, box["y"] + height(pixels(page)) / 2 + 3)
    tip = page.locator(".nnlab-tip")
    expect(tip).to_have_text(
        re.compile(r"^tr:1\nupdates (5|5\.0\d|4\.9\d)\nerror (6|6\.0\d|5\.9\d)$")
    )
    page.wait_for_timeout(500)
    lit = pixels(page)
    assert share(lit, BLUE) > 3000 and share(lit, RED) == 0
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    expect(tip).to_be_hidden()
    page.wait_for_timeout(500)
    assert share(pixels(page), RED) > 3000

    page.mouse.click(box["x"] + middle["right"] * 600, box["y"] + 0.505 * 300)
    expect(told).to_have_text(re.compile(r"^1 (99|100|101) 5\.0$"))  # a pixel is 3 %
