"""A figure shown in a page many times a second: what stands still is drawn once and kept.

Grid, labels and titles are four fifths of the time that Matplotlib needs for a figure. They are
drawn by it as a tile for each axes, anew only when the limits of these axes change. What moves is
only written down (see display_list) and drawn by the page, over the tiles.

    canvas = Canvas(figure, moving)         # no layout engine; ``moving`` are the artists that move
    view = PictureView(alt="two charts")    # a widget, to be displayed
    line.set_data(x, y)
    view.show(canvas.frame(view.ratio))     # as often as you like; the latest one wins
    view.observe(draw_again, ["ratio", "width", "dark"])  # the page's sharpness, room and theme
    view.on_click(lambda place: print(place.axes, place.x, place.y))  # data coordinates

A line's label is what the page says beside the pointer ("_" says nothing); ``set_gid("unit:2")``
makes it light up together with all that carry the same word.
"""

from __future__ import annotations

import functools
import itertools
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from nnlab.panel.display_list import axes_in_words, in_json, record

_KEPT = 40  # tiles, some 20 kB each
_DRAWING = threading.Lock()  # the sheets that panels share
_NUMBERS = itertools.count()  # of canvases: a page must not take one's tile for another's


@dataclass(frozen=True, eq=False)
class Tile:
    """What stands still of one axes, or of the figure around them.

    Args:
        key: tells it from any other tile.
        png: transparent where nothing is.
        box: left, top, width, height in CSS pixels.
        words: of the axes, see ``axes_in_words``; empty for the figure's own tile.
    """

    key: str
    png: bytes
    box: tuple[float, float, float, float]
    words: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a page needs to draw a figure as it stands.

    Args:
        tiles: to be drawn in this order, then the display list over them.
        words: the display list but for its arrays, as JSON; with the size of the figure, the colour
            of its ground and the words of its axes.
        points: float32 pairs, as bytes.
        codes: uint8, as bytes.
        pixels: of the images, as bytes.
    """

    tiles: tuple[Tile, ...]
    words: str
    points: bytes
    codes: bytes
    pixels: bytes


class Canvas:
    """Frames of one figure.

    Args:
        figure: without a layout engine, whose work would take longer than all the rest; its
            ``dpi`` makes its pixels CSS pixels.
        moving: the artists that change from frame to frame, in the order of drawing; all others
            stand still as long as their axes keep limits and scales.
    """

    def __init__(self, figure: Figure, moving: Iterable[Artist]) -> None:
        self._figure = figure
        self._moving = list(moving)
        for artist in self._moving:
            artist.set_animated(True)
            if isinstance(artist, AxesImage) and artist.get_interpolation() == "nearest":
                artist.set_interpolation("none")  # the same to the eye, and need not be enlarged
        self._number = next(_NUMBERS)
        self._changes = 0  # of what stands still
        self._tiles: OrderedDict[str, Tile] = OrderedDict()

    def frame(self, ratio: float = 1.0) -> Frame:
        """Return the figure as it stands, its tiles drawn at so many device pixels a CSS pixel."""
        tiles = [self._tile(axes, ratio) for axes in (None, *self._figure.axes)]
        drawn = record(self._figure, self._moving)
        face = [round(255 * part) for part in to_rgb(self._figure.get_facecolor())]
        size = [float(side) for side in self._figure.bbox.size]
        return Frame(
            tuple(tile for tile in tiles if tile.png),
            in_json(drawn, size=size, face=face, axes=[tile.words for tile in tiles[1:]]),
            drawn.points.tobytes(),
            drawn.codes.tobytes(),
            drawn.pixels,
        )

    def forget(self) -> None:
        """Draw anew what stands still: it was changed."""
        self._changes += 1
        self._tiles.clear()

    def _tile(self, axes: Axes | None, ratio: float) -> Tile:
        parts: list[Any] = [self._number, self._changes, ratio, *self._figure.bbox.size]
        if axes is not None:
            place = axes.get_position().bounds
            parts += [self._figure.axes.index(axes), axes.get_xscale(), axes.get_yscale()]
            parts += [axes.get_visible(), *place, *axes.viewLim.get_points().ravel()]
        key = " ".join(map(str, parts))
        if key not in self._tiles:
            self._tiles[key] = self._draw(axes, ratio, key)
            if len(self._tiles) > _KEPT:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return self._tiles[key]

    def _draw(self, axes: Axes | None, ratio: float, key: str) -> Tile:
        figure = self._figure
        height = float(figure.bbox.height)
        words = {} if axes is None else axes_in_words(axes, height)
        own = (each for each in figure.get_children() if each not in (figure.patch, *figure.axes))
        with _drawn_at(figure, ratio) as renderer:
            for artist in own if axes is None else (axes,):
                artist.draw(renderer)
            png, corner, size = _cut_out(np.asarray(renderer.buffer_rgba()))
        left, top, across, down = (part / ratio for part in (*corner, *size))
        return Tile(key, png, (left, top, across, down), words)


@contextmanager
def _drawn_at(figure: Figure, ratio: float) -> Iterator[RendererAgg]:
    """Let a figure have so many times its resolution, and yield something to draw it on."""
    dpi = figure.dpi
    with _DRAWING:
        try:
            figure.dpi = dpi * ratio
            renderer = _sheet(*figure.canvas.get_width_height(physical=True), figure.dpi)
            renderer.clear()
            yield renderer
        finally:
            figure.dpi = dpi


@functools.lru_cache(maxsize=2)
def _sheet(width: int, height: int, dpi: float) -> RendererAgg:
    """A ground to draw on, kept: with it Matplotlib keeps the measures of words."""
    return RendererAgg(width, height, dpi)


def _cut_out(pixels: np.ndarray) -> tuple[bytes, tuple[int, int], tuple[int, int]]:
    """Return what is drawn on a transparent ground as PNG, where it lies, and its size."""
    drawn = pixels.view("<u4")[:, :, 0] > 0xFFFFFF  # that is, not wholly transparent
    rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return b"", (0, 0), (0, 0)
    (top, bottom), (left, right) = ((int(each[0]), int(each[-1]) + 1) for each in (rows, columns))
    return _png(pixels[top:bottom, left:right]), (left, top), (right - left, bottom - top)


def _png(pixels: np.ndarray) -> bytes:
    """Encode RGBA, shape (rows, columns, 4), in a quarter of the time that Pillow takes.

    Pillow tries each of PNG's five filters on every row; on thin lines none of them helps.
    """
    rows, columns, _ = pixels.shape
    lines = np.zeros(
        (rows, 1 + 4 * columns), np.uint8
    )  # each begins with the filter's number: none
    lines[:, 1:] = pixels.reshape(rows, -1)
    header = struct.pack(">2I5B", columns, rows, 8, 6, 0, 0, 0)  # 8 bits, RGBA
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
