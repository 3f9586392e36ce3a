"""What the notebooks promise of their form: touch first, short, and nothing in the reader's way."""

import itertools
import json
import re
import statistics
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PARTS = sorted(NOTEBOOKS.glob("0[1-7]_*.ipynb"))
DEEPER = sorted((NOTEBOOKS / "deeper").glob("*.ipynb"))
MOST_BYTES = 1_000_000
MOST_LINES = 48  # of a cell that is unfolded: it fits a screen; what is longer belongs in nnlab
MOST_IN_VIEW = 28  # of one that is open to the reader


def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def text(cell):
    return "".join(cell["source"])


def tagged(cell, tag):
    return tag in cell["metadata"].get("tags", [])


def code(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def folded(cell):
    return bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))


def in_view(cells):
    return [cell for cell in code(cells) if not folded(cell)]


def panels(cells):
    return [number for number, cell in enumerate(cells) if "nnlab.live(" in text(cell)]


def check_common(cells):
    """What holds for main and deeper notebooks alike."""
    assert panels(cells)[0] <= 2, "a panel within the first three cells"
    assert statistics.median(len(text(cell).splitlines()) for cell in in_view(cells)) <= 4
    view = [cell for cell in cells if not (cell["cell_type"] == "code" and folded(cell))]
    for before, after in itertools.pairwise(view):
        silent = all(
            cell["cell_type"] == "code" and not cell["outputs"] for cell in (before, after)
        )
        assert not silent, f"two silent cells in a row: {text(after)[:80]}"
    for cell in code(cells):
        warned = any(each.get("name") == "stderr" for each in cell["outputs"])
        assert not warned, f"a warning is kept: {text(cell)[:80]}"
        lines = len(text(cell).splitlines())
        assert lines <= (MOST_LINES if folded(cell) else MOST_IN_VIEW), text(cell)[:80]
        if re.search(r"^\s*assert ", text(cell), re.MULTILINE):
            assert folded(cell) and tagged(cell, "check"), f"a check in view: {text(cell)[:80]}"
            assert text(cell).startswith("# Check: "), (
                "a check says by its first line what it checks"
            )


def check_part(cells):
    check_common(cells)
    assert len(cells) <= 70
    assert sum(len(text(cell).split()) for cell in cells if cell["cell_type"] == "markdown") <= 2500
    assert len(panels(cells)) >= 5
    exercises = [cell for cell in cells if tagged(cell, "exercise")]
    assert len(exercises) >= 3
    assert all("nnlab.exercise(" in text(cell) and not folded(cell) for cell in exercises)
    solutions = [cell for cell in cells if tagged(cell, "solution")]
    assert len(solutions) >= 3
    assert all(folded(cell) for cell in solutions)
    prose = "\n".join(text(cell) for cell in cells if cell["cell_type"] == "markdown")
    assert len(set(re.findall(r"\]\((https?://[^)]+)\)", prose))) >= 5
    assert "../docs/glossary.md" in prose


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_a_part_keeps_its_form(path):
    assert path.stat().st_size <= MOST_BYTES
    check_part(cells_of(path))


@pytest.mark.parametrize("path", DEEPER, ids=lambda path: path.stem)
def test_a_deeper_read_keeps_its_form(path):
    assert path.stat().st_size <= MOST_BYTES
    cells = cells_of(path)
    assert 20 <= len(cells) <= 40
    check_common(cells)


def test_links_between_notebooks_lead_somewhere():
    for path in [*PARTS, *DEEPER]:
        for cell in cells_of(path):
            if cell["cell_type"] == "markdown":
                for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(cell)):
                    assert (path.parent / target).exists(), f"{path.name}: {target}"


def part(**changes):
    """Cells that keep to the form, but for the changes."""
    links = " ".join(f"[paper](https://example.org/{number})" for number in range(5))
    made = {
        "title": {"cell_type": "markdown", "source": f"# 1 {links} [g](../docs/glossary.md)"},
        **{f"panel {n}": seen("nnlab.live(e)") for n in range(5)},
        **{f"exercise {n}": seen("nnlab.exercise(..., right)", "exercise") for n in range(3)},
        **{f"solution {n}": hidden("nnlab.live(e)", "solution") for n in range(3)},
        "check": hidden("# Check: one\nassert 1", "check"),
    }
    cells = {name: {"metadata": {}} | cell for name, cell in (made | changes).items() if cell}
    return list(cells.values())


def seen(source, *tags, outputs=({"name": "stdout"},)):
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": tags},
        "outputs": outputs,
    }


def hidden(source, *tags):
    cell = seen(source, *tags, outputs=())
    return cell | {"metadata": {"tags": tags, "jupyter": {"source_hidden": True}}}


def test_the_form_is_kept_by_what_keeps_it():
    check_part(part())


@pytest.mark.parametrize(
    "changes",
    [
        {f"panel {n}": {"cell_type": "markdown", "source": "words"} for n in range(2)},
        {"panel 4": None, "solution 0": None},
        {"exercise 0": seen("print()")},
        {"exercise 0": seen("answer = ...", "exercise")},
        {"solution 0": seen("x", "solution")},
        {"check": seen("assert 1", "check")},
        {"check": hidden("assert 1", "check")},
        {
            "more": seen("a\n" * 60),
            "and more": seen("a", outputs=()),
            "silent": seen("b", outputs=()),
        },
        {"warned": seen("x", outputs=({"name": "stderr"},))},
        {"much": hidden("a\n" * 49, "fold")},
        {"open": seen("a\n" * 29)},
        {"long": {"cell_type": "markdown", "source": "word " * 2501}},
        {f"more {n}": seen("x") for n in range(60)},
        {"title": {"cell_type": "markdown", "source": "# [g](../docs/glossary.md)"}},
    ],
)
def test_what_breaks_the_form_is_found(changes):
    with pytest.raises((AssertionError, IndexError)):
        check_part(part(**changes))
