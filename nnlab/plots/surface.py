"""The loss as a landscape that a run walks through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.plots import style
from nnlab.plots.view import Look, largest, some, view
from nnlab.run import Run

_SIDE = 30  # points along either axis at which the loss is computed, if that is quick enough
_WORK = 1_500_000  # parameters times patterns times points: some 5 ms
_PATTERNS = 64  # of larger data sets so many, evenly spread, stand for all
_PIXELS = 120  # of the picture of the loss, along either axis
_SHADES = 11
_DEPTH = 14.0  # powers of two below the highest loss of the plane, at which shades end
_MOST_NUMBERS = 5_000_000  # of a path
_PATH = 300  # points of the path on the screen
_DIRECTIONS_FROM = 30  # points of the path that a plane is laid through
_FAR = 30.0  # times the start's largest weight: there a path is cut off


@view(lambda axes, experiment: _draw_surface(axes, experiment))
def surface(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Loss over a plane, darker where it is lower, and the run's path across it up to a moment.

    Shades are evenly spaced in the loss's logarithm. Of a network of one weight and one bias the
    plane is that of the two; of any other it is the one in which the path spreads out most (its
    two principal directions from the start, Li et al. 2018), and the path is its shadow on that
    plane. The ring is the start, the big dot the moment looked at.

    Args:
        axes: where to draw.
        run: whose path it is; it ends where it is not finite or too far off to be seen.
        look: the moment; time has no axis here.
        artists: the image, the path, its start, the moment.
    """
    path = _path(run, look)
    origin, directions = _plane(run.experiment, path)
    x, y = directions @ (path - origin).T
    image, line, start, here = artists
    first = len(line.get_xdata()) == 0
    limits = [
        _limits(values, before, first)
        for values, before in ((x, axes.get_xlim()), (y, axes.get_ylim()))
    ]
    (left, right), (bottom, top) = _not_too_narrow(*limits)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    sides = [
        np.linspace(*limits, _side(run.experiment)) for limits in (axes.get_xlim(), axes.get_ylim())
    ]
    losses = _losses(run.experiment, origin, directions, *sides)
    image.set_data(_shades(losses, dark=style.themed(axes, style.PAPER) != style.PAPER))
    image.set_extent((*axes.get_xlim(), *axes.get_ylim()))
    line.set_data(x, y)
    line.set_marker("." if len(path) <= 100 else "")
    start.set_data(x[:1], y[:1])
    here.set_data(x[-1:], y[-1:])


def _draw_surface(axes: Axes, experiment: Experiment) -> list[Any]:
    axes.grid(False)
    axes.set_autoscale_on(False)
    if _is_plane(experiment):
        style.label(axes, "loss over weight and bias", x="weight", y="bias")
    else:
        style.label(axes, "loss around the path", x="first direction", y="second direction")
    blank = np.full((1, 1, 3), 255, np.uint8)
    image = axes.imshow(blank, origin="lower", aspect="equal", interpolation="nearest", zorder=0)
    path = axes.plot([], [], color=style.INK, lw=1.2, ms=4)
    start = axes.plot([], [], "o", color=style.INK, mfc="white", ms=7)
    here = axes.plot([], [], "o", color=style.ACCENT, ms=9)
    return [image, *path, *start, *here]


def _is_plane(experiment: Experiment) -> bool:
    return experiment.layers == (1, 1)


def _path(run: Run, look: Look) -> np.ndarray:
    """The parameters on the way to the moment looked at, shape (points, parameters)."""
    flat = run.history.flat_weights[: None if look.row == -1 else look.row + 1]
    if flat.size > _MOST_NUMBERS:  # of a large network: not all of it is looked through
        flat = flat[some(len(flat), _PATH)]
    far = _FAR * (largest(flat[0]) or 1.0)
    with np.errstate(all="ignore"):
        near = np.abs(flat - flat[0]).max(axis=1) <= far  # False where it is not finite
    end = len(flat) if near.all() else max(1, int(np.argmin(near)))
    if end <= _PATH:
        return flat[:end]
    return flat[some(end, _PATH)]


def _plane(experiment: Experiment, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a point of the plane and its two directions, unit vectors as rows."""
    if _is_plane(experiment):
        return np.zeros(2), np.eye(2)
    away = path[some(len(path), _DIRECTIONS_FROM)] - path[0]
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


def _not_too_narrow(*limits: tuple[float, float]) -> list[tuple[float, float]]:
    """Widen the narrower of two pairs of limits to half the other: units are equally long."""
    widest = max(high - low for low, high in limits)
    room = [max(0.0, 0.5 * widest - (high - low)) / 2.0 for low, high in limits]
    return [(low - more, high + more) for (low, high), more in zip(limits, room, strict=True)]


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
    data, chosen = experiment.data, some(len(experiment.data), _PATTERNS)
    places = np.stack(np.meshgrid(along, across), axis=-1).reshape(-1, 2)
    flat = origin + places @ directions
    grid = History(experiment, np.zeros(len(flat)), flat, np.empty((len(flat), 0)))
    losses = grid._mean_loss(grid._answers(data.inputs[chosen]), data.targets[chosen])
    return losses.reshape(len(across), len(along))


def _shades(losses: np.ndarray, dark: bool = False) -> np.ndarray:
    """Colours for a grid of losses, shape (pixels, pixels, 3): the lower, the stronger."""
    with np.errstate(all="ignore"):
        height = np.log2(losses)
    known = height[np.isfinite(height)]
    top = known.max() if known.size else 0.0
    bottom = max(known.min(), top - _DEPTH) if known.size else -1.0
    height = np.nan_to_num(height, nan=top, posinf=top, neginf=bottom)
    across, along = (_between(size) for size in height.shape)
    share = (across @ height @ along.T - bottom) / max(top - bottom, 1e-9)
    tints = _DARK_TINTS if dark else _TINTS
    return tints[np.clip(share * _SHADES, 0, _SHADES - 1).astype(int)]


def _between(size: int) -> np.ndarray:
    """Weights of linear interpolation from so many points to ``_PIXELS``, (_PIXELS, size)."""
    place = np.linspace(0, size - 1, _PIXELS)
    return np.maximum(0.0, 1.0 - np.abs(place[:, np.newaxis] - np.arange(size)))


def _tints(paper: str) -> np.ndarray:
    """From strong to faint, on a light or a dark paper."""
    strengths = np.linspace(0.75, 0.05, _SHADES)
    shades = [to_rgb(style.tint(style.CHOICES[5], strength, paper)) for strength in strengths]
    return (255 * np.array(shades)).round().astype(np.uint8)


_TINTS, _DARK_TINTS = _tints(style.PAPER), _tints(style.DARK_PAPER)
