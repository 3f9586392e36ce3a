"""A real JupyterLab in a real Chromium, driven as a reader would: for tests and benchmarks."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from PIL import Image
from playwright.sync_api import (
    Locator,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as PageTimeout

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Both keep JupyterLab from asking the network, and from showing a pop-up over the notebook.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "extensionmanager-extension/plugin": {"enabled": False},
}

# The open notebook, found by its model: `currentWidget` is null while nothing has the focus.
NOTEBOOK = """(() => {
    if (!window.jupyterapp) return undefined;
    return [...jupyterapp.shell.widgets('main')].find(panel => panel.content?.model?.cells);
})()"""
SHUT_DOWN = f"() => {NOTEBOOK}?.context.sessionContext.shutdown()"
# Also true when JupyterLab asks something, for then the kernel would be waited for in vain.
READY = f"""() => {{
    const context = {NOTEBOOK}?.context;
    return document.querySelector('.jp-Dialog') || (context?.isReady
        && context.sessionContext.isReady
        && context.sessionContext.session?.kernel?.status === 'idle');
}}"""
# Starts all cells and leaves a mark when JupyterLab says that they are done.
RUN_ALL = """() => {
    window.nnlabRun = {done: false, error: null};
    jupyterapp.commands.execute('notebook:run-all-cells').then(
        () => { window.nnlabRun.done = true; },
        error => { window.nnlabRun = {done: true, error: String(error)}; });
}"""
# Runs the first code cell that contains a text; leaves the same mark.
RUN_CELL = f"""text => {{
    const notebook = {NOTEBOOK}.content;
    const place = notebook.widgets.findIndex(cell =>
        cell.model.type === 'code' && cell.model.sharedModel.getSource().includes(text));
    if (place < 0) throw new Error('no code cell contains ' + text);
    notebook.activeCellIndex = place;
    notebook.deselectAll();
    window.nnlabRun = {{done: false, error: null}};
    jupyterapp.commands.execute('notebook:run-cell').then(
        () => {{ window.nnlabRun.done = true; }},
        error => {{ window.nnlabRun = {{done: true, error: String(error)}}; }});
}}"""
CELLS = f"""() => [...{NOTEBOOK}.content.model.cells]
    .filter(cell => cell.type === 'code')
    .map(cell => ({{
        state: cell.executionState,
        count: cell.executionCount,
        source: cell.sharedModel.getSource(),
        outputs: cell.outputs.toJSON(),
    }}))"""
FINISHED = f"""() => window.nnlabRun.error !== null || (window.nnlabRun.done
    && [...{NOTEBOOK}.content.model.cells]
        .every(cell => cell.type !== 'code' || cell.executionState === 'idle'))"""
IMAGE_BYTES = """async image => {
    if (image.toDataURL) return image.toDataURL().split(',')[1];
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
}"""
VIEWPORT: ViewportSize = {"width": 1400, "height": 1000}
LAPTOP: ViewportSize = {"width": 1280, "height": 720}  # what a panel is made to fit
_OPEN: list[Playwright] = []


def write_notebook(path: Path, *cells: str) -> Path:
    """Write a notebook of these code cells; returns its path."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)
    return path


def find_chromium() -> str | None:
    """Path of an installed Chromium (or Chrome), or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def jupyter_lab(folder: Path, timeout: float = 60.0) -> Iterator[str]:
    """Serve `folder` with a JupyterLab of its own on localhost; yields its base url and ends it."""
    with _serving(lambda port: _lab_command(folder, port), timeout) as url:
        yield url


@contextmanager
def voila(notebook: Path, timeout: float = 60.0) -> Iterator[str]:
    """Serve a notebook's panels without its code, as `make app` does; yields the url."""
    with _serving(lambda port: _voila_command(notebook, port), timeout) as url:
        yield url


