"""The playground in a real Chromium, from a file, with the network blocked."""

import os
import random
import re
import time

import pytest
from playwright.sync_api import expect

import nnlab
from tests.browser.lab import chromium, find_chromium
from tests.playground.cases import as_case, by_python, random_experiment
from tests.playground.test_engine import differences

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Train in the page's own engine and return what train.mjs prints of it.
TRAIN = """({ setting, data, rows, pause }) => {
    const { engine } = nnlab.page;
    for (const name of ['inputs', 'targets', 'mean', 'deviation'])
        data[name] = Float64Array.from(data[name]);
    const hex = (list) => [...new Uint8Array(Float64Array.from(list).buffer)]
        .map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const start = engine.starts(setting, data);
    const runs = new nnlab.Ensemble(engine, setting, data, start, { rows });
    while (runs.running) runs.advance(pause);
    const { updates, weights, errors } = runs.history();
    return {
        start: hex(start),
        outcome: runs.outcome(),
        updates: runs.updates(),
        weights: hex(runs.weights()),
        answers: hex(engine.answers(setting, data, runs.weights())),
        rows: hex(updates),
        rowWeights: hex(weights),
        rowErrors: hex(errors),
    };
}"""
KNOWN = """[
    [...nnlab.page.surveys.of("curve", nnlab.page.setting)]
        .filter(([, updates]) => isFinite(updates)),
    nnlab.page.surveys.of("map", nnlab.page.setting).size,
]"""
NO_VECTORS = "WebAssembly.validate = () => false"


@pytest.fixture(scope="module")
def window():
    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine; under CI nothing is skipped", pytrace=False)
        pytest.skip("no Chromium on this machine")
    with chromium(path) as page:
        yield page.context.browser


@pytest.fixture
def visit(window, page):
    """A function that opens the page at a hash, in a context that reaches nothing but the file."""
    opened = []

    def open_at(hash_="", script=None, **options):
        context = window.new_context(viewport={"width": 1280, "height": 720}, **options)
        context.set_offline(True)
        tab = context.new_page()
        tab.asked, tab.problems = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.on("console", lambda m: tab.problems.append(m.text) if m.type == "error" else None)
        if script:
            tab.add_init_script(script)
        tab.goto(page.as_uri() + hash_)
        opened.append(tab)
        return tab

    yield open_at
    for tab in opened:
        assert tab.problems == []
        outside = [url for url in tab.asked if not url.startswith(("file:", "blob:", "data:"))]
        assert outside == []
        tab.context.close()


def settled(tab):
    """Wait until the run that is asked for is drawn to its end."""
    end = time.monotonic() + 20
    while not tab.evaluate("nnlab.done && nnlab.shown === nnlab.generation"):
        assert time.monotonic() < end, tab.inner_text("#verdict")
        time.sleep(0.03)
    return tab.inner_text("#verdict")


def type_rate(tab, text):
    tab.fill("#learning_rate-number", text)
    tab.press("#learning_rate-number", "Enter")


def test_the_articles_counts_and_a_link_that_holds_the_setting(visit, page):
    tab = visit()
    assert settled(tab) == "Learned after 657,252 updates"
    type_rate(tab, "5")
    assert settled(tab) == "Learned after 564 updates"
    assert "units 1, 3, 5 of layer 1 are identical" in tab.inner_text("#details")
    expect(tab).to_have_url(page.as_uri() + "#part=1&learning_rate=5")
    again = visit("#part=1&learning_rate=5")
    assert settled(again) == "Learned after 564 updates"
    assert page.stat().st_size <= 400_000
    assert len([url for url in tab.asked if not url.startswith("blob:")]) == 1


def test_a_drag_draws_on_the_way_and_ends_where_it_ends(visit):
    tab = visit("#part=1&learning_rate=1")
    settled(tab)
    box = tab.locator("#learning_rate").bounding_box()
    y, drawn = box["y"] + box["height"] / 2, tab.evaluate("nnlab.drawn")
    tab.mouse.move(box["x"] + 0.5 * box["width"], y)
    tab.mouse.down()
    for step in range(40):
        tab.mouse.move(box["x"] + (0.5 + 0.005 * step) * box["width"], y)
        time.sleep(0.016)
    tab.mouse.up()
    verdict = settled(tab)
    assert tab.evaluate("nnlab.drawn") - drawn >= 10
    rate = float(tab.input_value("#learning_rate-number"))
    assert 3.0 < rate < 10.0
    updates = nnlab.Experiment(learning_rate=rate).run().updates
    assert verdict == f"Learned after {updates:,} updates"


