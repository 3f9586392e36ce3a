"""What a page would draw, drawn here from the same frame, equals what Matplotlib draws itself."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle
from matplotlib.path import Path
from matplotlib.ticker import LogFormatterSciNotation
from matplotlib.transforms import Affine2D, Bbox
from PIL import Image

from nnlab.panel.display_list import record
from nnlab.panel.layers import Canvas, Frame, Ticks
from nnlab.panel.picture_view import PictureView, Place

HEIGHT = 300  # CSS pixels


def two_axes() -> tuple[Figure, Any, Any]:
    """A figure of 400 x 300 CSS pixels, one axes linear, one logarithmic."""
    figure = Figure(figsize=(4, 3), dpi=100)
    left, right = figure.subplots(1, 2)
    right.set(xscale="log", yscale="log", xlim=(0.1, 100), ylim=(1, 1e4))
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter("{x:g}")
    left.set(xlim=(0, 10), ylim=(-1, 1), xlabel="updates", ylabel="error")
    return figure, left, right


def colour(text: str) -> tuple[float, ...]:
    """Red, green, blue and opacity, 0 to 1, of what CSS calls rgba(...)."""
    red, green, blue, alpha = map(float, text[5:-1].split(","))
    return red / 255, green / 255, blue / 255, alpha


def replay(frame: Frame, ratio: int) -> np.ndarray:
    """Draw a frame as view.js does, with Agg in place of the browser's canvas; RGB."""
    words = json.loads(frame.words)
    width, height = (round(side * ratio) for side in words["size"])
    ground = Image.new("RGBA", (width, height), (*words["face"], 255))
    renderer = RendererAgg(width, height, 72.0 * ratio)  # so that a point is a CSS pixel
    for ticks in frame.ticks:
        replay_list(renderer, ticks, b"", ratio)
    ground.alpha_composite(Image.fromarray(np.asarray(renderer.buffer_rgba())))
    for tile in frame.tiles:
        corner = tuple(round(part * ratio) for part in tile.box[:2])
        ground.alpha_composite(Image.open(io.BytesIO(tile.png)), corner)
    renderer.clear()
    replay_list(renderer, frame, frame.pixels, ratio)
    ground.alpha_composite(Image.fromarray(np.asarray(renderer.buffer_rgba())))
    return np.asarray(ground.convert("RGB"), dtype=float)


def replay_list(renderer: RendererAgg, part: Frame | Ticks, images: bytes, ratio: int) -> None:
    """Draw one display list."""
    height = renderer.height
    points = np.frombuffer(part.points, np.float32).reshape(-1, 2)
    codes = np.frombuffer(part.codes, np.uint8)
    down = Affine2D().scale(ratio, -ratio).translate(0, height)
    for operation in json.loads(part.words)["operations"]:
        gc = renderer.new_gc()
        if "clip" in operation:
            left, top, across, high = operation["clip"]
            box = Bbox.from_bounds(left, top, across, high)
            gc.set_clip_rectangle(Bbox(down.transform(box.get_points())))
        gc.set_linewidth(operation.get("width", 0.0))
        if "stroke" in operation:
            gc.set_foreground(colour(operation["stroke"]), isRGBA=True)
            cap = operation["cap"]
            gc.set_capstyle("projecting" if cap == "square" else cap)
            gc.set_joinstyle(operation["join"])
            if "dashes" in operation:
                gc.set_dashes(operation["offset"], operation["dashes"])
        fill = colour(operation["fill"]) if "fill" in operation else None
        if "path" in operation:
            line = slice(*operation["path"])
            renderer.draw_path(gc, Path(points[line], codes[line]), down, fill)
        elif "marker" in operation:
            shape, places = slice(*operation["marker"]), slice(*operation["at"])
            grown = Affine2D().scale(ratio, -ratio)
            marker = Path(points[shape], codes[shape])
            renderer.draw_markers(gc, marker, grown, Path(points[places]), down, fill)
        elif "image" in operation:
            columns, rows = operation["size"]
            start = operation["image"]
            pixels = np.frombuffer(images[start : start + 4 * columns * rows], np.uint8)
            a, b, c, d, e, f = np.array(operation["matrix"]) * ratio
            assert b == c == 0.0
            image = Image.fromarray(pixels.reshape(rows, columns, 4))
            image = image if d > 0 else image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            size = round(a), round(abs(d))
            stretched = np.asarray(image.resize(size, Image.Resampling.NEAREST))
            renderer.draw_image(gc, round(e), height - round(max(f, f + d)), stretched[::-1])
        else:
            gc.set_foreground(fill, isRGBA=True)
            x, y = (each * ratio for each in operation["from"])
            font = FontProperties(size=operation["size"])
            measure = renderer.get_text_width_height_descent(operation["text"], font, False)
            share = {"left": 0.0, "center": 0.5, "right": 1.0}[operation["align"]]
            angle = -np.rad2deg(operation["angle"])
            x -= share * measure[0] * np.cos(np.deg2rad(angle))
            y += share * measure[0] * np.sin(np.deg2rad(angle))
            renderer.draw_text(gc, x, y, operation["text"], font, angle)


