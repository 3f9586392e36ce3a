"""Two ways to bring a figure to the page, compared in one session: PNG, or a list that it draws.

Run it from the project's top folder: `python -m benchmarks.pictures`.

Both ways train the same network and move the same artists. The way of old blits them over a kept
background and sends a PNG, at the page's sharpness; the other sends what `layers` makes. Keys and
drags alternate between the two, so that whatever else the machine does slows both.
"""

from __future__ import annotations

import io
import os
import random
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Page

import nnlab
from benchmarks.latency import percentile
from nnlab.panel.controls import Control
from nnlab.panel.layers import Canvas
from nnlab.panel.picture import Picture
from nnlab.panel.picture_view import PictureView
from nnlab.panel.setting import Paper, Setting
from nnlab.panel.subjects import Subject
from nnlab.panel.views import DEFAULT_VIEWS
from nnlab.plots import Look
from tests.browser.lab import NotebookPage, chromium, jupyter_lab, write_notebook

WAYS = ("png", "list")
PRESSES = 40  # of each way
DRAGS = 4
DRAG_SECONDS = 3.0
QUIET = 0.3  # seconds between two keys
WARM = 12  # keys before anything counts
SEEN = """([image, canvas]) => {
    const log = window.nnlabLog = {keys: [], paints: []};
    document.addEventListener('keydown', event => log.keys.push(event.timeStamp), true);
    const after = () => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => log.paints.push(performance.now());
        channel.port2.postMessage(null);
    };
    image.addEventListener('load', () => image.decode().then(
        () => requestAnimationFrame(after), () => {}));
    canvas.addEventListener('painted', after);  // fired within an animation frame
}"""
CLEAR = "window.nnlabLog.keys.length = window.nnlabLog.paints.length = 0"


class PngCanvas:
    """What moves, blitted over a kept background, as PNG of 256 colours."""

    def __init__(self, figure: Figure, moving: Iterable[Artist]) -> None:
        self._canvas = FigureCanvasAgg(figure)
        self._moving = list(moving)
        self._backgrounds: dict[tuple, Any] = {}
        self._palette = Image.effect_mandelbrot((16, 16), (0, 0, 1, 1), 9).convert("P")

    def frame(self) -> bytes:
        """Return the figure as it stands."""
        figure = self._canvas.figure
        key = tuple((each.get_xscale(), *each.viewLim.bounds) for each in figure.axes)
        if key not in self._backgrounds:
            self._canvas.draw()
            self._backgrounds[key] = self._canvas.copy_from_bbox(figure.bbox)
        self._canvas.restore_region(self._backgrounds[key])
        for artist in self._moving:
            if artist.get_visible():
                artist.draw(self._canvas.get_renderer())
        stream = io.BytesIO()
        image = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        image = image.quantize(palette=self._palette, dither=Image.Dither.NONE)
        image.save(stream, format="png", compress_level=1)
        return stream.getvalue()


def panel(way: str, ratio: float) -> widgets.VBox:
    """Return a slider over a picture that comes in this way; called in the notebook."""
    article = nnlab.Experiment()
    control = Control(article, "learning_rate", (0.01, 50.0))
    screen = Picture(trained(control, 5.0), DEFAULT_VIEWS, control, (), Paper())
    # Rates that learn within milliseconds: it is the way to the page that is compared.
    slider = widgets.FloatLogSlider(5.0, min=0.0, max=1.0, step=0.01, description=way)
    show(screen, control, 5.0)
    moving = [artist for axes in screen.figure.axes for artist in axes.lines]
    canvas = Canvas(screen.figure, moving)
    if way == "png":
        screen.figure.set_dpi(ratio * screen.figure.dpi)
        png = PngCanvas(screen.figure, moving)
        picture = widgets.Image(value=png.frame(), layout={"width": "880px", "max_width": "none"})
    else:
        picture = PictureView()
        picture.show(canvas.frame(ratio))

    def move(change: dict) -> None:
        show(screen, control, change["new"])
        if way == "png":
            picture.value = png.frame()
        else:
            picture.show(canvas.frame(ratio))

    slider.observe(move, "value")
    box = widgets.VBox([slider, picture])
    box.add_class("nnlab-panel")
    return box


def trained(control: Control, rate: float) -> Subject:
    """Return a run at this rate."""
    article = nnlab.Experiment()
    subject = Subject(Setting.of(article, [control], {control.name: rate}))
    subject.train(lambda: False)
    return subject


def show(screen: Picture, control: Control, rate: float) -> None:
    """Train at this rate and move the artists."""
    subject = trained(control, rate)
    screen.show(subject, Look(), {rate: subject.point})


def measure(ratio: float) -> dict[str, tuple[list[float], list[float], int]]:
    """Return for each way ms from key to pixels, pictures a second in drags, lost keys."""
    cell = "from benchmarks.pictures import *\n" + "\n".join(
        f"display(panel({way!r}, {ratio}))" for way in WAYS
    )
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "pictures.ipynb"), cell)
        with jupyter_lab(Path(folder)) as url, chromium() as plain:
            page = plain.context.browser.new_context(
                viewport={"width": 1400, "height": 1300}, device_scale_factor=ratio
            ).new_page()
            notebook = NotebookPage(page, url, timeout=180.0)
            notebook.open("pictures.ipynb")
            notebook.run_all()
            drawn = page.locator("canvas.nnlab-canvas[data-painted]")
            drawn.wait_for()
            pictures = [notebook.picture().element_handle(), drawn.element_handle()]
            page.evaluate(SEEN, pictures)
            return _alternate(page, notebook)


def _alternate(
    page: Page, notebook: NotebookPage
) -> dict[str, tuple[list[float], list[float], int]]:
    keys: dict[str, list[float]] = {way: [] for way in WAYS}
    lost, speeds = dict.fromkeys(WAYS, 0), {way: [] for way in WAYS}
    pauses = random.Random(0)  # or the presses would keep step with the screen's refresh
    for press in range(WARM + PRESSES):
        key = "ArrowRight" if press // 20 % 2 else "ArrowLeft"
        for way in WAYS:
            notebook.slider(way).focus()
            page.evaluate(CLEAR)
            page.keyboard.press(key)
            time.sleep(QUIET + pauses.uniform(0.0, 0.1))
            seen = page.evaluate("window.nnlabLog")
            if press >= WARM:
                keys[way] += [seen["paints"][0] - seen["keys"][0]] if seen["paints"] else []
                lost[way] += not seen["paints"]
    for _ in range(DRAGS):
        for way in WAYS:
            page.evaluate(CLEAR)
            start = time.perf_counter()
            notebook.slider(way).drag_through((0.9, 0.5, 0.95), DRAG_SECONDS)
            seconds = time.perf_counter() - start
            speeds[way].append(len(page.evaluate("window.nnlabLog.paints")) / seconds)
    return {way: (keys[way], speeds[way], lost[way]) for way in WAYS}


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.getcwd()  # for the notebook's kernel
    print(f"{'ratio':<7}{'way':<6}{'median ms':>10}{'p95 ms':>8}{'lost':>6}  pictures a second")
    for ratio in (1.0, 2.0):
        for way, (keys, speeds, lost) in measure(ratio).items():
            numbers = f"{median(keys):>10.0f}{percentile(keys, 95):>8.0f}{lost:>6}"
            print(f"{ratio:<7g}{way:<6}{numbers}  {' '.join(f'{each:.1f}' for each in speeds)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
