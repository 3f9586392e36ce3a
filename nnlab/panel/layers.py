"""A figure shown in a page many times a second: what stands still is drawn once and kept.

Frames, names and titles are most of the time that Matplotlib needs for a figure. They are drawn by
it as a tile for each axes, once. Ticks with their numbers and grid, which change with the limits,
and what moves are only written down (see display_list) and drawn by the page, under the tiles and
over them.

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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from nnlab.panel.display_list import axes_in_words, in_json, record

_KEPT = 40  # tiles, some 20 kB each, and as many ticks of axes
_PACKED = 64  # rows of a tile at a time
_DRAWING = threading.Lock()  # the sheets that panels share
_NUMBERS = itertools.count()  # of canvases: a page must not take one's tile for another's


@dataclass(frozen=True, eq=False)
class Tile:
    """What stands still of one axes, or of the figure around them.

    Args:
        key: tells it from any other tile.
        png: transparent where nothing is.
        box: left, top, width, height in CSS pixels.
    """

    key: str
    png: bytes
    box: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Ticks:
    """The ground of one axes and its ticks at some limits, with numbers and grid: a display list.

    Args:
        key: tells them from any others.
        words: the display list but for its arrays, as JSON, with the words of the axes, see
            ``axes_in_words``.
        points: float32 pairs, as bytes.
        codes: uint8, as bytes.
        longest: letters of the longest number beside the y axis.
    """

    key: str
    words: str
    points: bytes
    codes: bytes
    longest: int


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a page needs to draw a figure as it stands.

    Args:
        ticks: one an axes, to be drawn first.
        tiles: to be drawn over them in this order, then the display list over all.
        words: the display list but for its arrays, as JSON; with the size of the figure, the colour
            of its ground and the keys of what lies below.
        points: float32 pairs, as bytes.
        codes: uint8, as bytes.
        pixels: of the images, as bytes.
    """

    ticks: tuple[Ticks, ...]
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
        self._ticks: OrderedDict[str, Ticks] = OrderedDict()

    def frame(self, ratio: float = 1.0) -> Frame:
        """Return the figure as it stands, its tiles drawn at so many device pixels a CSS pixel."""
        around = self._tile(f"{ratio}", None, ratio)
        tiles, ticks = [around], []
        for number, axes in enumerate(self._figure.axes):
            place = f"{number} {_place(axes)}"
            limits = f"{axes.viewLim.get_points().tolist()}"
            ticks.append(self._ticks_at(f"{place} {limits}", axes))
            # The axis' name keeps its distance from the numbers beside the axis.
            look = f"{ratio} {place} {ticks[-1].longest} {limits if _holds_data(axes) else ''}"
            tiles.append(self._tile(look, axes, ratio))
        drawn = record(self._figure, self._moving)
        face = [round(255 * part) for part in to_rgb(self._figure.get_facecolor())]
        size = [float(side) for side in self._figure.bbox.size]
        # So that a frame of other parts is another one, though it moves nothing.
        parts = [each.key for each in ticks] + [each.key for each in tiles]
        return Frame(
            tuple(ticks),
            tuple(tile for tile in tiles if tile.png),
            in_json(drawn, size=size, face=face, parts=parts),
            drawn.points.tobytes(),
            drawn.codes.tobytes(),
            drawn.pixels,
        )

    def forget(self) -> None:
        """Draw anew what stands still: it was changed."""
        self._changes += 1
        self._tiles.clear()
        self._ticks.clear()

    def _tile(self, look: str, axes: Axes | None, ratio: float) -> Tile:
        key = self._key(look)
        return _kept(self._tiles, key, lambda: self._draw(axes, ratio, key))

    def _ticks_at(self, look: str, axes: Axes) -> Ticks:
        key = self._key(look)
        return _kept(self._ticks, key, lambda: self._record_ticks(axes, key))

    def _key(self, look: str) -> str:
        """Return what tells a part of this figure that looks so from all others on the page."""
        width, height = self._figure.bbox.size
        return f"{self._number} {self._changes} {width} {height} {look}"

    def _draw(self, axes: Axes | None, ratio: float, key: str) -> Tile:
        figure = self._figure
        own = (each for each in figure.get_children() if each not in (figure.patch, *figure.axes))
        with _drawn_at(figure, ratio) as renderer, _without_what_is_below(axes):
            for artist in own if axes is None else (axes,):
                artist.draw(renderer)
            png, corner, size = _cut_out(np.asarray(renderer.buffer_rgba()))
        left, top, across, down = (part / ratio for part in (*corner, *size))
        return Tile(key, png, (left, top, across, down))

    def _record_ticks(self, axes: Axes, key: str) -> Ticks:
        drawn = record(self._figure, _below(axes) if axes.get_visible() else ())
        words = in_json(drawn, axes=axes_in_words(axes, float(self._figure.bbox.height)))
        numbers = (each.get_text() for each in _ticks(axes.yaxis) if isinstance(each, Text))
        longest = max(map(len, numbers), default=0)
        return Ticks(key, words, drawn.points.tobytes(), drawn.codes.tobytes(), longest)