def drawn_by_matplotlib(figure: Figure, moving: list[Any], ratio: int) -> np.ndarray:
    """The same picture by Agg: what stands still, and over it what moves."""
    figure.dpi *= ratio
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for artist in moving:
        artist.draw(canvas.get_renderer())
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3].astype(float)
    figure.dpi /= ratio
    return pixels


def lines(left: Any, right: Any) -> list[Any]:
    """Plain, dashed, dotted, with gaps, far outside, and on logarithmic axes."""
    x = np.linspace(0, 10, 500)
    gaps = np.where((x > 4) & (x < 5), np.nan, np.cos(x))
    return [
        *left.plot(x, np.sin(x), color="#0072B2", lw=2.2),
        *left.plot(x, gaps, color="#E69F00", ls="--", lw=3),
        *left.plot(x, 1e3 * np.sin(x), color="#009E73", lw=1),
        *left.plot([2, 2], [-5, 5], color="#D41159", lw=1.2),
        *right.plot(x + 0.1, (x + 1) ** 3, color="#332288", ls=":", lw=2, alpha=0.5),
    ]


def marks(left: Any, right: Any) -> list[Any]:
    """Discs, crosses, rings, and a scatter of many colours."""
    x = np.arange(1.0, 10.0)
    return [
        *left.plot(x, np.sin(x), "o-", ms=9, mec="white", mew=1.0, color="#CC79A7"),
        *left.plot(x, np.cos(x), "x", ms=6, color="#555555"),
        *right.plot(x, x**4, "o", ms=9, mfc="none", mec="#222222", mew=2),
        right.scatter(x, x**2, s=40, c=[to_rgba(f"C{k}") for k in range(9)]),
    ]


def areas(left: Any, right: Any) -> list[Any]:
    """A band, bundles of lines, a disc of curves, bars."""
    x = np.linspace(0, 10, 60)
    edges = [[(0, -0.9), (10, 0.9)], [(0, 0.9), (10, -0.9)]]
    bundle = LineCollection(edges, linewidths=[1.0, 4.0], colors=["#0072B2", "#D55E00"], alpha=0.7)
    return [
        left.fill_between(x, np.sin(x) - 0.2, np.sin(x) + 0.2, color="#332288", alpha=0.25, lw=0),
        left.add_collection(bundle, autolim=False),
        left.add_patch(Circle((5, 0), 0.5, facecolor="#DDCC77", edgecolor="#222222")),
        *right.bar([1, 10], [100, 1000], width=[0.5, 5], color="#44AA99"),
    ]


def words(left: Any, right: Any) -> list[Any]:
    """Texts of each alignment, one turned."""
    return [
        left.text(5, 0.5, "h2", ha="center", va="center", size=8),
        left.text(1, -0.5, "left ×3", ha="left", va="bottom", color="#D41159"),
        left.text(9, -0.2, "right", ha="right", rotation=30),
        right.text(10, 100, "turned", ha="center", va="center", rotation=90),
    ]