@contextmanager
def _serving(command: Callable[[int], list[str]], timeout: float) -> Iterator[str]:
    """Run the command that serves on a port of localhost until the block ends; yields the url."""
    with tempfile.TemporaryDirectory(prefix="nnlab-lab-", ignore_cleanup_errors=True) as private:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        log_path = Path(private, "server.log")
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                command(port),
                env=_environment(Path(private)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a terminal ends the test first, then the server
            )
        try:
            _wait_until_up(url, server, log_path, timeout)
            yield url
        finally:
            _end(server)


@contextmanager
def chromium(
    executable: str | None = None,
    headless: bool = True,
    ratio: float = 1.0,
    size: ViewportSize = VIEWPORT,
) -> Iterator[Page]:
    """A page of so many CSS pixels, each `ratio` of the screen's, in a fresh Chromium."""
    path = executable or find_chromium()
    if path is None:
        raise FileNotFoundError(f"no Chromium on this machine: looked for {', '.join(BROWSERS)}")
    with _playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, headless=headless, args=list(FLAGS)
        )
        try:
            yield browser.new_page(viewport=size, device_scale_factor=ratio)
        finally:
            browser.close()


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """Playwright, or the one that is open already: a thread can have only one."""
    if _OPEN:
        yield _OPEN[0]
        return
    with sync_playwright() as playwright:
        _OPEN.append(playwright)
        try:
            yield playwright
        finally:
            _OPEN.clear()


