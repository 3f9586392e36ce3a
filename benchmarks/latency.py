"""How live is the live panel? From a key or the mouse to new pixels, in Chromium.

Run it from the project's top folder: `python -m benchmarks.latency`.

All times are taken inside the browser, on one clock: from the time stamp of the input event to the
end of the frame that painted the new, decoded picture. They hold the whole way, kernel included.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import inf, log
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from tests.browser.lab import (
    LAPTOP,
    NotebookPage,
    Slider,
    chromium,
    jupyter_lab,
    voila,
    write_notebook,
)

Place = Callable[[Path, float], AbstractContextManager[NotebookPage]]

LOWEST, HIGHEST = 0.01, 50.0  # the slider's range
SLOWEST = 0.05  # the targets hold from this rate up
MANY = (
    "import nnlab\n"
    f"nnlab.live(nnlab.Experiment(init='gaussian'), learning_rate=({LOWEST}, {HIGHEST}))"
)
CELL = f"import nnlab\nnnlab.live(nnlab.Experiment(), learning_rate=({LOWEST}, {HIGHEST}))"
LABEL = "learning rate"
STATUS = "nnlab-status"
BOOK = "panel.ipynb"
PRESSES = 80
# Three drags to and fro over the fast rates, in fractions of their way, each ending elsewhere.
# They pass some 90 of the slider's places a second, for no place gives two pictures.
DRAGS = (
    (0.9, 0.2, 0.8, 0.1, 0.9, 0.3, 0.7),
    (0.1, 1.0, 0.2, 0.9, 0.1, 0.8, 0.35),
    (1.0, 0.4, 0.9, 0.1, 0.7, 0.2, 0.0),
)
DRAG_SECONDS = 3.0
QUIET = 0.35  # seconds without a new frame after which a reaction is over
PATIENCE = 5.0  # seconds after which an input counts as lost

# The picture's view says that it has painted within an animation frame. A message posted there is
# handled as the next task: right after that frame was rendered.
PROBE = """([image, words]) => {
    const log = window.nnlabLog = {keys: [], moves: [], releases: [], paints: [], words: []};
    const record = (type, list) =>
        document.addEventListener(type, event => list.push(event.timeStamp), true);
    record('keydown', log.keys);
    record('pointermove', log.moves);
    record('pointerup', log.releases);
    const painted = () => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => log.paints.push(performance.now());
        channel.port2.postMessage(null);
    };
    image.addEventListener('painted', painted);
    new MutationObserver(() => log.words.push(performance.now()))
        .observe(words, {childList: true, characterData: true, subtree: true});
}"""
CLEAR = "Object.values(window.nnlabLog).forEach(list => { list.length = 0; })"


@dataclass(frozen=True)
class Events:
    """What happened in the page since the last look, in milliseconds on the page's clock."""

    keys: list[float]
    moves: list[float]
    releases: list[float]
    paints: list[float]
    words: list[float]


@dataclass(frozen=True)
class Press:
    """One key press: the rate it led to, and the time to the first and the last new picture."""

    rate: float
    first: float
    last: float


@dataclass(frozen=True)
class Drag:
    """One drag: frames a second, ms from its end to the last change, whether that was right."""

    frames: float
    settled: float
    right: bool


@dataclass(frozen=True)
class Measurement:
    """All that was measured on one panel."""

    presses: list[Press]
    drags: list[Drag]
    size: tuple[int, int]
    kilobytes: float


@contextmanager
def in_lab(folder: Path, ratio: float) -> Iterator[NotebookPage]:
    """Yield the notebook in JupyterLab, its cell run."""
    with jupyter_lab(folder) as url, chromium(ratio=ratio, size=LAPTOP) as page:
        book = NotebookPage(page, url)
        book.open(BOOK)
        book.run_all()
        yield book


@contextmanager
def in_notebook_7(folder: Path, ratio: float) -> Iterator[NotebookPage]:
    """Yield the notebook in Notebook 7, its cell run."""
    with jupyter_lab(folder) as url, chromium(ratio=ratio, size=LAPTOP) as page:
        book = NotebookPage(page, url)
        book.open_in_notebook_7(BOOK)
        yield book


@contextmanager
def in_voila(folder: Path, ratio: float) -> Iterator[NotebookPage]:
    """Yield the page that Voilà makes of the notebook."""
    with voila(folder / BOOK) as url, chromium(ratio=ratio, size=LAPTOP) as page:
        page.goto(url)
        yield NotebookPage(page, url)


