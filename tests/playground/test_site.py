"""The site: notebooks as pages, with the playground in place of panels."""

import os
import re
import time

import nbformat
import pytest

import nnlab
from tests.browser.lab import chromium, find_chromium
from tools import make_site

PARTS = sorted((make_site.ROOT / "notebooks").glob("0[1-7]*.ipynb"))


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_the_link_of_a_panel_is_its_experiment_to_the_page(path, page_code, monkeypatch):
    experiments, link_of = [], make_site.link_of

    def noted(experiment, part):
        link = link_of(experiment, part)
        experiments.extend([experiment] if link else [])
        return link

    monkeypatch.setattr(make_site, "link_of", noted)
    notebook = nbformat.read(path, as_version=4)
    links = list(make_site.panel_links(notebook, int(path.stem[:2])))
    assert len(links) >= 2
    read = page_code(hashes=[f"#{link}" for _, link in links])["hashes"]
    assert [each["wrong"] for each in read] == [[]] * len(links)
    written = page_code(settings=[each["setting"] for each in read])["settings"]
    for wanted, found in zip(experiments, written, strict=True):
        made = eval(found["python"], {"nnlab": nnlab})
        short = {"max_updates": min(wanted.max_updates, 300)}
        assert made.max_updates == wanted.max_updates
        runs = [each.replace(**short).run() for each in (made, wanted)]
        assert runs[0].updates == runs[1].updates
        assert [w.tobytes() for w in runs[0].weights] == [w.tobytes() for w in runs[1].weights]


@pytest.mark.parametrize(
    "fields",
    [
        {"learning_rate": (0.1, 0.2)},
        {"learning_rate": nnlab.Cosine(0.5, updates=20)},
        {"init": nnlab.Nudged("alternating", 1e-6)},
        {"optimizer": nnlab.Optimizer("adam", beta1=0.5)},
        {"layers": (3, 33, 1)},
        {"layers": (3, *[2] * 6, 1)},
        {"init_seed": 2**31},
        {"data": nnlab.Dataset([[0, 0, 1]], [[1]])},
    ],
)
def test_what_the_page_does_not_know_has_no_link(fields):
    assert make_site.link_of(nnlab.Experiment(**fields), 1) is None


@pytest.fixture(scope="module")
def page_of_part_1():
    return make_site.page_of(PARTS[0])


def test_a_panel_is_a_playground_there_and_its_picture_gone(page_of_part_1):
    assert page_of_part_1.count("<iframe") >= 3
    assert 'src="../play/index.html#part=1&amp;learning_rate=0.05&amp;' in page_of_part_1
    cells = nbformat.read(PARTS[0], as_version=4).cells
    kept = sum("image/png" in each.get("data", {}) for c in cells for each in c.get("outputs", ()))
    pictures = re.findall(r'<img alt="([^"]*)', page_of_part_1)
    assert len(pictures) == kept - page_of_part_1.count("<iframe")
    assert all(words.startswith(("Picture: ", "Panel: ")) for words in pictures)


def test_links_lead_to_pages_and_nothing_is_fetched(page_of_part_1):
    assert "02_initial_weights.html" in page_of_part_1
    assert "../docs/glossary.html" in page_of_part_1
    assert not re.search(r'href="[^":]*\.(ipynb|md)"', page_of_part_1)
    assert not re.search(r"""(?:\ssrc=|\bimport\b[^;]*?|url\()["']?https?:""", page_of_part_1)
    assert not re.search("<link [^>]*https?:|<script", page_of_part_1)


def test_formulas_are_set_by_the_browser(page_of_part_1):
    cells = nbformat.read(PARTS[0], as_version=4).cells
    words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    blocks = re.findall('<math display="block"', page_of_part_1)
    assert len(blocks) == words.count("$$") / 2 > 0
    assert "<mi>w</mi><mo>−</mo><mi>η</mi><mi>λ</mi><mi>w</mi>" in page_of_part_1
    assert "$$" not in page_of_part_1


def test_a_functions_name_stands_apart_from_what_it_is_of():
    page = make_site.page_of(PARTS[2])
    space = '<mspace width="0.167em"></mspace>'
    assert f"<mi>tanh</mi>{space}<mi>z</mi>" in page and f"{space}<mi>tanh</mi><mo" in page
    assert not re.search(r"(</mi>|\)</mo>)<mi>tanh|tanh</mi><mi>", page)


def test_what_is_folded_in_the_notebook_is_folded_on_the_page(page_of_part_1):
    cells = nbformat.read(PARTS[0], as_version=4).cells
    folded = sum(cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in cells)
    assert page_of_part_1.count("<details><summary>code</summary>") == folded > 0


def test_a_page_of_words_links_to_pages_too():
    teaching = make_site.page_of(make_site.ROOT / "docs" / "teaching.md")
    assert "../notebooks/01_learning_rate.html" in teaching


@pytest.mark.browser
def test_the_playground_runs_within_a_page(page, page_of_part_1, tmp_path):
    if find_chromium() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    for place, text in (("play", page.read_text()), ("notebooks", page_of_part_1)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "index.html").write_text(text)
    with chromium() as tab:
        tab.goto((tmp_path / "notebooks" / "index.html").as_uri())
        end = time.monotonic() + 30
        while not (frame := tab.frames[1]).evaluate("window.nnlab?.done ?? false"):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert "657,252" in frame.inner_text("#verdict")