class NotebookPage:
    """One notebook, open in JupyterLab."""

    def __init__(self, page: Page, base_url: str, timeout: float = 60.0) -> None:
        """Drive `page`; nothing may take longer than `timeout` seconds."""
        self.page = page
        self.scope: Page | Locator = page  # where sliders, pictures and words are looked for
        self.base_url = base_url
        self.timeout = 1000 * timeout
        page.set_default_timeout(self.timeout)

    def open(self, path: str) -> None:
        """Open the notebook at `path` in the served folder; wait until its kernel is idle."""
        self.page.goto(f"{self.base_url}/doc/tree/{path}?reset")
        self.wait_until_idle()

    def open_in_notebook_7(self, path: str) -> None:
        """Open a notebook there, an extension of JupyterLab's server; run its first cell."""
        self.page.goto(f"{self.base_url}/notebooks/{path}")
        self.page.locator(".jp-CodeCell .cm-content").first.click()
        for _ in range(10):  # until there is a kernel, a cell that is run does nothing
            self.page.keyboard.press("Control+Enter")
            with suppress(PageTimeout):
                self.picture().wait_for(timeout=6_000)
                return

    def wait_until_idle(self) -> None:
        """Wait until the notebook is loaded and its kernel has nothing to do."""
        self.page.wait_for_function(READY, timeout=self.timeout)
        if (dialog := self.page.locator(".jp-Dialog")).count():
            raise RuntimeError(f"JupyterLab asks: {dialog.first.inner_text()}")

    def wait_until_settled(self, slider: Slider, css_class: str, seconds: float = 1.0) -> None:
        """Wait until a slider's number and the widget of words have said the same for so long."""
        deadline = time.monotonic() + self.timeout / 1000
        before, since = None, time.monotonic()
        while time.monotonic() - since < seconds:
            if time.monotonic() > deadline:
                raise RuntimeError(f"nothing settled within {self.timeout / 1000:g} s")
            self.wait_until_idle()
            if (now := (slider.readout(), self.status_text(css_class))) != before:
                before, since = now, time.monotonic()
            time.sleep(0.05)

    def run_all(self, timeout: float | None = None) -> None:
        """Run every cell, wait until the last has finished; raises if one fails or is not run."""
        self.page.evaluate(RUN_ALL)
        self._wait_for_cells(timeout)
        for cell in self.cells():
            if cell["source"].strip() and cell["count"] is None:
                raise RuntimeError(f"this cell was not run:\n{cell['source']}")

    def run_cells(self, *texts: str, timeout: float | None = None) -> None:
        """Run, for each text, the first code cell that contains it; raises if one fails."""
        for text in texts:
            self.page.evaluate(RUN_CELL, text)
            self._wait_for_cells(timeout)

    def _wait_for_cells(self, timeout: float | None) -> None:
        """Wait until what was started has finished; raises if a cell failed."""
        self.page.wait_for_function(FINISHED, timeout=1000 * timeout if timeout else self.timeout)
        if error := self.page.evaluate("window.nnlabRun.error"):
            raise RuntimeError(f"JupyterLab could not run the cells: {error}")
        for cell in self.cells():
            for output in cell["outputs"]:
                if output["output_type"] == "error":
                    trace = "\n".join(output["traceback"])
                    raise RuntimeError(f"this cell failed:\n{cell['source']}\n\n{trace}")
        self.wait_until_idle()

    def cells(self) -> list[dict[str, Any]]:
        """The code cells, each with its state, execution count, source and outputs."""
        return list(self.page.evaluate(CELLS))

    def outputs_text(self) -> str:
        """All printed and plain-text outputs, from the first cell to the last."""
        outputs = [output for cell in self.cells() for output in cell["outputs"]]
        texts = [out.get("text", out.get("data", {}).get("text/plain", "")) for out in outputs]
        return "\n".join("".join(text) for text in texts)

    def look_at(self, panel: Locator) -> None:
        """From now on look for sliders, pictures and words within this element only."""
        self.scope = panel

    def slider(self, label: str) -> Slider:
        """The slider with this description."""
        return Slider(self.page, label, self.scope)

    def picture(self, index: int = 0) -> Locator:
        """A panel's picture, or an Image widget's; `index` counts from the top of the page."""
        return self.scope.locator("canvas.nnlab-canvas, img.widget-image").nth(index)

    def picture_source(self, index: int = 0) -> str:
        """What changes with every frame: how many were painted, or an image's address."""
        return str(self.picture(index).evaluate("each => each.dataset.painted ?? each.src ?? ''"))

    def wait_for_new_picture(self, since: str, index: int = 0) -> str:
        """Wait until the picture is another than `since`; returns its picture_source()."""
        handle = self.picture(index).element_handle()
        loaded = """([each, since]) => (each.dataset.painted ?? each.src) !== since
            && (each.dataset.painted || (each.complete && each.naturalWidth))"""
        self.page.wait_for_function(loaded, arg=[handle, since], timeout=self.timeout)
        return self.picture_source(index)

    def picture_bytes(self, index: int = 0) -> bytes:
        """The picture as a file (PNG, JPEG)."""
        return base64.b64decode(self.picture(index).evaluate(IMAGE_BYTES))

    def picture_pixels(self, index: int = 0) -> np.ndarray:
        """The picture's colours, (height, width, 3)."""
        with Image.open(io.BytesIO(self.picture_bytes(index))) as picture:
            return np.asarray(picture.convert("RGB"), dtype=int)

    def status_text(self, css_class: str) -> str:
        """The words on screen in the widget with this CSS class."""
        return self.scope.locator(f".{css_class}").first.inner_text().strip()

    def wait_for_status(self, css_class: str, words: str | re.Pattern[str]) -> str:
        """Wait until the widget with this CSS class shows `words`; returns its whole text."""
        self.scope.locator(f".{css_class}", has_text=words).first.wait_for()
        return self.status_text(css_class)

    def screenshot(self, path: Path, element: Locator | None = None) -> Path:
        """Write a PNG of the page, or of one element; returns its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        (element or self.page).screenshot(path=path)
        return path


class Slider:
    """One ipywidgets slider, moved by keyboard or mouse."""

    def __init__(self, page: Page, label: str, scope: Page | Locator | None = None) -> None:
        """The slider on `page`, or within a part of it, whose description is `label`."""
        self.page = page
        self.box = (scope or page).locator(
            f".widget-slider:has(.widget-label:text-is({json.dumps(label)}))"
        )
        self.handle = self.box.locator(".noUi-handle")

    def focus(self) -> None:
        """Bring the handle into view and give it the keyboard."""
        self.handle.scroll_into_view_if_needed()
        self.handle.focus()

    def press(self, key: str, times: int = 1) -> None:
        """Press a key (ArrowRight, PageDown, Home, ...) on the handle."""
        self.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag_to(self, fraction: float) -> None:
        """Drag the handle to this fraction (0 to 1) of the track."""
        self.drag_through([fraction], seconds=0.2)

    def drag_through(self, fractions: Sequence[float], seconds: float) -> None:
        """Drag the handle through these fractions of the track, evenly, 60 moves a second."""
        self.handle.scroll_into_view_if_needed()
        x, y = _centre(self.handle)
        track = self.box.locator(".noUi-base").bounding_box()
        assert track is not None
        targets = [x, *(track["x"] + fraction * track["width"] for fraction in fractions)]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        start = time.perf_counter()
        steps = max(round(60 * seconds), len(fractions))
        for step in range(1, steps + 1):
            self.page.mouse.move(_along(targets, step / steps), y)
            time.sleep(max(0.0, start + seconds * step / steps - time.perf_counter()))
        self.page.mouse.up()

    def readout(self) -> str:
        """The number beside the slider."""
        own = self._typed_beside()
        if own.count():
            return own.input_value().strip()
        return self.box.locator(".widget-readout").inner_text().strip()

    def wait_for_readout(self, text: str) -> None:
        """Wait until the number beside the slider is `text`; a panel's comes from the kernel."""
        expect(self._typed_beside()).to_have_value(text)

    def _typed_beside(self) -> Locator:
        """The input field that nnlab's panels have in place of ipywidgets' readout."""
        return self.box.locator("xpath=following-sibling::*").locator("input")

    def type_value(self, text: str) -> None:
        """Type a number into the readout and press Enter."""
        own = self._typed_beside()
        readout = own if own.count() else self.box.locator(".widget-readout")
        readout.click()
        readout.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")


