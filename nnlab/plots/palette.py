"""Colours by meaning: what a colour says in one figure it says in all, and nothing else has it.

Chosen by search for the largest smallest distance within each group, as seen with normal, deutan
and protan sight; every line colour has a contrast of at least 3 : 1 on its paper, light and dark.
"""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_hex, to_rgb, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.text import Text

from nnlab import checks

PATTERNS = ("#14428C", "#C28612", "#04775B", "#E84DAC", "#019DE5", "#C92C08")  # tr:1 is orange
UNITS = ("#4F71C1", "#A09520", "#684271", "#33A0B7", "#2D5D00", "#836B68", "#252252", "#412202")
CHOICES = ("#4B4BE0", "#783621", "#63998E", "#67104F", "#6EA017", "#396581", "#9881DF", "#747343")
POSITIVE, NEGATIVE = "#277F87", "#690407"  # signs of weights
HELD_OUT = "#863CFA"  # beside what is learned from, which is ink
ACCENT = "#E20446"  # this run, this moment
INK, BIAS, GHOST = "#222222", "#555555", "#8C8C8C"  # a ghost is what is past, or pinned
GRID, MISSING, PAPER = "#E6E6E6", "#DDDDDD", "#FFFFFF"
COLOURS = (*PATTERNS, *UNITS, *CHOICES, POSITIVE, NEGATIVE, HELD_OUT, ACCENT)
DARK_PAPER = "#111111"
THEMES = ("light", "dark")
LINE_CONTRAST, TEXT_CONTRAST = 3.0, 4.5  # at least, to the paper (WCAG 2, AA)


def tint(colour: str, strength: float, paper: str = PAPER) -> str:
    """Return a colour mixed with paper: 0 is the paper, 1 the colour itself."""
    pairs = zip(to_rgb(colour), to_rgb(paper), strict=True)
    red, green, blue = (ground + strength * (part - ground) for part, ground in pairs)
    return to_hex((red, green, blue))


_DARK = {colour: tint(colour, 0.6).upper() for colour in COLOURS} | {
    INK: "#E4E4E4",
    BIAS: "#ABABAB",
    GHOST: "#767676",
    GRID: "#2C2C2C",
    MISSING: "#3B3B3B",
    PAPER: DARK_PAPER,
}
_ON_COLOURS = ("#202020", "#FDFDFD")
_SWAPS = {"dark": _DARK, "light": {dark: light for light, dark in _DARK.items()}}


def pattern_colour(pattern: int) -> str:
    """Colour of a training pattern; beyond six they repeat."""
    return PATTERNS[pattern % len(PATTERNS)]


def unit_colour(unit: int) -> str:
    """Colour of a hidden unit; beyond eight they repeat."""
    return UNITS[unit % len(UNITS)]


def choice_colour(choice: int) -> str:
    """Colour of one of several settings compared (rates, rules, layers); beyond eight repeated."""
    return CHOICES[choice % len(CHOICES)]


def contrast(colour: str, paper: str = PAPER) -> float:
    """Return the contrast of two colours, 1 to 21, by WCAG 2's formula."""
    lighter, darker = sorted((_luminance(colour), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, paper: str = PAPER) -> str:
    """Return a colour as text needs it: mixed with ink until the contrast is 4.5 : 1."""
    ink = INK if _luminance(paper) > 0.2 else _DARK[INK]
    mixes = (tint(colour, strength / 10, ink) for strength in range(10, -1, -1))
    return next(mix for mix in mixes if contrast(mix, paper) >= TEXT_CONTRAST)


def text_on(colour: Any) -> str:
    """Return a dark or a light grey, whichever is read on this ground; no theme changes either."""
    return max(_ON_COLOURS, key=lambda ink: contrast(ink, to_hex(colour)))


def themed(axes: Axes, colour: str) -> str:
    """Return what a colour of the light palette is in the theme of these axes."""
    theme = getattr(axes.figure, "theme", "light")
    return _DARK.get(colour, colour) if theme == "dark" else colour


def paint(figure: Figure, theme: str) -> Figure:
    """Change a figure, and all that is drawn in it, to a theme; return the figure.

    Args:
        figure: whose colours of this palette are exchanged; others stay.
        theme: "light" or "dark".
    """
    checks.choice("theme", theme, THEMES)
    if theme == getattr(figure, "theme", "light") == "light":
        return figure  # all is drawn so; to look at each artist would make axes' unseen ticks
    swaps = _SWAPS[theme]
    for artist in figure.findobj():
        for part in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            _swap(artist, part, swaps)
        if isinstance(artist, Text) and artist.get_color() not in _ON_COLOURS:
            artist.set_color(readable(to_hex(artist.get_color()), swaps.get(PAPER, PAPER)))
    figure.theme = theme  # type: ignore[attr-defined]
    for axes in figure.axes:  # ticks to come
        ink, grid = themed(axes, INK), themed(axes, GRID)
        axes.tick_params(which="both", color=ink, labelcolor=ink, grid_color=grid)
    return figure


def _swap(artist: Artist, part: str, swaps: dict[str, str]) -> None:
    get, put = getattr(artist, f"get_{part}", None), getattr(artist, f"set_{part}", None)
    mapped = getattr(artist, "get_array", lambda: None)() is not None and part != "edgecolor"
    if get is None or put is None or mapped:
        return
    now = get()
    if isinstance(now, str) and now in ("none", "None", "face"):
        return
    colours = to_rgba_array(now)
    new = [(*to_rgb(swaps.get(to_hex(each).upper(), to_hex(each))), each[3]) for each in colours]
    if not all(same_color(*pair) for pair in zip(colours, new, strict=True)):
        put(new[0] if len(new) == 1 else new)


def _luminance(colour: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    return sum(
        weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
        for weight, part in zip(weights, to_rgb(colour), strict=True)
    )
