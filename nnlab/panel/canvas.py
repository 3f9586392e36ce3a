"""A figure redrawn many times a second: what stands still is drawn once and kept.

Grid, labels and titles are four fifths of the time that Matplotlib needs for a figure. They are
drawn once for each set of axis limits; for a frame only the moving artists are drawn over the
kept background (Matplotlib calls it blitting).
"""

from __future__ import annotations

import functools
import io
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from nnlab.plots import style

_KEPT = 10  # backgrounds, 2 MB each


class Canvas:
    """Frames of one figure as PNG.

    Args:
        figure: without a layout engine, whose work would take longer than all the rest.
        moving: the artists that change from frame to frame; all others stand still as long as no
            axis changes its limits or scale.
    """

    def __init__(self, figure: Figure, moving: Iterable[Artist]) -> None:
        self._canvas = FigureCanvasAgg(figure)
        self._figure = figure
        self._moving = list(moving)
        for artist in self._moving:
            artist.set_animated(True)
        self._backgrounds: OrderedDict[tuple, object] = OrderedDict()

    def frame(self) -> bytes:
        """Draw the moving artists over the background and return the picture as PNG."""
        self._canvas.restore_region(self._background())
        for artist in self._moving:
            if artist.get_visible():
                artist.draw(self._canvas.get_renderer())
        return _fast_png(np.asarray(self._canvas.buffer_rgba()))

    def forget(self) -> None:
        """Draw anew what stands still: it was changed."""
        self._backgrounds.clear()

    def _background(self) -> object:
        key = tuple((each.get_xscale(), *each.viewLim.bounds) for each in self._figure.axes)
        if key not in self._backgrounds:
            self._canvas.draw()
            self._backgrounds[key] = self._canvas.copy_from_bbox(self._figure.bbox)
            if len(self._backgrounds) > _KEPT:
                self._backgrounds.popitem(last=False)
        self._backgrounds.move_to_end(key)
        return self._backgrounds[key]


def _fast_png(pixels: np.ndarray) -> bytes:
    """Encode with a fixed palette: five times as fast as full colour, as zlib sees a third."""
    stream = io.BytesIO()
    image = Image.fromarray(pixels).convert("RGB")
    image = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    image.save(stream, format="png", compress_level=1)
    return stream.getvalue()


@functools.cache
def _palette() -> Image.Image:
    """Greys from black to white and tints of every colour that figures use."""
    greys = np.linspace(0, 255, 32)[:, np.newaxis].repeat(3, axis=1)
    colours = 255 * np.array([to_rgb(name) for name in style.COLOURS])
    count = (256 - len(greys)) // len(colours)
    whiteness = np.linspace(0, 1, count, endpoint=False)[:, np.newaxis, np.newaxis]
    tints = (colours + whiteness * (255 - colours)).reshape(-1, 3)
    palette = Image.new("P", (1, 1))
    entries = np.vstack([greys, tints]).round().astype(np.uint8)
    palette.putpalette(np.resize(entries, (256, 3)).tobytes())
    return palette
