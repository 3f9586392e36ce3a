"""Fixtures for tests in a real browser: one JupyterLab and one Chromium for all of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.lab import (
    BROWSERS,
    SHUT_DOWN,
    VIEWPORT,
    NotebookPage,
    chromium,
    find_chromium,
    jupyter_lab,
)

HERE = Path(__file__).parent
SCREENSHOTS = HERE.parents[1] / "build" / "screenshots"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder with `browser`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed: the fixture then keeps a picture of the page."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Chromium's path; without one the test is skipped, under CI it fails."""
    path = find_chromium()
    if path is None:
        reason = f"no Chromium on this machine (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; under CI nothing is skipped", pytrace=False)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for pictures that are kept as build artefacts."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the session's JupyterLab serves."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab(browser_path: str, lab_folder: Path) -> Iterator[str]:
    """Base url of the session's JupyterLab; not started where there is no browser for it."""
    with jupyter_lab(lab_folder) as url:
        yield url


class Window:
    """The page that tests drive one after another.

    JupyterLab's programs stay compiled from one notebook to the next, which halves the work of
    opening it. After a module with a test that failed the next one gets a fresh page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.failed = False  # a test of the module under way

    def renew(self) -> None:
        """Go on with a page that has no memory of what was before."""
        browser = self.page.context.browser
        self.page.context.close()
        assert browser is not None
        self.page, self.failed = browser.new_page(viewport=VIEWPORT), False


# For this folder, not for the session: while Playwright is open, its event loop counts as running
# in this thread, and all else that needs one (nbval's kernel client, asyncio.run) would fail.
@pytest.fixture(scope="package")
def window(browser_path: str) -> Iterator[Window]:
    """The folder's Chromium."""
    with chromium(browser_path) as page:
        yield Window(page)


@pytest.fixture(scope="module")
def open_notebook(
    lab: str, lab_folder: Path, window: Window, request: pytest.FixtureRequest
) -> Iterator[Callable[[Path], NotebookPage]]:
    """A function that copies a notebook into the lab's folder and opens the copy.

    What it opens in the same module next takes its place.
    """
    opened: list[NotebookPage] = []

    def open_copy(path: Path) -> NotebookPage:
        end()
        copy = lab_folder / f"{request.module.__name__}-{path.name}"
        shutil.copy(path, copy)
        opened.append(NotebookPage(window.page, lab))
        opened[-1].open(copy.name)
        return opened[-1]

    def end() -> None:
        if opened:
            window.page.evaluate(SHUT_DOWN)  # its panels would go on filling in their curves
        window.page.set_viewport_size(VIEWPORT)

    yield open_copy
    end()
    if window.failed:
        window.renew()


@pytest.fixture
def notebook(
    open_notebook: Callable[[Path], NotebookPage],
) -> Callable[[Path], NotebookPage]:
    """As `open_notebook`, for one test."""
    return open_notebook


@pytest.fixture(autouse=True)
def kept_picture(
    window: Window, screenshots: Path, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Keep a picture of the page if the test fails."""
    yield
    if request.node.stash.get(FAILED, False):
        window.failed = True
        window.page.screenshot(path=screenshots / f"failed-{request.node.name}.png")
