"""The playground within a notebook: `nnlab.playground`."""

import os
import time
from pathlib import Path

import pytest

import nnlab
from tests.browser.lab import NotebookPage, chromium, find_chromium, jupyter_lab, write_notebook

ROOT = Path(nnlab.__file__).parents[1]
HERE = ROOT / "build" / "notebook_with_a_frame"


def test_a_page_that_is_not_built_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr("nnlab.panel.playground.PAGE", tmp_path / "index.html", raising=True)
    shown = nnlab.playground(part=3)
    assert "make play" in repr(shown)
    assert "make play" in shown._repr_html_()
    assert "iframe" not in shown._repr_html_()


def test_its_frame_is_found_from_the_notebooks_folder(monkeypatch, tmp_path):
    page = tmp_path / "build" / "index.html"
    page.parent.mkdir()
    page.touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr("nnlab.panel.playground.PAGE", page)
    monkeypatch.chdir(tmp_path / "notebooks")
    shown = nnlab.playground(part=7, height=500)
    assert 'src="../build/index.html#part=7"' in shown._repr_html_()
    assert "height: 500px" in shown._repr_html_()
    assert repr(shown) == page.as_uri() + "#part=7"


@pytest.mark.parametrize("part", [0, 8])
def test_there_are_seven_parts(part):
    with pytest.raises(ValueError, match="part must be"):
        nnlab.playground(part)


@pytest.mark.browser
@pytest.mark.slow
def test_it_runs_in_jupyterlab_at_its_part(page):
    if find_chromium() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    HERE.mkdir(parents=True, exist_ok=True)
    write_notebook(HERE / "frame.ipynb", "import nnlab\nnnlab.playground(part=3)")
    with jupyter_lab(ROOT) as url, chromium() as tab:
        notebook = NotebookPage(tab, url)
        notebook.open("build/notebook_with_a_frame/frame.ipynb")
        notebook.run_all()
        end = time.monotonic() + 60
        frames = []
        while not frames or not frames[0].evaluate("window.nnlab?.done ?? false"):
            assert time.monotonic() < end
            time.sleep(0.1)
            frames = [each for each in tab.frames if "#part=3" in each.url]
        assert frames[0].evaluate("nnlab.page.part") == 3
        assert "updates" in frames[0].inner_text("#verdict")
