"""Does a panel bear being played with? Random drags, keys, clicks and re-run cells in a browser.

Run it from the project's top folder: `python -m benchmarks.soak --minutes 10`. It plays for so long
on a screen of one pixel for each of CSS, then on one of two, prints the memory of kernel and page
along the way and fails if either grows, if a thread stays behind, or if the panel doesn't show its
last setting.

What the page does keep are closed widgets, plain ones of ipywidgets too: JupyterLab's connection to
the kernel never lets go of the listeners of their channels. A cell that is run again and shows a
panel leaves some 700 kB there, one that shows 30 plain widgets 500 kB; nothing else adds up.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import CDPSession, TimeoutError

from tests.browser.lab import NotebookPage, chromium, jupyter_lab, write_notebook

PANEL = """panel = nnlab.live(
    nnlab.Experiment(), learning_rate=(0.01, 50.0), init=["alternating", "gaussian", "xavier"]
)
panel"""
CELLS = (
    "import os, threading, nnlab\nprint(os.getpid())",
    PANEL,
    "THREADS = threading.enumerate",
    "print(panel.wait(30), [t.name for t in THREADS() if t.name == 'nnlab'])",
)
STATUS = "nnlab-status"
LOOKS = 12  # at memory, evenly over the time
KERNEL_MAY_GROW, PAGE_MAY_GROW = 40.0, 10.0  # MB between the first third and the last


@dataclass(frozen=True)
class Soak:
    """What came of it: MB of the kernel and of the page's JavaScript at each look."""

    actions: int
    kernel: list[float]
    page: list[float]
    threads: str
    status: str

    def problems(self) -> list[str]:
        """Say what is wrong, in words; empty if nothing is."""
        found = []
        for name, sizes, may in (
            ("kernel", self.kernel, KERNEL_MAY_GROW),
            ("page", self.page, PAGE_MAY_GROW),
        ):
            third = max(1, len(sizes) // 3)
            growth = max(sizes[-third:]) - max(sizes[:third])
            if growth > may:
                found.append(f"{name} grew by {growth:.0f} MB")
        if self.threads != "True []":
            found.append(f"threads left: {self.threads}")
        if "converged after 564 updates" not in self.status:
            found.append(f"the last setting is not on screen: {self.status}")
        return found


def soak(seconds: float, ratio: float) -> Soak:
    """Play with a panel for so long, in a JupyterLab and a browser of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "soak.ipynb"), *CELLS)
        with jupyter_lab(Path(folder)) as url, chromium(ratio=ratio) as page:
            book = NotebookPage(page, url)
            book.open("soak.ipynb")
            return play(book, seconds)


def play(book: NotebookPage, seconds: float, seed: int = 0) -> Soak:
    """Play with the panel of a notebook of ``CELLS`` for so long."""
    chance = random.Random(seed)
    book.run_cells(*CELLS[:-1])
    kernel = psutil.Process(int(book.outputs_text().split()[0]))
    browser = book.page.context.new_cdp_session(book.page)
    browser.send("Performance.enable")
    begin, actions = time.monotonic(), 0
    sizes: list[tuple[float, float]] = []
    while (spent := time.monotonic() - begin) < seconds:
        if spent >= seconds * len(sizes) / LOOKS:
            sizes.append((kernel.memory_info().rss / 1e6, heap(browser)))
        act(book, chance)
        actions += 1
    sizes.append((kernel.memory_info().rss / 1e6, heap(browser)))
    status = settle(book)
    book.run_cells("panel.wait(30)", timeout=60)
    threads = book.outputs_text().splitlines()[-1]
    return Soak(actions, [a for a, _ in sizes], [b for _, b in sizes], threads, status)


def act(book: NotebookPage, chance: random.Random) -> None:
    """Do one thing that a reader may do."""
    page, slider = book.page, book.slider("learning rate")
    kind = chance.choices(
        ("keys", "drag", "type", "init", "button", "moment", "unpin", "rerun"),
        weights=(8, 6, 2, 3, 6, 3, 2, 0.5),
    )[0]
    if kind == "keys":
        slider.press(chance.choice(("ArrowLeft", "ArrowRight", "PageUp", "Home", "End")), 3)
    elif kind == "drag":
        slider.drag_through([chance.random() for _ in range(3)], seconds=0.6)
    elif kind == "type":
        slider.type_value(chance.choice(("5", "0.05", "50", "nonsense", "-1")))
    elif kind == "init":
        start = chance.choice(("alternating", "gaussian", "xavier"))
        page.locator(".widget-dropdown:has(.widget-label:text-is('init')) select").select_option(
            start
        )
    elif kind == "button":
        names = ("100 seeds", "Map", "Compare", "Export", "?", "Pin", "New seed")
        names += ("linear axis", "log axis", "Code")
        button = page.get_by_role("button", name=chance.choice(names), exact=True)
        if button.count() and button.first.is_visible():
            button.first.click()
    elif kind == "moment":
        book.slider("moment").press(chance.choice(("ArrowLeft", "Home", "End")), 2)
    elif kind == "unpin":
        crosses = page.locator("button[title^='remove pinned run']")
        if crosses.count():
            with suppress(TimeoutError):  # a cell run again may just be taking it away
                crosses.first.click(timeout=2000)
    else:
        book.run_cells("panel = nnlab.live(")


def settle(book: NotebookPage) -> str:
    """Bring the panel to the article's start at 5 and return what it says."""
    page = book.page
    for name in ("100 seeds", "Map"):
        pressed = page.locator(f".widget-toggle-button.mod-active:text-is('{name}')")
        if pressed.count():
            pressed.first.click()
    page.locator(".widget-dropdown:has(.widget-label:text-is('init')) select").select_option(
        "alternating"
    )
    book.slider("learning rate").type_value("0.05")
    book.slider("learning rate").type_value("5")
    end = time.monotonic() + 20
    while time.monotonic() < end and "564" not in book.status_text(STATUS):
        time.sleep(0.2)
    return book.status_text(STATUS)


def heap(browser: CDPSession) -> float:
    """The page's JavaScript heap in use after a garbage collection, MB."""
    browser.send("HeapProfiler.collectGarbage")
    metrics = browser.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize") / 1e6


def main() -> int:
    """Soak for the minutes asked for, print what came of it; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--ratio", type=float, action="append", help="of pixels; may stand twice")
    given = parser.parse_args()
    failed = False
    for ratio in given.ratio or (1.0, 2.0):
        came = soak(60.0 * given.minutes, ratio)
        print(f"{came.actions} actions in {given.minutes:g} minutes, devicePixelRatio {ratio:g}")
        print("kernel, MB:", *(f"{size:.0f}" for size in came.kernel))
        print("page, MB:  ", *(f"{size:.0f}" for size in came.page))
        print("at last:   ", came.status.replace("\n", "; "), flush=True)
        for problem in came.problems():
            print(f"FAILED: {problem}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
