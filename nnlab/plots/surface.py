"""The loss as a landscape that a run walks through, and how far each weight steps on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from nnlab.data import Dataset
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.plots import style
from nnlab.plots.look import Look, clock, largest, rows_to_draw
from nnlab.run import Run

_SIDE = 30  # points along either axis at which the loss is computed, if that is quick enough
_WORK = 1_500_000  # parameters times patterns times points: some 5 ms
_PATTERNS = 64  # of larger data sets every so-manieth pattern stands for all
_PIXELS = 120  # of the picture of the loss, along either axis
_SHADES = 11
_DEPTH = 14.0  # powers of two below the highest loss of the plane, at which shades end
_PATH = 300  # points of the path on the screen
_DIRECTIONS_FROM = 30  # points of the path that a plane is laid through
_FAR = 30.0  # times the start's largest weight: there a path is cut off

EVERY_WEIGHT = 64  # of up to so many weights each has a line of its own
_STEP_LIMITS = (1e-8, 10.0)
_LAYER_COLOURS = tuple(style.UNITS[place] for place in (0, 4, 2, 6, 1, 3, 5, 7))


# --- the landscape ------------------------------------------------------------------------------


def surface(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Any] | None = None
) -> list[Any]:
    """Loss over a plane, darker where it is lower, and the run's path across it up to a moment.

    Shades are evenly spaced in the loss's logarithm. Of a network of one weight and one bias the
    plane is that of the two; of any other it is the one in which the path spreads out most (its
    two principal directions from the start, Li et al. 2018), and the path is its shadow on that
    plane. The ring is the start, the big dot the moment looked at.

    Args:
        axes: where to draw.
        run: whose path it is; it ends where it is not finite or too far off to be seen.
        look: the moment; time has no axis here.
        artists: as returned before, to be moved.
    """
    first = artists is None
    path = _path(run, look)
    origin, directions = _plane(run.experiment, path)
    x, y = directions @ (path - origin).T
    if artists is None:
        artists = _draw_surface(axes, run.experiment)
    image, line, start, here = artists
    axes.set_xlim(_limits(x, axes.get_xlim(), first))
    axes.set_ylim(_limits(y, axes.get_ylim(), first))
    sides = [
        np.linspace(*limits, _side(run.experiment)) for limits in (axes.get_xlim(), axes.get_ylim())
    ]
    image.set_data(_shades(_losses(run.experiment, origin, directions, *sides)))
    image.set_extent((*axes.get_xlim(), *axes.get_ylim()))
    line.set_data(x, y)
    line.set_marker("." if len(path) <= 100 else "")
    start.set_data(x[:1], y[:1])
    here.set_data(x[-1:], y[-1:])
    return list(artists)


def _draw_surface(axes: Axes, experiment: Experiment) -> list[Any]:
    axes.grid(False)
    axes.set_autoscale_on(False)
    if _is_plane(experiment):
        style.label(axes, "loss over weight and bias", x="weight", y="bias")
    else:
        style.label(axes, "loss around the path", x="first direction", y="second direction")
    blank = np.full((1, 1, 3), 255, np.uint8)
    image = axes.imshow(blank, origin="lower", aspect="auto", interpolation="nearest", zorder=0)
    path = axes.plot([], [], color=style.INK, lw=1.2, ms=4)
    start = axes.plot([], [], "o", color=style.INK, mfc="white", ms=7)
    here = axes.plot([], [], "o", color=style.ACCENT, ms=9)
    return [image, *path, *start, *here]


def _is_plane(experiment: Experiment) -> bool:
    return experiment.layers == (1, 1)


def _path(run: Run, look: Look) -> np.ndarray:
    """The parameters on the way to the moment looked at, shape (points, parameters)."""
    flat = run.history.flat_weights[: None if look.row == -1 else look.row + 1]
    far = _FAR * (largest(flat[0]) or 1.0)
    with np.errstate(all="ignore"):
        near = np.abs(flat - flat[0]).max(axis=1) <= far  # False where it is not finite
    end = len(flat) if near.all() else max(1, int(np.argmin(near)))
    if end <= _PATH:
        return flat[:end]
    return flat[np.unique(np.linspace(0, end - 1, _PATH).astype(int))]


def _plane(experiment: Experiment, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a point of the plane and its two directions, unit vectors as rows."""
    if _is_plane(experiment):
        return np.zeros(2), np.eye(2)
    some = np.unique(np.linspace(0, len(path) - 1, _DIRECTIONS_FROM).astype(int))
    away = path[some] - path[0]
    size = largest(away) or 1.0
    # A path that stands still, or runs straight, leaves the choice to two of the weights.
    away = np.vstack([away / size, 1e-4 * np.eye(2, path.shape[1])])
    # Two eigenvectors of a small matrix: a decomposition of the whole would take ten times as long.
    shares = np.linalg.eigh(away @ away.T)[1][:, :-3:-1].T
    directions = shares @ away
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    ends = directions @ (path[-1] - path[0])
    return path[0], np.where(ends < 0.0, -1.0, 1.0)[:, np.newaxis] * directions


def _limits(values: np.ndarray, before: tuple[float, float], first: bool) -> tuple[float, float]:
    """Limits with room for all values, in round steps around the first; seldom others."""
    start = values[0]
    reaches = max(start - values.min(), 0.0), max(values.max() - start, 0.0)
    most = max(reaches) or 1.0
    room = before[1] - before[0]
    fits = before[0] < values.min() and values.max() < before[1]
    if not first and fits and sum(reaches) > 0.2 * room:
        return before
    low, high = (style.round_up(1.05 * max(reach, most / 3)) for reach in reaches)
    return float(start - low), float(start + high)