def _kept(kept: OrderedDict[str, Any], key: str, make: Callable[[], Any]) -> Any:
    """Return what is kept by that name, or make it and let go of what was needed longest ago."""
    if key not in kept:
        kept[key] = make()
        if len(kept) > _KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _place(axes: Axes) -> str:
    """Return where axes stand and by which scales, but not their limits."""
    shown = axes.get_visible(), axes.axison
    return f"{axes.get_position().bounds} {shown} {axes.get_xscale()} {axes.get_yscale()}"


def _holds_data(axes: Axes) -> bool:
    """Whether something that stands still has a place by the axes' limits."""
    drawn = (*axes.lines, *axes.collections, *axes.patches, *axes.images, *axes.texts)
    return any(each.get_visible() and not each.get_animated() for each in drawn)


def _below(axes: Axes) -> list[Artist]:
    """Return what lies below all else in axes: their ground, and what marks their limits."""
    ground = [axes.patch] if axes.axison and axes.get_frame_on() else []
    return [*ground, *_ticks(axes.xaxis), *_ticks(axes.yaxis)]


def _ticks(axis: Axis) -> list[Artist]:
    """Return what marks the limits of an axis, as it stands: grid lines, ticks, their numbers."""
    if not axis.axes.axison:
        return []
    axis.get_ticklabels(which="both")  # puts them where they belong
    low, high = sorted(axis.get_view_interval())
    margin = 1e-9 * (high - low)
    seen = (
        tick
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        if low - margin <= tick.get_loc() <= high + margin
    )
    return [
        part
        for tick in seen
        for part in (tick.gridline, tick.tick1line, tick.tick2line, tick.label1, tick.label2)
    ]


@contextmanager
def _without_what_is_below(axes: Axes | None) -> Iterator[None]:
    """Leave it out, if there is any; what keeps its distance from numbers stays in place."""
    marks = [(each, each.get_alpha()) for each in ([] if axes is None else _below(axes))]
    try:
        for mark, _ in marks:
            mark.set_alpha(0.0)
        yield
    finally:
        for mark, alpha in marks:
            mark.set_alpha(alpha)


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
    header = struct.pack(">2I5B", columns, rows, 8, 6, 0, 0, 0)  # 8 bits, RGBA
    packer, packed = zlib.compressobj(1), []
    for top in range(0, rows, _PACKED):  # no second copy of megabytes
        some = pixels[top : top + _PACKED]
        lines = np.zeros((len(some), 1 + 4 * columns), np.uint8)  # the filter's number first: none
        lines[:, 1:] = some.reshape(len(some), -1)
        packed.append(packer.compress(lines.tobytes()))
    data = b"".join([*packed, packer.flush()])
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
