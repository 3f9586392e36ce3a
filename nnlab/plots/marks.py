"""Words and arrows within a figure: names at the ends of lines, notes, arrows, ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike

from nnlab.plots import style

_LINE_HEIGHT = 9.0  # points, of a name: two of them stand no closer
_BESIDE = 3.0  # points, between a line's end and its name


def end_labels(
    axes: Axes, lines: Sequence[Line2D], names: Sequence[str] | None = None
) -> list[Text]:
    """Name lines at their ends, in their colours, in place of a legend; return the names.

    Args:
        axes: with their limits set; they need some room on the right.
        lines: a name each.
        names: None takes the lines' own labels.
    """
    written = [str(line.get_label()) for line in lines] if names is None else names
    texts = blank_labels(axes, len(lines))
    move_labels(axes, texts, lines, written)
    return texts


def blank_labels(axes: Axes, count: int) -> list[Text]:
    """Return so many empty names, for ``move_labels``."""
    look: dict[str, Any] = {"fontsize": 8, "va": "center", "clip_on": False, "parse_math": False}
    with style.own_settings():
        return [
            axes.annotate("", (0, 0), (0, 0), textcoords="offset points", **look)
            for _ in range(count)
        ]


def move_labels(
    axes: Axes, texts: Sequence[Text], lines: Sequence[Line2D], names: Sequence[str]
) -> None:
    """Put names at the last finite points of lines, apart from one another; blank the others.

    Args:
        axes: that the lines are in.
        texts: as ``blank_labels`` made them; of more lines only the first are named.
        lines: to be named.
        names: one a line.
    """
    for blank in texts:
        blank.set_text("")
    ends = [_end(line) for line in lines[: len(texts)]]
    named = [place for place, end in enumerate(ends) if end is not None and names[place]]
    if not named:
        return
    points = np.array([ends[place] for place in named], dtype=float)
    scale = 72.0 / axes.figure.dpi
    heights = scale * axes.transData.transform(points)[:, 1]
    paper = style.themed(axes, style.PAPER)
    for place, point, shift in zip(named, points, _apart(heights) - heights, strict=True):
        text: Any = texts[place]
        text.xy = tuple(point)
        text.set_position((_BESIDE + _marker_radius(lines[place]), shift))
        text.set_text(names[place])
        text.set_color(style.readable(to_hex(lines[place].get_color()), paper))


def note(
    axes: Axes, words: str, at: tuple[float, float], beside: tuple[float, float] = (30, 24)
) -> Text:
    """Write a few words beside a point, with an arrow to it.

    Args:
        axes: where.
        words: as they are; no formula.
        at: the point, in the axes' data.
        beside: where the words begin, points to the right of it and above.
    """
    ink = style.themed(axes, style.INK)
    with style.own_settings():
        return axes.annotate(
            words,
            at,
            beside,
            textcoords="offset points",
            fontsize=9,
            color=ink,
            parse_math=False,
            arrowprops={"arrowstyle": "->", "color": ink, "lw": 1.0, "shrinkB": 3},
        )


def tag(
    axes: Axes,
    words: str,
    at: tuple[float, float],
    colour: str,
    beside: tuple[float, float] = (8, -3),
    **look: Any,
) -> Text:
    """Write the name of what was drawn at a point beside it, in its colour made readable.

    Args:
        axes: where.
        words: as they are; no formula.
        at: the point, in the axes' data.
        colour: of what was drawn there.
        beside: where the words begin, points to the right of it and above.
        look: passed on to ``Axes.annotate``, as ``ha="right"``.
    """
    ink = style.readable(to_hex(colour), style.themed(axes, style.PAPER))
    own: dict[str, Any] = {"fontsize": 9, "color": ink, "parse_math": False} | look
    with style.own_settings():
        return axes.annotate(words, at, beside, textcoords="offset points", **own)


def arrow(axes: Axes, start: ArrayLike, end: ArrayLike, colour: str, words: str = "") -> Text:
    """Draw an arrow from one point to another, with words beside its tip."""
    (x, y), (to_x, to_y) = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    with style.own_settings():
        axes.annotate(
            "",
            (to_x, to_y),
            (x, y),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.8, "shrinkB": 0},
        )
    return tag(axes, words, (to_x, to_y), colour, (6, 2))


def log_ticks(
    axis: XAxis | YAxis, values: Sequence[float], labels: Sequence[Any] | None = None
) -> None:
    """Make an axis logarithmic, with ticks at these values only.

    Args:
        axis: as in ``axes.xaxis``.
        values: above 0.
        labels: one a value; None writes the values themselves.
    """
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    written = [f"{value:,g}" for value in values] if labels is None else map(str, labels)
    axis.set_ticks(list(values), list(written))
    axis.set_ticks([], minor=True)


def plain_log_ticks(axis: Axis) -> None:
    """Number a logarithmic axis 1, 2, 5, 10, … in plain digits, for axes of few decades."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_locator(NullLocator())


def _end(line: Line2D) -> tuple[float, float] | None:
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    return (x[finite[-1]], y[finite[-1]]) if finite.size and line.get_visible() else None


def _marker_radius(line: Line2D) -> float:
    """Half of its marker's width in points; 0 where it has none."""
    return 0.0 if line.get_marker() in ("None", "", " ", None) else line.get_markersize() / 2.0


def _apart(heights: np.ndarray) -> np.ndarray:
    """Return heights at least a line apart, in the same order, each as near as can be.

    Names that would touch form a block around the middle of where they belong.
    """
    order = np.argsort(heights, kind="stable")
    blocks: list[list[float]] = []  # number of names, sum of their wishes from the block's bottom
    for height in heights[order]:
        blocks.append([1.0, float(height)])
        while len(blocks) > 1 and _bottom(blocks[-1]) < _top(blocks[-2]):
            count, wishes = blocks.pop()
            below = blocks[-1]
            below[1] += wishes - _LINE_HEIGHT * below[0] * count
            below[0] += count
    places = [
        _bottom(block) + _LINE_HEIGHT * place for block in blocks for place in range(int(block[0]))
    ]
    apart = np.empty_like(heights)
    apart[order] = places
    return apart


def _bottom(block: list[float]) -> float:
    return block[1] / block[0]


def _top(block: list[float]) -> float:
    return _bottom(block) + _LINE_HEIGHT * block[0]