def _side(experiment: Experiment) -> int:
    parameters = sum(rows * columns for rows, columns in experiment.weight_shapes)
    work = parameters * min(len(experiment.data), _PATTERNS)
    return int(np.clip(np.sqrt(_WORK / work), 8, _SIDE))


def _losses(
    experiment: Experiment,
    origin: np.ndarray,
    directions: np.ndarray,
    along: np.ndarray,
    across: np.ndarray,
) -> np.ndarray:
    """Mean loss over a grid of the plane, shape (rows, columns)."""
    data = experiment.data
    if len(data) > _PATTERNS:
        some = slice(None, None, -(-len(data) // _PATTERNS))
        experiment = experiment.replace(
            data=Dataset(data.inputs[some], data.targets[some]), batch_size=1
        )
    places = np.stack(np.meshgrid(along, across), axis=-1).reshape(-1, 2)
    flat = origin + places @ directions
    grid = History(experiment, np.zeros(len(flat)), flat, np.empty((len(flat), 0)))
    return grid.loss.reshape(len(across), len(along))


def _shades(losses: np.ndarray) -> np.ndarray:
    """Colours for a grid of losses, shape (pixels, pixels, 3): the lower, the darker."""
    with np.errstate(all="ignore"):
        height = np.log2(losses)
    known = height[np.isfinite(height)]
    top = known.max() if known.size else 0.0
    bottom = max(known.min(), top - _DEPTH) if known.size else -1.0
    height = np.nan_to_num(height, nan=top, posinf=top, neginf=bottom)
    across, along = (_between(size) for size in height.shape)
    share = (across @ height @ along.T - bottom) / max(top - bottom, 1e-9)
    return _TINTS[np.clip(share * _SHADES, 0, _SHADES - 1).astype(int)]


def _between(size: int) -> np.ndarray:
    """Weights of linear interpolation from so many points to ``_PIXELS``, (_PIXELS, size)."""
    place = np.linspace(0, size - 1, _PIXELS)
    return np.maximum(0.0, 1.0 - np.abs(place[:, np.newaxis] - np.arange(size)))


def _tints() -> np.ndarray:
    """From dark to light, the colours that a live picture's palette has (see ``nnlab.canvas``)."""
    whiteness = np.arange(14 - _SHADES, 14)[:, np.newaxis] / 14
    colour = np.array(to_rgb(style.PATTERNS[0]))
    return (255 * (colour + whiteness * (1 - colour))).round().astype(np.uint8)


_TINTS = _tints()


# --- steps --------------------------------------------------------------------------------------


def steps(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[LineCollection] | None = None
) -> list[LineCollection]:
    """How far the weights move an update, over time, one colour a layer of weights.

    It is |w(later) - w(earlier)| over the updates between two rows of the history: to and fro
    within a row cancels. Each weight has its line, up to ``EVERY_WEIGHT`` of them; a larger
    network has three lines a layer, the 10th, 50th and 90th percentile of its weights.
    """
    if artists is None:
        artists = _draw_steps(axes, run.experiment)
    rows = rows_to_draw(run.history, look)
    times, sizes = clock(run, look)[rows[1:]], _step_sizes(run, rows)
    most = largest(sizes) if sizes.size else 0.0
    if most > axes.get_ylim()[1]:
        axes.set_ylim(top=10.0 ** np.ceil(np.log10(min(most, 1e6))))
    shapes, first = run.experiment.weight_shapes, 0
    for lines, (sources, targets) in zip(artists, shapes, strict=True):
        own = sizes[:, first : first + sources * targets]
        first += sources * targets
        if not _each_weight(run.experiment) and len(own):
            own = np.percentile(own, (10, 50, 90), axis=1).T
        lines.set_segments([np.column_stack([times, column]) for column in own.T])
    return list(artists)


def _step_sizes(run: Run, rows: np.ndarray) -> np.ndarray:
    """Net movement an update from row to row, (rows - 1, parameters), within a plot's bounds."""
    flat, updates = run.history.flat_weights[rows], run.history.updates[rows]
    with np.errstate(all="ignore"):
        moved = np.abs(np.diff(flat, axis=0)) / np.diff(updates)[:, np.newaxis]
    return np.clip(np.nan_to_num(moved, nan=1e30), 0.01 * _STEP_LIMITS[0], 1e30)


def _each_weight(experiment: Experiment) -> bool:
    return sum(rows * columns for rows, columns in experiment.weight_shapes) <= EVERY_WEIGHT


def _draw_steps(axes: Axes, experiment: Experiment) -> list[LineCollection]:
    style.label(axes, "step of each weight", y="|Δw| an update")
    if not _each_weight(experiment):
        style.label(axes, "steps of the weights: 10, 50, 90 %")
    axes.set_yscale("log")
    axes.set_ylim(_STEP_LIMITS)
    layers = []
    for layer in range(len(experiment.weight_shapes)):
        colour = _LAYER_COLOURS[layer % len(_LAYER_COLOURS)]
        layers.append(LineCollection([], colors=colour, linewidths=1.1, label=f"W[{layer}]"))
        axes.add_collection(layers[-1], autolim=False)
    if len(layers) <= 4:
        axes.legend(fontsize=8, frameon=False, loc="lower left")
    return layers
