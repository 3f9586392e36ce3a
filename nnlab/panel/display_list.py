"""What moves in a figure, written down instead of drawn: the page draws it, at its own sharpness.

Matplotlib's artists draw themselves on a renderer. This one keeps what it is asked to draw as a
list of strokes and fills in CSS pixels, y downwards, which a canvas can replay; see view.js.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from nnlab.panel.plain_text import POINTS_AN_INCH, plain_text

_FAR = 1e5  # pixels; what lies further off is drawn there, for a canvas counts in single precision


@dataclass(frozen=True, eq=False)
class DisplayList:
    """What was drawn.

    Args:
        operations: one dictionary a stroke, marker, image or text, in the order of drawing.
        names: label and tags of each artist that an operation's ``artist`` counts.
        points: float32 (n, 2), CSS pixels from the upper left corner.
        codes: uint8 (n,), what a path does at each point, as in ``matplotlib.path.Path``.
        pixels: bytes of all images, RGBA, row by row from the top.
    """

    operations: list[dict[str, Any]]
    names: list[dict[str, Any]]
    points: np.ndarray
    codes: np.ndarray
    pixels: bytes


def record(figure: Figure, artists: Iterable[Artist]) -> DisplayList:
    """Let the visible ones of these artists draw themselves; return what they drew.

    An artist's tags are the words of its ``gid``; a collection's ``gid`` may hold a group of them
    for each of its items, set apart by semicolons. The page lights what shares a tag.
    """
    renderer = _Recorder(figure)
    for artist in artists:
        if artist.get_visible():
            renderer.begin(artist, figure.axes)
            if not (isinstance(artist, Text) and renderer.wrote(artist)):
                artist.draw(renderer)
    return renderer.finished()


def axes_in_words(axes: Axes, height: float) -> dict[str, Any]:
    """Return where axes stand, in CSS pixels, and what their pixels mean.

    Args:
        axes: drawn at the figure's CSS resolution.
        height: of the figure, CSS pixels.
    """
    box = axes.bbox
    place = [box.x0, height - box.y1, box.width, box.height]
    shown = axes.axison and axes.get_visible()
    both = {"x": axes.xaxis, "y": axes.yaxis} if shown else {}
    return {"box": place} | {name: _axis_in_words(axis) for name, axis in both.items()}


def _axis_in_words(axis: Axis) -> dict[str, Any]:
    words: dict[str, Any] = {
        "scale": axis.get_scale(),
        "limits": [float(limit) for limit in axis.get_view_interval()],
        "label": axis.get_label_text(),
    }
    scale = axis.get_transform()
    if words["scale"] == "symlog":
        words |= {name: getattr(scale, name) for name in ("base", "linthresh", "linscale")}
    return words


class _Recorder(RendererBase):
    """A renderer that takes notes.

    Args:
        figure: whose ``dpi`` makes its pixels CSS pixels.
    """

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._dpi = figure.dpi
        self.width, self.height = figure.bbox.size
        self._operations: list[dict[str, Any]] = []
        self._names: list[dict[str, Any]] = []
        self._items: Iterator[list[str]] = iter(())  # tags of a collection's items to come
        self._points: list[np.ndarray] = []
        self._codes: list[np.ndarray] = []
        self._count = 0  # points so far
        self._pixels = bytearray()

    def begin(self, artist: Artist, axes: Sequence[Any]) -> None:
        """Note that from now on it is this artist that draws."""
        groups = [group.split() for group in (artist.get_gid() or "").split(";")]
        label = str(artist.get_label())
        name: dict[str, Any] = {"name": "" if label.startswith("_") else label}
        if len(groups) == 1 and groups[0]:
            name["tags"] = groups[0]
        if artist.axes is not None:
            name["axes"] = axes.index(artist.axes)
        self._names.append(name)
        self._items = iter(groups if len(groups) > 1 else ())

    def wrote(self, text: Text) -> bool:
        """Note words that the page can lay out, True; False for what only Matplotlib can."""
        plain = plain_text(text)
        if plain is None or not plain.words:
            return plain is not None
        gc = self.new_gc()
        gc.set_foreground(text.get_color())
        if (alpha := text.get_alpha()) is not None:
            gc.set_alpha(alpha)
        if text.get_clip_on():
            gc.set_clip_rectangle(text.get_clip_box())
        place = {"from": self._down(plain.place).tolist(), "align": plain.align, "angle": 0.0}
        letters = self._letters(gc, text.get_fontproperties())
        self._note(gc, {"text": plain.words, **place, **letters})
        return True

    def finished(self) -> DisplayList:
        """Return what was drawn."""
        return DisplayList(
            self._operations,
            self._names,
            np.concatenate([np.empty((0, 2), np.float32), *self._points]),
            np.concatenate([np.empty(0, np.uint8), *self._codes]),
            bytes(self._pixels),
        )

    # --- called by Matplotlib's artists ----------------------------------------------------------

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the figure's size in CSS pixels."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """Return a length given in points, in CSS pixels."""
        return points * self._dpi / POINTS_AN_INCH

    def option_scale_image(self) -> bool:
        """Say that images may come as they are: the page enlarges them."""
        return True

    def draw_path(
        self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None
    ) -> None:
        """Note one path, stroked, filled or both."""
        style = self._stroke(gc) | _fill(gc, rgbFace)
        tags = next(self._items, None)
        if not style:
            return
        if tags:
            style["tags"] = tags
        # Beyond these edges a line can't be seen; an area has to keep its corners.
        edge = None if "fill" in style else (-20.0, -20.0, self.width + 20.0, self.height + 20.0)
        line = self._line_of(path, transform, gc, clip=edge)
        if line[0] < line[1]:
            self._note(gc, {"path": line, **style})

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """Note one shape and the places where it stands."""
        style = self._stroke(gc) | _fill(gc, rgbFace)
        places = trans.transform(path.vertices)
        places = places[np.isfinite(places).all(axis=1)]
        if not style or not len(places):
            return
        shape = self._line_of(marker_path, marker_trans, gc, upright=False)
        at = self._keep(self._down(places), np.ones(len(places), np.uint8))
        self._note(gc, {"marker": shape, "at": at, **style})

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None
    ) -> None:
        """Note a picture of pixels; ``transform`` takes its unit square to where it lies."""
        rows, columns = im.shape[:2]
        if transform is None:
            transform = Affine2D().scale(columns, rows)
        place = transform + Affine2D().translate(x, y).scale(1.0, -1.0).translate(0.0, self.height)
        start = len(self._pixels)
        self._pixels += np.ascontiguousarray(im).tobytes()
        matrix = place.get_matrix()[:2].T.ravel().tolist()
        image = {"image": start, "size": [columns, rows], "matrix": matrix}
        self._note(gc, image | ({} if gc.get_alpha() == 1.0 else {"alpha": gc.get_alpha()}))

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Note words, to be written in the page's font; formulas come as outlines."""
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        # The page's letters are narrower or wider: hold on to the point the text is aligned by.
        alignment = mtext.get_horizontalalignment() if mtext is not None else "left"
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[alignment]
        along = share * self.get_text_width_height_descent(s, prop, ismath)[0]
        turn = np.deg2rad(angle)
        place = [x + along * np.cos(turn), y - along * np.sin(turn)]
        words = {"text": s, "from": place, "align": alignment, "angle": -turn}
        self._note(gc, words | self._letters(gc, prop))

    # --- how it is written down ------------------------------------------------------------------

    def _note(self, gc: GraphicsContextBase, operation: dict[str, Any]) -> None:
        if gc.get_clip_path()[0] is not None or gc.get_hatch():
            raise NotImplementedError(
                f"a moving artist may be clipped to a rectangle only and have no hatching; "
                f"got {self._names[-1]!r}"
            )
        if (clip := gc.get_clip_rectangle()) is not None:
            operation["clip"] = [clip.x0, self.height - clip.y1, clip.width, clip.height]
        operation["artist"] = len(self._names) - 1
        self._operations.append(operation)

    def _letters(self, gc: GraphicsContextBase, font: Any) -> dict[str, Any]:
        size = float(self.points_to_pixels(font.get_size_in_points()))
        bold = {"bold": True} if font.get_weight() in ("bold", "semibold", "heavy") else {}
        return {"size": size, "fill": _colour(gc.get_rgb(), gc)} | bold

    def _stroke(self, gc: GraphicsContextBase) -> dict[str, Any]:
        width = self.points_to_pixels(gc.get_linewidth())
        colour = _colour(gc.get_rgb(), gc)
        if not width or colour is None:
            return {}
        stroke = {"stroke": colour, "width": float(width)}
        offset, dashes = gc.get_dashes()
        if dashes is not None:
            stroke["dashes"] = self.points_to_pixels(np.asarray(dashes, float)).tolist()
            stroke["offset"] = float(self.points_to_pixels(offset))
        cap, join = gc.get_capstyle(), gc.get_joinstyle()
        return stroke | {"cap": "square" if cap == "projecting" else str(cap), "join": str(join)}

    def _line_of(
        self,
        path: Path,
        transform: Transform,
        gc: GraphicsContextBase,
        clip: Any = None,
        upright: bool = True,
    ) -> tuple[int, int]:
        """Keep a path; return which points it has."""
        clean = path.cleaned(
            transform,
            remove_nans=True,
            clip=clip,
            simplify=None if upright else False,
            curves=True,
            stroke_width=self.points_to_pixels(gc.get_linewidth()),
            snap=gc.get_snap() if upright else False,
        )
        points, codes = np.asarray(clean.vertices, float), np.asarray(clean.codes, np.uint8)
        drawn = codes != Path.STOP
        points, codes = points[drawn], codes[drawn]
        return self._keep(self._down(points) if upright else points * (1.0, -1.0), codes)

    def _down(self, points: np.ndarray) -> np.ndarray:
        """Turn y, which Matplotlib counts upwards."""
        turned = np.array([0.0, self.height]) + points * (1.0, -1.0)
        return np.clip(turned, -_FAR, _FAR)

    def _keep(self, points: np.ndarray, codes: np.ndarray) -> tuple[int, int]:
        start = self._count
        self._count += len(points)
        self._points.append(points.astype(np.float32))
        self._codes.append(codes.astype(np.uint8))
        return start, self._count


def _fill(gc: GraphicsContextBase, face: Any) -> dict[str, str]:
    colour = None if face is None else _colour(face, gc)
    return {} if colour is None else {"fill": colour}


def _colour(rgba: Any, gc: GraphicsContextBase) -> str | None:
    """Return a colour as CSS writes it, None if it can't be seen."""
    forced = len(rgba) == 3 or gc.get_forced_alpha()
    alpha = gc.get_alpha() if forced else rgba[3]
    if not alpha:
        return None
    red, green, blue = (round(255 * part) for part in rgba[:3])
    return f"rgba({red},{green},{blue},{alpha:.3g})"


def in_json(drawn: DisplayList, **more: Any) -> str:
    """Return what is no array of a list as JSON, in short."""
    parts = {"operations": drawn.operations, "names": drawn.names, **more}
    return json.dumps(parts, separators=(",", ":"), default=float)
