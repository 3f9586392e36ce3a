"""Write notebooks that hold nothing but the panels, for `make app` to serve as pages without code.

From each notebook of notebooks/ come its title, its imports (the first code cell) and its panels,
into build/app/.
"""

import copy
import shutil
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "build" / "app"


def main() -> None:
    """Write all of them."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        nbformat.write(panels_of(nbformat.read(path, as_version=4)), TARGET / path.name)
        print(f"build/app/{path.name}")


def panels_of(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook of the title, the first code cell and every cell with a panel."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    title = copy.deepcopy(notebook.cells[0])
    title.source = title.source.splitlines()[0]
    panels = [cell for cell in code[1:] if "nnlab.live(" in cell.source]
    short = copy.deepcopy(notebook)
    short.cells = [title, *(_without_outputs(cell) for cell in (code[0], *panels))]
    return short


def _without_outputs(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    empty = copy.deepcopy(cell)
    empty.outputs, empty.execution_count = [], None
    return empty


if __name__ == "__main__":
    main()
