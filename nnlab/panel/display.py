"""The part of a panel that shows: picture, map and words, as its controller publishes them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from ipyevents import Event

from nnlab.panel import words
from nnlab.panel.image import DescribedImage
from nnlab.panel.subjects import Subject

_IN_ITS_SIZE = {"max_width": "100%", "align_self": "flex-start"}  # stretched pixels look blurred
STATUS = "nnlab-status"
CSS = """
.nnlab-panel { overflow: hidden; }
.nnlab-panel .jupyter-button { width: auto; min-width: 26px; }
.nnlab-panel input[type=checkbox] { min-width: 24px; min-height: 24px; }
.nnlab-panel .noUi-touch-area { position: absolute; inset: -5px; width: auto; height: auto; }
.nnlab-panel .widget-html, .nnlab-panel .widget-html-content { min-width: 0; }
.nnlab-status { flex: 1 1 0; }
.nnlab-line { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; line-height: 24px; }
.nnlab-said, .nnlab-css { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.nnlab-marks { position: relative; height: 28px; overflow: visible; }
.nnlab-marks .nnlab-mark { position: absolute; transform: translateX(-50%); height: 26px;
  padding: 5px 6px 0; margin: 0; line-height: 20px; font-size: 12px; background: none;
  white-space: nowrap; }
.nnlab-marks .nnlab-mark::before { content: ''; position: absolute; left: 50%; top: 0; width: 1px;
  height: 6px; background: currentColor; }
.nnlab-drawer { width: 384px; flex: 0 0 auto; overflow: auto; max-height: 430px; }
.nnlab-drawer .widget-html-content { white-space: normal; line-height: 1.4; font-size: 12px; }
.nnlab-drawer td, .nnlab-drawer th { padding: 2px 8px 2px 0; vertical-align: top; }
.nnlab-drawer pre { white-space: pre-wrap; }
.nnlab-pinned { align-items: center; }
.nnlab-pinned .nnlab-about { flex: 1 1 0; }
"""


class Display:
    """A ``Page`` made of widgets.

    Args:
        shown: called when a frame, or an error in its place, is on screen.
        rested: called with a subject that is done and stays on screen.
        stop: called when the reader ends a training.
        map_clicked: called with a place of the map's picture, in shares of its size.
    """

    def __init__(
        self,
        shown: Callable[[], None],
        rested: Callable[[Subject], None],
        stop: Callable[[], None],
        map_clicked: Callable[[float, float], None],
    ) -> None:
        self._shown, self._rested, self._map_clicked = shown, rested, map_clicked
        self.picture = DescribedImage(format="png", layout=_IN_ITS_SIZE)
        self.status = widgets.HTML()
        self.status.add_class(STATUS)
        self.said = widgets.HTML()
        self.said.add_class("nnlab-said")
        self.bar = widgets.FloatProgress(max=1.0, layout={"width": "12em"})
        button = widgets.Button(description="Stop", tooltip="end this training here")
        button.on_click(lambda _: stop())
        self.while_long = widgets.HBox([button, self.bar], layout={"display": "none"})
        self.line = [self.status, self.said, self.while_long]
        self.map = DescribedImage(format="png", layout={"max_width": "100%"})
        self._clicks = Event(source=self.map, watched_events=["click"])
        self._clicks.on_dom_event(self.on_map_event)

    def close(self) -> None:
        """Stop listening to the page."""
        self._clicks.close()

    def show(self, frame: bytes, described: str | None = None) -> None:
        """Put the picture on screen, in one message with its words: each draws it anew."""
        with self.picture.hold_sync():
            self.picture.value = frame
            if described is not None:
                self.picture.tooltip = described
        self._shown()

    def show_map(self, frame: bytes, described: str) -> None:
        """Put the map on screen."""
        with self.map.hold_sync():
            self.map.value, self.map.tooltip = frame, described

    def say(self, status: str, progress: float | None) -> None:
        """Show the status in a line; the whole of it is also its title."""
        title = html.escape(words.plain(status), quote=True)
        self.status.value = f'<div class="nnlab-line" title="{title}">{status}</div>'
        if progress is not None:
            self.bar.value = progress
        self.while_long.layout.display = "none" if progress is None else None

    def fail(self, error: Exception) -> None:
        """Show an error in place of the status."""
        self.status.value = f'<div role="alert">{words.error(error)}</div>'
        self._shown()

    def rest(self, subject: Subject) -> None:
        """Say to screen readers, once, what they were spared while it went on."""
        self.said.value = f'<div role="status">{html.escape(words.plain(subject.status()))}</div>'
        self._rested(subject)

    def on_map_event(self, event: dict[str, Any]) -> None:
        """Take the browser's click."""
        self._map_clicked(
            event["relativeX"] / event["boundingRectWidth"],
            event["relativeY"] / event["boundingRectHeight"],
        )