def images(left: Any, right: Any) -> list[Any]:
    """One with its first row above, one with it below; both unlike their mirror images."""
    pixels = np.zeros((4, 5, 3), np.uint8)
    pixels[0, 0], pixels[3, 4], pixels[1, 1:3] = (255, 0, 0), (0, 0, 255), (0, 128, 0)
    where = {"aspect": "auto", "interpolation": "nearest"}
    right.set(xscale="linear", yscale="linear")
    drawn = [
        left.imshow(pixels, origin="lower", extent=(1, 9, -0.5, 0.75), **where),
        right.imshow(pixels[:, :, 0], origin="upper", extent=(10, 90, 1000, 9000), **where),
    ]
    left.set(xlim=(0, 10), ylim=(-1, 1))
    right.set(xlim=(0, 100), ylim=(1, 1e4))
    return drawn


def over_a_grid(left: Any, right: Any) -> list[Any]:
    """What stands still lies over a thick grid and a ground that is grey."""
    left.set_facecolor("#DDDDDD")
    left.grid(True, color="#AAAAAA", lw=4)
    left.set_axisbelow(True)
    left.axhline(0.5, color="#0072B2", lw=8)
    left.plot([], [], label="words over the grid")
    left.legend(loc="lower right", frameon=False)
    return lines(left, right)


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("make", [lines, marks, areas, words, images, over_a_grid])
def test_a_frame_shows_what_matplotlib_would_draw(make: Callable, ratio: int) -> None:
    """Only smoothing differs, by half a grey level of 255; with nothing drawn it would be more."""
    figure, left, right = two_axes()
    moving = make(left, right)
    frame = Canvas(figure, moving).frame(ratio)
    expected = drawn_by_matplotlib(figure, moving, ratio)
    without = drawn_by_matplotlib(figure, [], ratio)
    differs, matters = (np.abs(each - expected).mean() for each in (replay(frame, ratio), without))
    assert differs < 0.6 < matters


def test_what_stands_still_is_drawn_anew_only_where_limits_change() -> None:
    """Each axes has a tile and ticks of its own; those of before come back as they were."""
    figure, left, right = two_axes()
    (line,) = left.plot([0, 1], [0, 1])
    canvas = Canvas(figure, [line])
    before = canvas.frame()
    line.set_data([0, 5], [0, -1])
    moved = canvas.frame()
    assert moved.tiles == before.tiles and moved.points != before.points
    assert moved.ticks == before.ticks
    right.set_ylim(1, 1e5)  # longer numbers, so that the axis' name stands further off
    after = canvas.frame()
    assert same(after.tiles, before.tiles) == same(after.ticks, before.ticks) == [True, False]
    right.set(xlim=(1, 2), ylim=(2, 1e4))  # names and frame stay where they are
    later = canvas.frame()
    assert later.tiles == before.tiles and same(later.ticks, before.ticks) == [True, False]
    right.set_ylim(1, 1e4)
    right.axvline(1.5)  # stands still, at a place that the limits decide
    canvas.forget()
    first = canvas.frame()
    right.set_xlim(0.1, 100)
    assert same(canvas.frame().tiles, first.tiles) == [True, False]
    assert canvas.frame(2.0).tiles[0].png != before.tiles[0].png
    left.set_title("new")
    canvas.forget()
    assert canvas.frame().tiles[0].png != before.tiles[0].png
    assert figure.dpi == 100


def same(later: Sequence[Any], before: Sequence[Any]) -> list[bool]:
    """Which of them are kept."""
    return [a is b for a, b in zip(later, before, strict=True)]


def test_numbers_of_ticks_are_words_that_the_page_writes() -> None:
    """Powers too, which Matplotlib writes as formulas; only other formulas come as outlines."""
    figure, _, right = two_axes()
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter(LogFormatterSciNotation())
    right.set_xlim(1e-3, 1e-1)
    (moving,) = right.plot([1, 2], [1, 2])
    frame = Canvas(figure, [moving]).frame()
    written = [each.get("text") for each in json.loads(frame.ticks[1].words)["operations"]]
    assert {"10⁻³", "10⁻²", "10⁰", "10⁴"} <= set(written)
    formula = right.text(0.5, 10, r"$\frac{1}{2}$")
    assert all("path" in each for each in record(figure, [formula]).operations)


