"""What `make app` serves: every panel of the notebooks, without the cells between."""

from pathlib import Path

import nbformat
import pytest

import nnlab
from tools.make_app import panels_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_panel_of_a_notebook_runs_without_the_other_cells(path, monkeypatch):
    live, shown = nnlab.live, []
    monkeypatch.setattr(nnlab, "live", lambda *a, **fields: shown.append(live(*a, **fields)))
    whole = nbformat.read(path, as_version=4)
    short = panels_of(whole)
    for cell in short.cells:
        assert not cell.get("outputs")
    names = {}
    for source in (cell.source for cell in short.cells if cell.cell_type == "code"):
        exec(source, names)
    cells = [cell.source for cell in whole.cells if cell.cell_type == "code"]
    assert len(shown) == sum(source.count("nnlab.live(") for source in cells) >= 1
    for panel in shown:
        panel.close()
