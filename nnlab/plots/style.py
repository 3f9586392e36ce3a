"""How every figure is made and kept: its own settings whatever the reader's, small sharp PNGs."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter
from PIL import Image

from nnlab.plots import few_colours
from nnlab.plots.palette import *  # noqa: F403 - style.INK is how figures name a colour
from nnlab.plots.palette import GRID, INK, paint

DASHES = {"-": "────", "--": "– – –", "-.": "– · –", ":": "· · · ·"}  # of ghosts; in words too
DPI = 100
_RATIO = 2  # of a stored picture's pixels to the page's: sharp on most screens of today
_OURS = {
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
}
_EAST_ASIAN = (  # of these the first that is installed, for names that Latin fonts can't write
    *("Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans", "IPAexGothic", "Hiragino Sans"),
    *("Yu Gothic", "Meiryo", "MS Gothic", "PingFang SC", "Microsoft YaHei", "Malgun Gothic"),
    *("WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS"),
)


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Use Matplotlib's defaults and nnlab's few changes in place of what a reader has set.

    Only what differs is set, and set back: where a reader has changed nothing, nothing happens.
    """
    current: Any = matplotlib.rcParams
    wanted = _settings()
    theirs = {key: current[key] for key in wanted if current[key] != wanted[key]}
    current.update({key: wanted[key] for key in theirs})
    try:
        yield
    finally:
        current.update(theirs)


@functools.cache
def _settings() -> dict[str, Any]:
    """Return every setting that has a part in drawing; the fonts are those installed."""
    about_drawing = ("axes", "figure", "font", "grid", "hatch", "image", "legend", "lines", "mark")
    more = ("agg", "mathtext", "patch", "path", "savefig", "scatter", "svg", "text", "xt", "yt")
    families = [name for name in _EAST_ASIAN if name in {font.name for font in fontManager.ttflist}]
    defaults = matplotlib.rcParamsDefault
    return (
        {key: defaults[key] for key in defaults if key.startswith(about_drawing + more)}
        | _OURS
        | {"font.family": ["DejaVu Sans", *families[:1]]}
    )


class Picture(Figure):
    """A figure that shows itself as a small PNG, with or without pyplot.

    It is drawn with nnlab's settings, and its texts as they were typed: a dollar sign or a
    backslash in a name is no formula. ``theme`` is what ``paint`` made of it.
    """

    theme = "light"

    def draw(self, renderer: Any) -> None:
        """Draw all, as ``Figure`` does."""
        with own_settings():
            for text in self.findobj(Text):
                text.set(usetex=False, parse_math=False)
            for axes in self.axes:
                for axis in (axes.xaxis, axes.yaxis):
                    for minor in (False, True):
                        ticker = axis.get_minor_formatter() if minor else axis.get_major_formatter()
                        for text in axis.get_ticklabels(minor=minor):
                            # Matplotlib writes powers as math.
                            text.set_parse_math(isinstance(ticker, LogFormatter))
            super().draw(renderer)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = (round(DPI * side) for side in self.get_size_inches())
        return png(self, ratio=_RATIO), {"width": width, "height": height}

    def __repr__(self) -> str:
        titles = " | ".join(axes.get_title(loc="left") for axes in self.axes if axes.get_visible())
        return f"<Picture: {titles}>"

    __str__ = __repr__


def picture(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 9.6,
    height: float = 3.0,
    theme: str = "light",
    **grid: Any,
) -> tuple[Picture, Any]:
    """Return a new figure and its axes, ``width`` × ``height`` inches, axes styled.

    The axes come as ``Figure.subplots`` gives them; ``grid`` is passed on to it. ``theme`` is
    "light" or "dark"; ``paint`` changes it later, with all that is drawn by then.
    """
    with own_settings():
        layout = ConstrainedLayoutEngine(rect=(0, 0, 0.985, 1))  # room for the last tick's label
        figure = Picture(figsize=(width, height), dpi=DPI, layout=layout)
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, **grid)
        for each in figure.axes:
            dress(each)
        if theme != "light":
            paint(figure, theme)
    return figure, axes


def dress(axes: Axes) -> None:
    """Light grid, no box, small labels."""
    axes.grid(True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def label(axes: Axes, title: str = "", x: str = "", y: str = "", legend: bool = False) -> Any:
    """Write what axes show, and return their figure, so that a cell that ends with it shows it.

    Args:
        axes: to be named.
        title: the finding, above on the left; "" leaves what is there, as for the others.
        x: what stands along x, with its unit.
        y: what stands along y, with its unit.
        legend: whether to name what was drawn with a ``label``.
    """
    with own_settings():
        if title:
            axes.set_title(title, loc="left", fontsize=10, parse_math=False)
        if x:
            axes.set_xlabel(x, fontsize=9, parse_math=False)
        if y:
            axes.set_ylabel(y, fontsize=9, parse_math=False)
        if legend:
            axes.legend(frameon=False, fontsize=8)
    return axes.figure


class _Kept(FigureCanvasAgg):
    """A canvas on which what moves is drawn too."""

    def is_saving(self) -> bool:
        """Say so to the axes."""
        return True


def png(figure: Figure, colours: int = 255, ratio: float = 1.0) -> bytes:
    """Return the figure as a PNG of 255 colours: a third of the size, no visible loss.

    Args:
        figure: to be drawn.
        colours: of the PNG, at most 256.
        ratio: of its pixels to the figure's; 2 is sharp on a screen of double density.
    """
    canvas, dpi = figure.canvas, figure.dpi
    once = _Kept(figure)  # savefig would draw all of it twice, to lay it out
    try:
        figure.dpi = ratio * dpi
        with own_settings():
            once.draw()
        image = Image.fromarray(np.asarray(once.buffer_rgba())).convert("RGB")
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)
    return few_colours.png(image, colours)


def rgb(colour: str) -> tuple[float, float, float]:
    """Return a colour's red, green and blue, 0 to 1."""
    return to_rgb(colour)


def round_up(value: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least ``value``."""
    if not math.isfinite(value) or value <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9)
    )
