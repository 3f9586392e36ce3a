"""What to compare with: the pinned runs, each with a name to edit, and the settings tried."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from nnlab.panel import words
from nnlab.panel.setting import Pinned
from nnlab.panel.subjects import Subject
from nnlab.plots import style

MOST = len(style.DASHES)  # more could not be told apart
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Pins(widgets.VBox):
    """The pinned runs; ``changed`` is called whenever one comes, goes or is renamed."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self.pinned: tuple[Pinned, ...] = ()
        self._changed = changed
        self._lines: list[widgets.HBox] = []
        self._named = 0

    def add(self, subject: Subject | None) -> None:
        """Keep what has ended, one run or those of many seeds, under the next letter.

        Raises:
            ValueError: if it is still in training, or ``MOST`` are kept already.
        """
        if subject is None or not subject.ended:
            raise ValueError("what is in training can be pinned when it has ended")
        if len(self.pinned) == MOST:
            raise ValueError(f"{MOST} runs are pinned already: remove one first")
        name = _LETTERS[self._named % len(_LETTERS)]
        self._named += 1
        self.pinned = (*self.pinned, Pinned(name, subject))
        outcome, updates, _ = subject.cells()
        about = f"{words.setting(subject.setting.values)}: {outcome}, {updates} updates"
        self._lines.append(self._line(name, about))
        self._show_lines()

    def _line(self, letter: str, about: str) -> widgets.HBox:
        name = widgets.Text(
            letter,
            continuous_update=False,
            layout={"width": "6em"},
            tooltip="name of the pinned run",
        )
        remove = widgets.Button(
            icon="times",
            layout={"width": "3em"},
            tooltip=f"remove pinned run {letter}",
        )
        swatch, said = widgets.HTML(layout={"width": "3em"}), widgets.HTML(html.escape(about))
        said.add_class("nnlab-about")
        line = widgets.HBox([name, swatch, said, remove])
        line.add_class("nnlab-pinned")
        remove.on_click(lambda _: self._remove(line))
        name.observe(lambda change: self._rename(line, change["new"]), "value")
        return line

    def _remove(self, line: widgets.HBox) -> None:
        place = self._lines.index(line)
        self.pinned = self.pinned[:place] + self.pinned[place + 1 :]
        del self._lines[place]
        self._show_lines()
        for each in (*line.children, line):
            each.close()

    def _show_lines(self) -> None:
        """Show a line for each, with a sample of the dashes that it is drawn in."""
        for line, dashes in zip(self._lines, style.DASHES, strict=False):
            line.children[1].value = f"<span aria-hidden='true'>{style.DASHES[dashes]}</span>"
        self.children = tuple(self._lines)
        self._changed()

    def _rename(self, line: widgets.HBox, name: str) -> None:
        place = self._lines.index(line)
        pinned = list(self.pinned)
        pinned[place] = dataclasses.replace(pinned[place], name=name.strip() or "?")
        self.pinned = tuple(pinned)
        self._changed()


class Tried(widgets.HTML):
    """A small table of the settings that were looked at, the newest first."""

    def __init__(self, most: int = 8) -> None:
        super().__init__("")
        self._most = most
        self._rows: list[tuple[Any, str]] = []

    def add(self, subject: Subject) -> None:
        """Put what has ended on top; the same setting again only moves there."""
        cells = (words.setting(subject.setting.values), *subject.cells())
        row = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        key = (subject.many, subject.setting.experiment)
        kept = [each for each in self._rows if each[0] != key]
        self._rows = [(key, row), *kept][: self._most]
        heads = "".join(
            f"<th scope='col' style='text-align:left'>{head}</th>"
            for head in ("setting", "outcome", "updates", "time")
        )
        body = "".join(f"<tr>{each}</tr>" for _, each in self._rows)
        self.value = f"<table><tr>{heads}</tr>{body}</table>"
