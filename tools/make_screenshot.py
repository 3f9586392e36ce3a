"""Make the pictures of docs/: live panels in a real JupyterLab, as a reader sees them.

`make screenshot` runs it, from the project's top folder: docs/panel.png and the film docs/drag.gif
of the README, and docs/panels/, what panels look like on a laptop's screen of 1280 × 720, once in
Notebook 7, which only this needs.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import LAPTOP, NotebookPage, chromium, jupyter_lab, write_notebook  # noqa: E402

DOCS = ROOT / "docs"
STATUS = "nnlab-status"
PANEL = """import nnlab
nnlab.live(
    nnlab.Experiment(),
    learning_rate=(0.01, 50.0),
    init=["alternating", "gaussian", "xavier"],
    marks={0.05: "the article", 5.0: "564 updates"},
)"""
SMALL = """bowl = nnlab.Experiment(
    data=nnlab.Dataset([[-1.0], [1.0]], [[0.0], [0.0]]), layers=(1, 1), output="linear"
).replace(init=nnlab.Nudged("zeros", -1.0, place=(0, 0, 0)), batch_size="full", tolerance=0.0)
nnlab.live(
    bowl.replace(max_updates=60, learning_rate=1.9),
    views=["parabola"],
    tools=[],
    learning_rate=(0.05, 2.5),
    marks={0.1: "crawl", 1.9: "jump across"},
)"""
CURVE_SECONDS = 8.0  # in which the curve fills in
FILM_STEPS, FRAME_SECONDS = 60, 0.08


def main() -> None:
    """Play the scenes one after the other in one notebook."""
    (DOCS / "panels").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "panel.ipynb"), PANEL, SMALL)
        with jupyter_lab(Path(folder)) as url, chromium(ratio=2.0) as page:
            page.set_viewport_size(LAPTOP)
            book = NotebookPage(page, url)
            book.open("panel.ipynb")
            book.run_cells("import nnlab")
            slider = book.slider("learning rate")
            slider.type_value("5")
            book.wait_for_status(STATUS, "converged after 564 updates")
            time.sleep(CURVE_SECONDS)
            panel = page.locator(".nnlab-panel").first
            panel.scroll_into_view_if_needed()
            shoot(book, panel, DOCS / "panel.png")
            laptop(page, "default")
            film(page, book)
            slider.type_value("0.5")
            book.wait_for_status(STATUS, "converged after 77,214 updates")
            press(page, "Pin")
            slider.type_value("5")
            book.wait_for_status(STATUS, "converged after 564 updates")
            press(page, "Map")
            time.sleep(CURVE_SECONDS)
            laptop(page, "map")
            wear(page, "Dark")
            laptop(page, "dark")
            wear(page, "Light")
            page.locator(".nnlab-panel select").first.select_option("gaussian")
            press(page, "100 seeds")
            time.sleep(CURVE_SECONDS)
            laptop(page, "seeds")
            book.run_cells("bowl")
            small = page.locator(".nnlab-panel").nth(1)
            small.scroll_into_view_if_needed()
            time.sleep(2)
            shoot(book, small, DOCS / "panels" / "small.png")
            notebook_7(book)


def notebook_7(book: NotebookPage) -> None:
    """The same panel there."""
    book.open_in_notebook_7("panel.ipynb")
    book.slider("learning rate").type_value("5")
    book.wait_for_status(STATUS, "after 564 updates")
    book.page.locator(".nnlab-panel").evaluate("panel => panel.scrollIntoView()")
    time.sleep(CURVE_SECONDS)
    laptop(book.page, "notebook7")


def wear(page, theme: str) -> None:
    """Change JupyterLab's theme."""
    command = "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
    page.evaluate(command, f"JupyterLab {theme}")
    time.sleep(3)


def press(page, name: str) -> None:
    """Press a button of the panel."""
    page.get_by_role("button", name=name, exact=True).first.click()


def shoot(book: NotebookPage, place, target: Path) -> None:
    """Take the picture of a part of the page, in few colours."""
    book.screenshot(target, place)
    reduce(target)


def laptop(page, name: str) -> None:
    """Take the picture of the whole screen."""
    target = DOCS / "panels" / f"{name}.png"
    page.screenshot(path=target)
    reduce(target)


def reduce(target: Path) -> None:
    """Keep 128 colours, which text and lines don't miss."""
    image = Image.open(target).convert("RGB").quantize(128)
    image.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB", flush=True)


def film(page, book: NotebookPage) -> None:
    """Drag the slider from 0.1 to 20 and back; keep what is on screen as an animation."""
    panel = page.locator(".nnlab-panel").first
    handle = panel.locator(".noUi-handle").first.bounding_box()
    track = panel.locator(".noUi-base").first.bounding_box()
    y = handle["y"] + handle["height"] / 2
    page.mouse.move(handle["x"] + handle["width"] / 2, y)
    page.mouse.down()
    pictures = []
    for step in range(FILM_STEPS):
        away = abs(1.0 - 2.0 * step / (FILM_STEPS - 1))  # 1 at both ends
        place = 0.89 - 0.62 * away
        page.mouse.move(track["x"] + track["width"] * place, y)
        time.sleep(FRAME_SECONDS)
        shot = Image.open(io.BytesIO(panel.screenshot())).convert("RGB")
        pictures.append(shot.resize((900, round(900 * shot.height / shot.width))))
    page.mouse.up()
    palette = pictures[len(pictures) // 2].quantize(64)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    target = DOCS / "drag.gif"
    frames[0].save(
        target,
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 * FRAME_SECONDS),
        loop=0,
        optimize=True,
    )
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
