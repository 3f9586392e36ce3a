"""Words that a page can lay out by itself: in one line, upright, no formula.

Matplotlib measures all words anew in each frame, which takes longer than all lines together, to
place letters of its own font. A page needs to know only the point by which they are aligned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.text import Annotation, Text

POINTS_AN_INCH = 72.0
# Matplotlib aligns words vertically by the letters l and p, 0.76 em above and 0.24 below the line
# that letters stand on. So far below the point of alignment is that line, in em.
_DOWN = {"top": 0.76, "center_baseline": 0.38, "center": 0.26, "baseline": 0.0, "bottom": -0.24}
# A number at a tick as Matplotlib's formatters write it, with the power that it may have.
_POWER = re.compile(r"^\$\\mathdefault\{([^{}^_\\]*)(?:\^\{([-−]?\d+)\})?\}\$$")
_RAISED = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, eq=False)
class PlainText:
    """Words and where they stand.

    Args:
        words: empty if there is nothing to see.
        place: the pixel that they are aligned by, on the line that letters stand on, y upwards,
            shape (2,).
        align: left, center or right.
    """

    words: str
    place: np.ndarray
    align: str


def plain_text(text: Text) -> PlainText | None:
    """Return what a page needs to write this text; None if only Matplotlib can lay it out."""
    words, place = text.get_text(), _place(text)
    if text.get_parse_math():
        words = _POWER.sub(lambda found: found[1] + (found[2] or "").translate(_RAISED), words)
    formula = text.get_usetex() or (text.get_parse_math() and "$" in words)
    laid_out = formula or "\n" in words or text.get_rotation() or text.get_bbox_patch()
    if place is None or text.figure is None or laid_out:
        return None
    em = float(text.get_fontsize()) * text.figure.dpi / POINTS_AN_INCH
    place = place - (0.0, em * _DOWN[text.get_verticalalignment()])
    words = words if np.isfinite(place).all() else ""
    return PlainText(words, place, text.get_horizontalalignment())


def _place(text: Text) -> np.ndarray | None:
    """Return the pixel that words are aligned by, not finite if they are not to be seen.

    None if they stand in a way that only Matplotlib knows.
    """
    if not isinstance(text, Annotation):
        return text.get_transform().transform(text.get_unitless_position())
    if (text.xycoords, text.anncoords, text.arrow_patch) != ("data", "offset points", None):
        return None
    axes: Any = text.axes
    at = axes.transData.transform(text.xy)
    if text.get_annotation_clip() is not False and not axes.bbox.contains(*at):
        return np.full(2, np.nan)
    return at + np.asarray(text.xyann) * text.figure.dpi / POINTS_AN_INCH
