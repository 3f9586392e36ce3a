"""How fast is the playground? Measured inside a headless Chromium, from the built page.

Run it from the project's top folder: `python -m benchmarks.playground [OTHER_ENGINE.js]`.

OTHER_ENGINE.js is tensorflow/playground's engine, its `src/nn.ts` bundled so that it stands in
`globalThis.tfplayground`; with it both engines take turns in the same page. It is not part of this
project: `esbuild nn.ts --bundle --format=iife --global-name=tfplayground` makes it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from tests.browser.lab import chromium
from tools.playground.build import build

OPENINGS, MOVES, DRAG_SECONDS, TURNS = 15, 80, 3.0, 15
RATES = (0.05, 20.0)  # between which the slider is moved
# From an input event to the end of the frame that shows its first picture, in milliseconds.
REACT = """async ([moves, low, high]) => {
    const slider = document.getElementById('learning_rate'), found = [];
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    for (let k = 0; k < moves; k++) {
        await new Promise((done) => setTimeout(done, 120 + 40 * Math.random()));
        const share = ((k * 37) % moves) / moves;
        slider.value = Math.log10(low) + share * (Math.log10(high) - Math.log10(low));
        const begin = performance.now();
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        while (nnlab.shown !== nnlab.generation) await painted();
        found.push(performance.now() - begin);
    }
    return found;
}"""
ENGINES = """async (turns) => {
    const { engine, sets } = nnlab.page;
    const own = () => {
        const plain = { ...nnlab.page.setting, learning_rate: 0.05, max_updates: 300000 };
        const ready = nnlab.forEngine(plain, engine.facts);
        const start = engine.starts(ready, sets.parity);
        const runs = new nnlab.Ensemble(engine, ready, sets.parity, start, { rows: 2048 });
        const begin = performance.now();
        while (runs.running) runs.advance(50000);
        return 1e6 * (performance.now() - begin) / runs.updates();
    };
    const theirs = () => {
        if (!globalThis.tfplayground) return NaN;
        const nn = tfplayground, { inputs, targets } = sets.parity, updates = 60000;
        const rows = Array.from({ length: 6 }, (_, p) => [...inputs.subarray(3 * p, 3 * p + 3)]);
        const network = nn.buildNetwork([3, 5, 1], nn.Activations.SIGMOID, nn.Activations.SIGMOID,
            null, ['a', 'b', 'c']);
        const begin = performance.now();
        for (let k = 0; k < updates; k++) {
            nn.forwardProp(network, rows[k % 6]);
            nn.backProp(network, targets[k % 6], nn.Errors.SQUARE);
            nn.updateWeights(network, 0.05, 0);
        }
        return 1e6 * (performance.now() - begin) / updates;
    };
    for (let k = 0; k < 5; k++) { // until the browser has compiled both as well as it can
        own(), theirs();
        await new Promise((done) => setTimeout(done, 500));
    }
    return Array.from({ length: turns }, () => [own(), theirs()]);
}"""


def main(other: str | None = None) -> None:
    """Print the table."""
    url = build().as_uri()
    script = Path(other).read_text(encoding="utf-8") if other else ""
    with chromium() as first:
        browser = first.context.browser
        assert browser is not None
        row("first picture after opening", [opening(browser, url) for _ in range(OPENINGS)], "ms")
        page = ready(browser, url + "#part=1&learning_rate=5")
        moves = page.evaluate(REACT, [MOVES, *RATES])
        row("slider to pixels", moves, "ms")
        print(f"{'pictures a second in a drag':<44}{drag(page):>8.0f}")
        page.close()
        page = ready(browser, url + "#part=2")
        page.click("#seeds")
        row("slider to pixels, 100 seeds", page.evaluate(REACT, [MOVES, *RATES]), "ms")
        page.close()
        page = ready(browser, url + "#part=1&learning_rate=5", script)
        own, theirs = zip(*page.evaluate(ENGINES, TURNS), strict=True)
        row("an update of the 3-5-1 network", list(own), "ns")
        if script:
            row("the same in tensorflow/playground's engine", list(theirs), "ns")
            ratios = [other / one for one, other in zip(own, theirs, strict=True)]
            print(f"{'times as fast':<44}{median(ratios):>8.1f}")


def ready(browser: Browser, url: str, script: str = "") -> Page:
    """Open the page and wait until its first run is over."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    if script:
        # What stands in it as a variable would be one of a function that Playwright makes of it.
        page.add_init_script(f"{script}\n;globalThis.tfplayground = tfplayground;")
    page.goto(url)
    while not page.evaluate("window.nnlab?.done ?? false"):
        time.sleep(0.02)
    time.sleep(0.5)
    return page


def opening(browser: Browser, url: str) -> float:
    """Return how long after the navigation's start the first picture was drawn, milliseconds."""
    page = ready(browser, url)
    first = float(page.evaluate("nnlab.first"))
    page.close()
    return first


def drag(page: Page) -> float:
    """Drag the slider back and forth with the mouse; return how many pictures a second appeared."""
    box = page.locator("#learning_rate").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2

    def x(share: float) -> float:
        return float(box["x"] + (0.45 + 0.45 * share) * box["width"])

    page.mouse.move(x(0.0), y)
    page.mouse.down()
    drawn, begin, step = page.evaluate("nnlab.drawn"), time.perf_counter(), 0
    while time.perf_counter() - begin < DRAG_SECONDS:
        step += 1
        share = abs((step / 60.0) % 2.0 - 1.0)
        page.mouse.move(x(share), y)
        time.sleep(max(0.0, begin + step / 100.0 - time.perf_counter()))
    seconds, pictures = time.perf_counter() - begin, page.evaluate("nnlab.drawn") - drawn
    page.mouse.up()
    return float(pictures / seconds)


def row(name: str, values: list[float], unit: str) -> None:
    """Print median and 95th percentile."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    print(f"{name:<44}{median(ordered):>8.0f} {unit}   p95 {high:>6.0f} {unit}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