def test_keys_languages_and_words_for_what_cannot_be(visit):
    tab = visit("#part=1&learning_rate=5", locale="ja-JP")
    assert settled(tab) == "564 回の更新で学習しました"
    assert tab.evaluate("document.documentElement.lang") == "ja"
    tab.click("#language")
    assert settled(tab) == "Learned after 564 updates"
    tab.focus("#learning_rate")
    tab.keyboard.press("ArrowRight")
    settled(tab)
    assert float(tab.input_value("#learning_rate-number")) == 5.13
    type_rate(tab, "fast")
    expect(tab.locator("#toast")).to_contain_text("learning rate must be a number from")
    tab.select_option("#normalization", "batch")
    expect(tab.locator("#toast")).to_contain_text("batch size 1 does not fit here; now full")
    type_rate(tab, "1e3")
    tab.select_option("#normalization", "none")
    tab.select_option("#activation", "linear")
    tab.evaluate("document.querySelector('details').open = true")
    tab.select_option("#output", "linear")
    assert settled(tab).startswith("Diverged after")
    assert "NaN" in tab.inner_text("#details")


def test_broken_links_are_told_and_show_the_parts_own_setting(visit):
    tab = visit("#part=2&learning_rate=fast&nothing=1")
    settled(tab)
    expect(tab.locator("#toast")).to_contain_text(
        "learning_rate “fast” is not among: 0.0001 – 1000"
    )
    assert tab.input_value("#learning_rate-number") == "5"
    huge = visit("#" + "x" * 100_000)
    assert settled(huge) == "Learned after 657,252 updates"
    expect(huge.locator("#toast")).to_contain_text("could not be read")


def test_a_browser_without_vectors_is_told_so(visit):
    tab = visit(script=NO_VECTORS)
    expect(tab.locator("#sorry")).to_contain_text("WebAssembly with SIMD")
    assert not tab.is_visible("main")


def test_every_part_opens(visit):
    tab = visit("#part=1")
    for part in range(1, 8):
        tab.evaluate(f"location.hash = '#part={part}'")
        expect(tab.locator("nav [aria-current]")).to_have_text(re.compile(f"^{part} "))
        expect(tab.locator(".current .badge")).to_have_text(str(part))
        expect(tab.locator("#verdict")).to_contain_text("updates")


def test_seeds_pins_and_the_line_of_python(visit):
    tab = visit("#part=2")
    settled(tab)
    tab.click("#pin")
    expect(tab.locator("#pins .pin")).to_contain_text("init")
    expect(tab.locator("#tried tr")).to_have_count(1)  # what is left at once does not count
    tab.click("#seeds")
    verdict = settled(tab)
    learned = sum(
        nnlab.Experiment(
            learning_rate=5.0, init="gaussian", init_seed=seed, order_seed=seed, max_updates=200_000
        )
        .run()
        .converged
        for seed in range(100)
    )
    assert verdict == f"{learned} of 100 seeds learned"
    expect(tab.locator("#tried tr")).to_have_count(2)
    tab.click("#seeds")
    tab.click("#reseed")
    verdict = settled(tab)
    tab.click("#python")
    experiment = eval(tab.input_value("#dialog-text"), {"nnlab": nnlab})
    assert experiment.init_seed == 1
    assert verdict == f"Learned after {experiment.run().updates:,} updates"
    tab.click("#dialog button[value=close]")
    expect(tab.locator("#tried tr")).to_have_count(3)


def test_curve_and_map_fill_in_while_nobody_asks(visit):
    tab = visit("#part=1&learning_rate=5")
    settled(tab)
    end = time.monotonic() + 20
    points, cells = tab.evaluate(KNOWN)
    while len(points) < 10 or cells < 60:
        assert time.monotonic() < end
        time.sleep(0.1)
        points, cells = tab.evaluate(KNOWN)
    points = dict(points)
    some = [rate for rate in points if rate > 1.0][:4]
    assert some
    assert {rate: nnlab.Experiment(learning_rate=rate).run().updates for rate in some} == {
        rate: points[rate] for rate in some
    }


def test_chromium_trains_bit_for_bit_as_python(visit):
    tab = visit("#part=1&learning_rate=5")
    settled(tab)
    chance = random.Random(18)
    for experiment in [random_experiment(chance) for _ in range(12)]:
        case = as_case(experiment)
        (ours,) = by_python(case, experiment)
        assert not differences(tab.evaluate(TRAIN, case), ours), experiment
