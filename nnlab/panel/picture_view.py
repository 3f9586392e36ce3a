"""The widget that shows a figure's frames, sharp on any screen; how to use it: see layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Bool, Dict, Float, Int, List, Unicode

from nnlab.panel.layers import Frame

_SENT = ("words", "points", "codes", "pixels")


@dataclass(frozen=True)
class Place:
    """Where a figure was clicked.

    Args:
        axes: number among the figure's axes.
        x: in data coordinates.
        y: likewise.
    """

    axes: int
    x: float
    y: float


class PictureView(anywidget.AnyWidget):
    """A picture that the page draws.

    Args:
        alt: what the picture shows, for those who can't see it; changing it redraws nothing.
        ratio: device pixels a CSS pixel; told by the page, like what follows.
        width: CSS pixels that the picture may take; 0 until it is known.
        dark: whether the page's theme is dark.
    """

    _esm = (Path(__file__).parent / "view.js").read_text(encoding="utf-8")

    # All tiles and ticks that the frame needs: a page opened later finds them here, as the traits
    # stand. They are sent only when the frame needs others than the one before.
    tiles: List = List().tag(sync=True)
    ticks: List = List().tag(sync=True)
    frame = Dict().tag(sync=True)
    alt = Unicode().tag(sync=True)
    ratio = Float(1.0).tag(sync=True)
    width = Int(0).tag(sync=True)
    dark = Bool(False).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._clicked: list[Callable[[Place], None]] = []
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def show(self, frame: Frame, alt: str | None = None) -> None:
        """Put this frame on screen, and what it shows in words, if given, in the same message."""
        with self.hold_sync():
            if alt is not None:
                self.alt = alt
            self.tiles = [vars(each) for each in frame.tiles]
            self.ticks = [vars(each) for each in frame.ticks]
            self.frame = {name: getattr(frame, name) for name in _SENT}

    def close(self) -> None:
        """Leave the page and little in it: JupyterLab never lets go of a closed widget's state."""
        with self.hold_sync():
            self.frame, self.tiles, self.ticks, self.alt = {}, [], [], ""
        super().close()

    def on_click(self, callback: Callable[[Place], None]) -> None:
        """Call this with where the picture was clicked, if that is within axes."""
        self._clicked.append(callback)

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and "click" in content:
            place = Place(**content["click"])
            for callback in self._clicked:
                callback(place)