def measure(
    cell: str = CELL, many: bool = False, ratio: float = 1.0, place: Place = in_lab
) -> Measurement:
    """Run `cell` in a notebook of its own and measure the panel that it shows.

    With `many`, a hundred seeds are trained at each position; `ratio` is the screen's pixels a CSS
    pixel; `place` is what the notebook is opened in.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, BOOK), cell)
        with place(Path(folder), ratio) as notebook:
            page = notebook.page
            notebook.picture().wait_for()
            words = page.locator(f".{STATUS}").first.element_handle()
            page.evaluate(PROBE, [notebook.picture().element_handle(), words])
            if many:
                page.get_by_role("button", name="100 seeds", exact=True).click()
                wait_until_quiet(page)
            presses = press_keys(page, notebook.slider(LABEL))
            drags = [drag(notebook, fractions) for fractions in DRAGS]
            width, height = notebook.picture().evaluate("i => [i.width, i.height]")
            kilobytes = len(notebook.picture_bytes()) / 1024
    return Measurement(presses, drags, (width, height), kilobytes)


def press_keys(page: Page, slider: Slider) -> list[Press]:
    """Walk the slider up and down over the fast rates, one key press at a time."""
    slider.type_value(str(SLOWEST))
    time.sleep(PATIENCE)  # the first frame may still compile and warm caches
    slider.focus()
    pauses = random.Random(0)  # or the presses would keep step with the screen's refresh
    presses: list[Press] = []
    key, rate = "ArrowRight", float(slider.readout())
    while len(presses) < PRESSES:
        time.sleep(pauses.uniform(0.0, 0.1))
        page.evaluate(CLEAR)
        page.keyboard.press(key)
        seen = wait_until_quiet(page)
        before, rate = rate, float(slider.readout())  # comes from the kernel, like the picture
        if (
            rate == before or rate < SLOWEST
        ):  # an end of the walk: turn, and do not count this press
            key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
            continue
        paints = [paint - seen.keys[0] for paint in seen.paints] or [inf]
        presses.append(Press(rate, paints[0], paints[-1]))
    return presses


def drag(notebook: NotebookPage, fractions: Sequence[float]) -> Drag:
    """Drag the slider through `fractions` of the fast rates and see what is shown in the end."""
    page, slider = notebook.page, notebook.slider(LABEL)
    start = log(SLOWEST / LOWEST) / log(HIGHEST / LOWEST)
    page.evaluate(CLEAR)
    slider.drag_through([start + (1 - start) * each for each in fractions], DRAG_SECONDS)
    seen = wait_until_quiet(page)
    end = seen.releases[0]
    during = [paint for paint in seen.paints if paint <= end]
    seconds = (end - seen.moves[0]) / 1000
    settled = max([*seen.paints, *seen.words, end]) - end
    return Drag(len(during) / seconds, settled, shows_its_value(notebook, slider))


def shows_its_value(notebook: NotebookPage, slider: Slider) -> bool:
    """Whether the words on screen are those of the slider's value: leave it, come back, compare."""
    shown = timeless(notebook.status_text(STATUS))
    rate = slider.readout()
    keys = ("ArrowLeft", "ArrowRight") if float(rate) > SLOWEST else ("ArrowRight", "ArrowLeft")
    for key in keys:
        notebook.page.evaluate(CLEAR)
        slider.press(key)
        wait_until_quiet(notebook.page)
    return rate == slider.readout() and shown == timeless(notebook.status_text(STATUS))


def wait_until_quiet(page: Page) -> Events:
    """Wait until something was painted and nothing more comes; returns what happened."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(QUIET)
        now, seen = page.evaluate("[performance.now(), window.nnlabLog]")
        events = Events(**seen)
        latest = max([*events.paints, *events.words, -inf])
        if events.paints and now - latest > 1000 * QUIET:
            break
    return events


def timeless(words: str) -> str:
    """A status line without the run time in it, which differs from run to run."""
    return re.sub(r"in [\d.,]+ (ms|s)\b", "", words)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this percentage of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def table(measured: Measurement) -> str:
    """The measurement as text, beside the targets."""
    lines = [f"{'key press to new pixels, ms':<36}{'n':>4}{'median':>8}{'p95':>8}   target"]
    bands = ((SLOWEST, HIGHEST), (SLOWEST, 0.5), (0.5, 5.0), (5.0, HIGHEST))
    for low, high in bands:
        band = [press for press in measured.presses if low <= press.rate <= high]
        for name, times in (
            ("first picture", [press.first for press in band]),
            ("last picture", [press.last for press in band]),
        ):
            label = f"  {name}, rates {low:g} to {high:g}"
            target = "   p95 <= 60" if (low, high) == bands[0] and "first" in name else ""
            if times:
                middle, tail = median(times), percentile(times, 95)
                lines.append(f"{label:<36}{len(times):>4}{middle:>8.0f}{tail:>8.0f}{target}")
    lost = sum(press.first == inf for press in measured.presses)
    frames = " ".join(f"{each.frames:.1f}" for each in measured.drags)
    settled = " ".join(f"{each.settled:.0f}" for each in measured.drags)
    right = sum(each.right for each in measured.drags)
    rows = (
        ("key presses without a picture", str(lost), "0"),
        ("frames a second while dragging", frames, ">= 25"),
        ("drag's end to last change, ms", settled, "<= 200"),
        ("drags that end at their value", f"{right} of {len(measured.drags)}", "all"),
        ("picture", f"{'x'.join(map(str, measured.size))}, {measured.kilobytes:.0f} kB", ""),
        ("machine", f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", ""),
    )
    return "\n".join([*lines, *(f"{name:<36}{value:>20}   {goal}" for name, value, goal in rows)])


def line_for_many(measured: Measurement) -> str:
    """The measurement with a hundred seeds as one line."""
    first = [press.first for press in measured.presses]
    numbers = f"{len(first):>4}{median(first):>8.0f}{percentile(first, 95):>8.0f}   p95 <= 90"
    return f"{'  first picture, 100 seeds':<36}{numbers}"


if __name__ == "__main__":
    for ratio in (1.0, 2.0):
        print(f"\nJupyterLab, devicePixelRatio {ratio:g}")
        print(table(measure(ratio=ratio)))
        print(line_for_many(measure(MANY, many=True, ratio=ratio)), flush=True)
    for name, place in (("Notebook 7", in_notebook_7), ("Voilà", in_voila)):
        print(f"\n{name}, devicePixelRatio 1")
        print(table(measure(place=place)), flush=True)