def _lab_command(folder: Path, port: int) -> list[str]:
    """The command that serves `folder` on `port`, to this machine only."""
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder.resolve()}"),
        *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def _voila_command(notebook: Path, port: int) -> list[str]:
    """The command that serves a notebook's panels on `port`, to this machine only."""
    return [
        *(sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"),
        *("--Voila.ip=127.0.0.1", "--token="),
        "--Voila.kernel_websocket_connection_class=nnlab.panel.server.PromptConnection",
    ]


def _environment(private: Path) -> dict[str, str]:
    """Environment variables for the server: every Jupyter and IPython folder is in `private`."""
    for name, values in SETTINGS.items():
        path = private / "config/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "config/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "config/lab/workspaces",
        "IPYTHONDIR": "ipython",
    }
    return {**os.environ, **{name: str(private / folder) for name, folder in folders.items()}}


def _free_port() -> int:
    """A port of localhost that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path, timeout: float) -> None:
    """Return once the server answers; raise with the end of its log if it ends or does not."""
    # A proxy in the environment must not come between this test and localhost.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + timeout
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with opener.open(f"{url}/api/status", timeout=5):
                return
        except urllib.error.HTTPError:  # Voilà has no such page, but it answers
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    ending = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"JupyterLab did not answer at {url} within {timeout:g} s:\n{ending}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end (it shuts its kernels down first); kill it if it does not."""
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _centre(element: Locator) -> tuple[float, float]:
    """Middle of an element on the page, in pixels."""
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _along(points: Sequence[float], fraction: float) -> float:
    """The place at `fraction` of the way through `points`, every leg taking the same time."""
    position = fraction * (len(points) - 1)
    leg = min(int(position), len(points) - 2)
    return points[leg] + (position - leg) * (points[leg + 1] - points[leg])
