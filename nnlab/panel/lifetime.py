"""When a notebook's cell is run again, the panels that it had shown before are closed.

Their pictures are off the page then, but ipywidgets would keep them, and their memory, for as long
as the kernel lives.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """End all that it does."""


_shown: dict[Hashable, tuple[Hashable, list[Closable]]] = {}  # by cell: which execution, what


def close_earlier(panel: Closable) -> None:
    """Note that the cell under way shows this panel; close what its earlier executions showed.

    What is shown again, or by another cell, stays open.
    """
    place = _cell_and_execution()
    if place is None:
        return
    cell, execution = place
    before, panels = _shown.get(cell, (execution, []))
    gone = [] if before == execution else [each for each in panels if each is not panel]
    kept = [each for each in panels if each not in gone and each is not panel]
    _shown[cell] = execution, [*kept, panel]
    elsewhere = [each for _, panels in _shown.values() for each in panels]
    for each in gone:
        if each not in elsewhere:
            each.close()


def _cell_and_execution() -> tuple[str, str] | None:
    """Return the ids of the cell and of its execution, as JupyterLab sends them; None elsewhere."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId")
    execution = parent.get("header", {}).get("msg_id")
    return None if cell is None or execution is None else (cell, execution)
