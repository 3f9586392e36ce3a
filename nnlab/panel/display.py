"""The part of a panel that shows: picture, map and words, as its controller publishes them."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets

from nnlab.panel import words
from nnlab.panel.layers import Frame
from nnlab.panel.picture_view import PictureView, Place
from nnlab.panel.setting import Paper
from nnlab.panel.subjects import Subject

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
.nnlab-picture { flex: 1 1 0; min-width: 0; }
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
        map_clicked: called with a place in the map's picture.
        moved: called when the page's width, sharpness or theme is another one.
    """

    def __init__(
        self,
        shown: Callable[[], None],
        rested: Callable[[Subject], None],
        stop: Callable[[], None],
        map_clicked: Callable[[Place], None],
        moved: Callable[[], None],
    ) -> None:
        self._shown, self._rested = shown, rested
        self.picture, self.map = PictureView(), PictureView()
        self.picture.add_class("nnlab-picture")
        self.picture.observe(lambda _: moved(), ["width", "ratio", "dark"])
        self.map.on_click(map_clicked)
        self.status = widgets.HTML()
        self.status.add_class(STATUS)
        self.said = widgets.HTML()
        self.said.add_class("nnlab-said")
        self.bar = widgets.FloatProgress(max=1.0, layout={"width": "12em"})
        button = widgets.Button(description="Stop", tooltip="end this training here")
        button.on_click(lambda _: stop())
        self.while_long = widgets.HBox([button, self.bar], layout={"display": "none"})
        self.line = [self.status, self.said, self.while_long]

    @property
    def seen(self) -> bool:
        """Whether a browser shows the picture: it tells the width, and by that asks for more."""
        return self.picture.width > 0

    def paper(self, size: float) -> Paper:
        """Return what the page has told of itself."""
        view = self.picture
        theme = "dark" if view.dark else "light"
        return Paper(view.width or Paper.width, size, view.ratio, theme)

    def show(self, frame: Frame, described: str | None = None) -> None:
        """Put the picture on screen, in one message with its words."""
        self.picture.show(frame, described)
        self._shown()

    def show_map(self, frame: Frame, described: str) -> None:
        """Put the map on screen."""
        self.map.show(frame, described)

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
