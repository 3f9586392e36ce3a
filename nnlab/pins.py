"""Runs to compare with: a line for each pinned run, with a name to edit and a remove button."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from nnlab import words
from nnlab.run import Run
from nnlab.setting import Ghost, Setting

MOST = 4
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Pins(widgets.VBox):
    """The pinned runs; ``changed`` is called whenever one comes, goes or is renamed."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self.ghosts: tuple[Ghost, ...] = ()
        self._changed = changed
        self._lines: list[widgets.HBox] = []
        self._named = 0

    def add(self, setting: Setting, run: Run) -> None:
        """Keep this run, under the next letter.

        Raises:
            ValueError: if ``MOST`` are kept already.
        """
        if len(self.ghosts) == MOST:
            raise ValueError(f"{MOST} runs are pinned already: remove one first")
        name = _LETTERS[self._named % len(_LETTERS)]
        self._named += 1
        self.ghosts = (*self.ghosts, Ghost(name, setting, run))
        self._lines.append(self._line(self.ghosts[-1]))
        self.children = tuple(self._lines)
        self._changed()

    def _line(self, ghost: Ghost) -> widgets.HBox:
        name = widgets.Text(
            ghost.name,
            continuous_update=False,
            layout={"width": "8em"},
            tooltip="name of the pinned run",
        )
        about = f"{words.setting(ghost.setting.values)}: {ghost.run.outcome}, {ghost.run.updates:,}"
        remove = widgets.Button(
            icon="times",
            layout={"width": "3em"},
            tooltip=f"remove pinned run {ghost.name}",
        )
        line = widgets.HBox([name, widgets.HTML(html.escape(f"{about} updates")), remove])
        remove.on_click(lambda _: self._remove(line))
        name.observe(lambda change: self._rename(line, change["new"]), "value")
        return line

    def _remove(self, line: widgets.HBox) -> None:
        place = self._lines.index(line)
        self.ghosts = self.ghosts[:place] + self.ghosts[place + 1 :]
        del self._lines[place]
        self.children = tuple(self._lines)
        for each in (*line.children, line):
            each.close()
        self._changed()

    def _rename(self, line: widgets.HBox, name: str) -> None:
        place = self._lines.index(line)
        ghosts = list(self.ghosts)
        ghosts[place] = Ghost(name.strip() or "?", ghosts[place].setting, ghosts[place].run)
        self.ghosts = tuple(ghosts)
        self._changed()


class Tried(widgets.HTML):
    """A small table of the settings that were looked at, the newest first."""

    def __init__(self, most: int = 8) -> None:
        super().__init__("")
        self._most = most
        self._rows: list[tuple[Any, str]] = []

    def add(self, setting: Setting, run: Run) -> None:
        """Put a run on top; the same setting again only moves there."""
        cells = (
            words.setting(setting.values),
            run.outcome,
            f"{run.updates:,}",
            words.duration(run.seconds),
        )
        row = "".join(f"<td style='padding-right:1.5em'>{html.escape(cell)}</td>" for cell in cells)
        kept = [each for each in self._rows if each[0] != setting.experiment]
        self._rows = [(setting.experiment, row), *kept][: self._most]
        heads = "".join(
            f"<th scope='col' style='text-align:left'>{head}</th>"
            for head in ("setting", "outcome", "updates", "time")
        )
        body = "".join(f"<tr>{each}</tr>" for _, each in self._rows)
        self.value = f"<table><tr>{heads}</tr>{body}</table>"
