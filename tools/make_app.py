"""Write notebooks that hold nothing but the panels, for `make app` to serve as pages without code.

From each notebook of notebooks/ come its title, its panels, and of the other cells the statements
that make the names that the panels use, into build/app/.
"""

import ast
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
    """Return a notebook of the title, every cell with a panel and what those need."""
    title = copy.deepcopy(notebook.cells[0])
    title.source = title.source.splitlines()[0]
    needed: set[str] = set()
    kept = []
    for cell in reversed([cell for cell in notebook.cells if cell.cell_type == "code"]):
        if source := _needed_of(cell.source, "nnlab.live(" in cell.source, needed):
            empty = copy.deepcopy(cell)
            empty.source, empty.outputs, empty.execution_count = source, [], None
            kept.append(empty)
    short = copy.deepcopy(notebook)
    short.cells = [title, *reversed(kept)]
    return short


def _needed_of(source: str, whole: bool, needed: set[str]) -> str:
    """Return a cell's statements that make needed names; add to these what the statements use.

    Cells and statements are looked at from the last to the first, so a name is no longer needed
    before the statement that makes it anew.
    """
    lines, kept = source.splitlines(), []
    for statement in reversed(ast.parse(source).body):
        made, changed = _made_by(statement)
        if not whole and not needed & (made | changed):
            continue
        needed -= made
        needed |= _names(statement, ast.Load) - _local_to(statement)
        first = min(
            [statement, *getattr(statement, "decorator_list", [])], key=lambda each: each.lineno
        )
        kept.append("\n".join(lines[first.lineno - 1 : statement.end_lineno]))
    return source if whole else "\n".join(reversed(kept))


def _made_by(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement makes, and those whose parts it changes."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}, set()
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(each.asname or each.name).split(".")[0] for each in statement.names}, set()
    parts = [
        each.value
        for each in ast.walk(statement)
        if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store)
    ]
    changed = {each.id for each in parts if isinstance(each, ast.Name)}
    return _names(statement, ast.Store) - _local_to(statement), changed


def _names(part: ast.AST, use: type[ast.expr_context]) -> set[str]:
    """Return the names that are read, or made, anywhere in a piece of code."""
    found = (each for each in ast.walk(part) if isinstance(each, ast.Name))
    return {each.id for each in found if isinstance(each.ctx, use)}


def _local_to(statement: ast.stmt) -> set[str]:
    """Return the names that live only within the statement's functions and comprehensions."""
    local: set[str] = set()
    for each in ast.walk(statement):
        if isinstance(each, ast.comprehension):
            local |= _names(each.target, ast.Store)
        elif isinstance(each, ast.FunctionDef | ast.Lambda):
            local |= _names(each, ast.Store) | {
                arg.arg for arg in ast.walk(each) if isinstance(arg, ast.arg)
            }
    return local


if __name__ == "__main__":
    main()
