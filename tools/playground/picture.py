"""Make docs/playground.png, the built page as a reader sees it.

python -m tools.playground.picture
"""

from __future__ import annotations

import time

from PIL import Image

from tests.browser.lab import chromium
from tools.playground.build import ROOT, build

TARGET = ROOT / "docs" / "playground.png"
SIZE = {"width": 1280, "height": 720}


def main() -> None:
    """Open the spirals, let the curve fill in, take the picture."""
    url = build().as_uri() + "#part=5&lang=en"
    with chromium() as page:
        page.set_viewport_size(SIZE)
        page.goto(url)
        while not page.evaluate("window.nnlab?.done ?? false"):
            time.sleep(0.1)
        while page.evaluate("nnlab.page.surveys.of('curve', nnlab.page.setting).size") < 25:
            time.sleep(0.2)
        page.screenshot(path=TARGET)
    # Colours found by k-means leave neither bands in shadows nor thin lines in another colour.
    Image.open(TARGET).convert("RGB").quantize(256, kmeans=5).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
