"""What a network has drawn on a plane: its answer everywhere, and the patterns over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from nnlab.data import Dataset
from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.plots import style
from nnlab.plots.view import Look, of_all, some, view
from nnlab.reference import forward
from nnlab.run import Run

GRID = 48  # points along each axis
_MOST_PATTERNS = 2_000  # more would hide one another
_FAINT, _FULL = 0.18, 0.62  # how strong a colour is where the answer is a toss-up, and certain
_CLASSES = (style.PATTERNS[1], style.PATTERNS[0], *style.PATTERNS[2:])  # target 0, 1, ...


@view(lambda axes, experiment: _draw(axes, experiment))
def boundary(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Draw a network's answer at every point of the plane, and the patterns it learns from.

    A colour is a class, orange for target 0 and blue for 1; the stronger it is, the surer the
    network. Patterns that lie on the wrong side are ringed. Where the network gives no finite
    answer, the plane is grey.

    Args:
        axes: where to draw; empty if ``artists`` is None.
        run: of a network with two inputs. A single output says which half of the targets' range it
            means, the largest of several which class.
        look: the moment.
        artists: the image, dots of each class, rings.

    Raises:
        ValueError: if the data has not two inputs, or more outputs than there are colours.
    """
    experiment, (image, *_, wrong) = run.experiment, artists
    data, parameters = experiment.data, unflatten(experiment, run.history.flat_weights[look.row])
    inputs, targets = _shown(data)
    places = np.vstack([_grid(data), inputs])
    with np.errstate(all="ignore"):
        answers = forward(experiment, parameters, places)[-1]
    on_grid, on_data = np.split(answers, [GRID * GRID])
    image.set_data(_tints(axes, on_grid, data).reshape(GRID, GRID, 4))
    missed = _classes(on_data, data)[0] != _classes(targets, data)[0]
    wrong.set_data(*inputs[missed].T)


def _draw(axes: Axes, experiment: Experiment) -> list[Artist]:
    data = experiment.data
    if data.inputs.shape[1] != 2:
        raise ValueError(
            f"a boundary needs data with 2 inputs, a plane; got {data.inputs.shape[1]} inputs"
        )
    if data.targets.shape[1] > len(_CLASSES):
        raise ValueError(
            f"a boundary has colours for up to {len(_CLASSES)} outputs; got {data.targets.shape[1]}"
        )
    inputs, targets = _shown(data)
    title = "what the network has drawn" + of_all(len(inputs), len(data), "patterns")
    style.label(axes, title, x="input 1", y="input 2")
    (left, right), (bottom, top) = _limits(data)
    axes.grid(False)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    image = axes.imshow(
        np.full((GRID, GRID, 4), 255, np.uint8),
        origin="lower",
        extent=(left, right, bottom, top),
        interpolation="nearest",
        aspect="equal",  # a circle is to be seen as one
        zorder=0,
    )
    kinds = _classes(targets, data)[0]
    dots: dict[str, Any] = {"marker": "o", "ms": 4.5, "lw": 0, "mec": "white", "mew": 0.5}
    points = [
        axes.plot(*inputs[kinds == kind].T, color=_CLASSES[kind], **dots)[0]
        for kind in range(kinds.max() + 1)
    ]
    (wrong,) = axes.plot([], [], "o", ms=7, mfc="none", mec=style.INK, mew=1.2)
    return [image, *points, wrong]


def _shown(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of the patterns that are drawn, evenly spread among all."""
    places = some(len(data), _MOST_PATTERNS)
    return data.inputs[places], data.targets[places]


def _limits(data: Dataset) -> list[tuple[float, float]]:
    """Left and right, bottom and top, with a margin around the patterns."""
    low, high = data.inputs.min(axis=0), data.inputs.max(axis=0)
    margin = np.maximum(0.08 * (high - low), 1e-3)
    return list(zip(low - margin, high + margin, strict=True))


def _grid(data: Dataset) -> np.ndarray:
    """Centres of the picture's cells, row by row from the bottom, (GRID², 2)."""
    middles = (np.arange(GRID) + 0.5) / GRID
    x, y = (low + (high - low) * middles for low, high in _limits(data))
    return np.column_stack([np.tile(x, GRID), np.repeat(y, GRID)])


def _classes(answers: np.ndarray, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the class that each row of outputs means, and how surely, from 0 to 1 or NaN."""
    if answers.shape[1] == 1:
        low, high = data.targets.min(), data.targets.max()
        if low == high:  # of a single class: the other one is on the far side of 0 or of 1
            low, high = (min(low, 0.0), max(high, 1.0)) if low in (0.0, 1.0) else (0.0, 2.0 * low)
        half = max(high - low, 1e-12) / 2.0
        lean = (answers[:, 0] - (low + high) / 2.0) / half
        return (lean > 0.0).astype(int), np.abs(lean)
    chance = 1.0 / answers.shape[1]
    return answers.argmax(axis=1), (answers.max(axis=1) - chance) / (1.0 - chance)


def _tints(axes: Axes, answers: np.ndarray, data: Dataset) -> np.ndarray:
    """Colours of the answers, (rows, 4) bytes: with opacity, as is fastest to draw."""
    paper = 255.0 * np.array(to_rgb(axes.get_facecolor()))
    kinds, sureness = _classes(answers, data)
    strength = _FAINT + (_FULL - _FAINT) * np.clip(np.nan_to_num(sureness), 0.0, 1.0)
    full = 255.0 * np.array([to_rgb(colour) for colour in _CLASSES])
    tints = paper + (full[kinds] - paper) * strength[:, np.newaxis]
    tints[~np.isfinite(answers).all(axis=1)] = 255.0 * np.array(to_rgb(style.GHOST))
    return np.insert(tints, 3, 255.0, axis=1).astype(np.uint8)
