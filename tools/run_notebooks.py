"""Run notebooks from top to bottom and keep their outputs.

`python tools/run_notebooks.py` runs all of notebooks/, or only the files that are named. A notebook
that fails is left as it was. The same outputs give the same file: what depends on the moment or the
machine is not kept (execution times, widgets' ids and state, the Python version).
"""

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CURVE_SECONDS = "20"  # enough for the whole curve of every panel: its picture is kept
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "name": "python",
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "pygments_lexer": "ipython3",
}


def main(paths: list[Path]) -> int:
    """Run the notebooks at these paths; return 0 if all ran to their end, else 1."""
    failed = 0
    for path in paths or sorted(NOTEBOOKS.rglob("[!.]*.ipynb")):
        start = time.perf_counter()
        try:
            run(path)
        except CellExecutionError as error:
            failed += 1
            print(f"{path.name}: failed, file left as it was\n{error}", file=sys.stderr)
        else:
            size = path.stat().st_size / 1000
            print(f"{path.name}: {time.perf_counter() - start:.1f} s, {size:.0f} kB", flush=True)
    return 1 if failed else 0


def run(path: Path) -> None:
    """Execute one notebook in its own folder and write it back."""
    notebook = nbformat.read(path, as_version=4)
    os.environ["NNLAB_CURVE_SECONDS"] = CURVE_SECONDS
    NotebookClient(
        notebook,
        timeout=600,  # seconds a cell
        kernel_name=KERNELSPEC["name"],
        resources={"metadata": {"path": str(path.resolve().parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # how the kernel cuts its output into pieces is chance
    ).execute()
    clean(notebook)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def clean(notebook: nbformat.NotebookNode) -> None:
    """Take out what would differ from run to run; cell ids stay as they are."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    notebook.metadata["language_info"] = dict(LANGUAGE_INFO)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            # The id of a widget that is gone: without it, readers get the picture stored beside it.
            output.get("data", {}).pop(WIDGET_VIEW, None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, help="default: all of notebooks/")
    sys.exit(main(parser.parse_args().paths))
