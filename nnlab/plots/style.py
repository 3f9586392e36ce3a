"""How every figure looks: one colour a concept, safe for colour-blind readers.

Patterns take Okabe and Ito's palette (tr:1 is orange, as in the article), hidden units take Paul
Tol's muted palette, so that a colour never means two things. Grey is what is past: ghosts.
"""

from __future__ import annotations

import io
import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

PATTERNS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
UNITS = ("#332288", "#88CCEE", "#117733", "#DDCC77", "#AA4499", "#44AA99", "#882255", "#999933")
BIAS = "#555555"
GHOST = "#B0B0B0"
ACCENT = "#D41159"
INK = "#222222"
DASHES = {"-": "────", "--": "– – –", "-.": "– · –", ":": "· · · ·"}  # of ghosts; in words too
COLOURS = (*PATTERNS, *UNITS, ACCENT)  # all but the greys; a live picture's palette holds these
DPI = 100


class Picture(Figure):
    """A figure that shows itself as a small PNG, with or without pyplot."""

    def _repr_png_(self) -> bytes:
        return png(self)

    def __repr__(self) -> str:
        titles = " | ".join(axes.get_title(loc="left") for axes in self.axes if axes.get_visible())
        return f"<Picture: {titles}>"

    __str__ = __repr__


def picture(
    rows: int = 1, columns: int = 1, *, width: float = 9.6, height: float = 3.0, **grid: Any
) -> tuple[Picture, Any]:
    """Return a new figure and its axes, ``width`` × ``height`` inches, axes styled.

    The axes come as ``Figure.subplots`` gives them; ``grid`` is passed on to it.
    """
    layout = ConstrainedLayoutEngine(rect=(0, 0, 0.985, 1))  # room for the last tick's label
    figure = Picture(figsize=(width, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, **grid)
    for each in figure.axes:
        dress(each)
    return figure, axes


def dress(axes: Axes) -> None:
    """Light grid, no box, small labels."""
    axes.grid(True, color="#E6E6E6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def label(axes: Axes, title: str = "", x: str = "", y: str = "", legend: bool = False) -> Any:
    """Write title, axis labels and, if asked for, a legend; return the figure, to end a cell."""
    if title:
        axes.set_title(title, loc="left", fontsize=10)
    if x:
        axes.set_xlabel(x, fontsize=9)
    if y:
        axes.set_ylabel(y, fontsize=9)
    if legend:
        axes.legend(frameon=False, fontsize=8)
    return axes.figure


def png(figure: Figure, colours: int = 255) -> bytes:
    """Return the figure as a PNG of 255 colours: a third of the size, no visible loss."""
    full = io.BytesIO()
    figure.savefig(full, format="png", dpi=figure.dpi)
    image = Image.open(full).convert("RGB").quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=1)
    small = io.BytesIO()
    image.save(small, format="png", optimize=True)
    return small.getvalue()


def pattern_colour(pattern: int) -> str:
    """Colour of a training pattern; beyond six they repeat."""
    return PATTERNS[pattern % len(PATTERNS)]


def unit_colour(unit: int) -> str:
    """Colour of a hidden unit; beyond eight they repeat."""
    return UNITS[unit % len(UNITS)]


def rgb(colour: str) -> tuple[float, float, float]:
    """Return a colour's red, green and blue, 0 to 1."""
    return to_rgb(colour)


def tint(colour: str, strength: float) -> str:
    """Return a colour mixed with white: 0 is white, 1 the colour itself."""
    red, green, blue = (1.0 - strength * (1.0 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def round_up(value: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least ``value``."""
    if not math.isfinite(value) or value <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9)
    )