def test_an_invisible_artist_is_not_drawn() -> None:
    """As on any canvas."""
    figure, left, _ = two_axes()
    (line,) = left.plot([0, 1], [0, 1])
    line.set_visible(False)
    assert json.loads(Canvas(figure, [line]).frame().words)["operations"] == []


def test_the_page_learns_names_tags_and_scales() -> None:
    """What it says beside the pointer, and what lights up."""
    figure, left, right = two_axes()
    left.set_xscale("symlog", linthresh=10.0, linscale=0.5)
    left.set_xlim(0, 1000)
    left.invert_yaxis()
    (line,) = left.plot([0, 1], [0, 1], label="tr:1", gid="unit:2 bias")
    (nameless,) = right.plot([1, 2], [1, 2])
    edges = LineCollection([[(0, 0), (1, 1)], [(1, 0), (0, 1)]], linewidths=[0.0, 2.0])
    edges.set_gid("unit:0;unit:1 unit:2")
    left.add_collection(edges)
    frame = Canvas(figure, [line, nameless, edges]).frame()
    words = json.loads(frame.words)
    assert words["names"][:2] == [
        {"name": "tr:1", "tags": ["unit:2", "bias"], "axes": 0},
        {"name": "", "axes": 1},
    ]
    assert [each.get("tags") for each in words["operations"]] == [None, None, ["unit:1", "unit:2"]]
    first, second = (json.loads(each.words)["axes"] for each in frame.ticks)
    wanted = {"scale": "symlog", "limits": [0, 1000], "label": "updates", "base": 10.0}
    assert first["x"] == wanted | {"linthresh": 10.0, "linscale": 0.5}
    assert (second["y"]["scale"], second["y"]["limits"]) == ("log", [1, 1e4])
    assert first["y"]["limits"] == [1, -1]
    corner = left.transAxes.transform((0, 1))
    assert np.allclose(first["box"][:2], [corner[0], HEIGHT - corner[1]])


def test_what_cannot_be_replayed_is_refused() -> None:
    """Aloud, rather than drawn otherwise."""
    figure, left, _ = two_axes()
    (line,) = left.plot([0, 1], [0, 1], label="clipped")
    line.set_clip_path(Circle((0.5, 0.5), 0.2, transform=left.transAxes))
    with pytest.raises(NotImplementedError, match="clipped to a rectangle only"):
        record(figure, [line])


def test_a_view_sends_tiles_only_when_others_are_needed() -> None:
    """Most messages hold a few kilobytes."""
    figure, left, _ = two_axes()
    (line,) = left.plot([0, 1], [0, 1])
    canvas, view = Canvas(figure, [line]), PictureView()
    seen: list[str] = []
    view.observe(lambda change: seen.append(change["name"]), ["tiles", "ticks", "frame", "alt"])
    view.show(canvas.frame(), alt="a line")
    assert seen == ["alt", "tiles", "ticks", "frame"]
    line.set_data([0, 5], [0, -1])
    view.show(canvas.frame())
    assert seen[4:] == ["frame"]
    left.set_xlim(0, 20)
    view.show(canvas.frame())
    assert seen[5:] == ["ticks", "frame"]
    view.show(canvas.frame(2.0))  # the page looks at all of it when the frame is another one
    assert seen[7:] == ["tiles", "frame"]


def test_a_click_reports_data_coordinates() -> None:
    """Whatever else a page sends is let be."""
    view, places = PictureView(), []
    view.on_click(places.append)
    view._on_message(view, {"click": {"axes": 1, "x": 0.5, "y": 20.0}}, [])
    view._on_message(view, {"other": 1}, [])
    assert places == [Place(1, 0.5, 20.0)]
