"""Make docs/panel.png: a live panel in a real JupyterLab, as a reader sees it.

`make screenshot` runs it, from the project's top folder.
"""

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.soak import CELLS  # noqa: E402 - found by the path above
from tests.browser.lab import NotebookPage, chromium, jupyter_lab, write_notebook  # noqa: E402

TARGET = ROOT / "docs" / "panel.png"
STATUS = "nnlab-status"


def main() -> None:
    """Pin the article's start at 0.5, go to 5.0, show the map, take the picture."""
    TARGET.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "panel.ipynb"), *CELLS)
        with jupyter_lab(Path(folder)) as url, chromium() as page:
            page.set_viewport_size({"width": 1500, "height": 1100})
            book = NotebookPage(page, url)
            book.open("panel.ipynb")
            book.run_cells("import os", "panel = nnlab.live(")
            slider = book.slider("learning rate")
            slider.type_value("0.5")
            book.wait_for_status(STATUS, "converged after 77,214 updates")
            page.get_by_role("button", name="Pin", exact=True).click()
            page.locator("button[title='remove pinned run A']").wait_for()
            slider.type_value("5")
            book.wait_for_status(STATUS, "converged after 564 updates")
            page.get_by_role("button", name="Map", exact=True).click()
            page.wait_for_function(
                "document.querySelectorAll('.nnlab-canvas')[1]?.ariaLabel.includes('48 cells')"
            )
            time.sleep(8)  # the curve fills in
            book.screenshot(TARGET, page.locator(".nnlab-panel"))
    image = Image.open(TARGET).convert("RGB").quantize(128)
    image.save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
