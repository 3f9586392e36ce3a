"""One weight on its parabola: what a learning rate does; and how Nesterov looks ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.marks import arrow
from nnlab.plots.view import Look, largest, view
from nnlab.run import Run

_POINTS = 161  # of the curve
_STEPS = 60  # drawn at the most: what still creeps by then is seen to creep
_FAR = 3.0  # times the start's distance: farther off, a run that flies off leaves the axes
_AT_EASE = 1e-9  # relative: so near to 1 or 2, ηλ is just that


def _draw(axes: Axes, experiment: Experiment) -> list[Any]:
    inputs = experiment.data.inputs
    if experiment.layers != (1, 1) or experiment.output != "linear":
        raise ValueError(
            "a parabola needs one linear weight, layers (1, 1) and output 'linear'; "
            f"got layers {experiment.layers} and output {experiment.output!r}"
        )
    if abs(inputs.mean()) > 1e-9 * np.abs(inputs).max():
        raise ValueError(f"a parabola needs inputs around 0; got inputs of mean {inputs.mean():g}")
    style.label(axes, "one weight on its parabola", x="weight w", y="loss ½ λ (w − w*)²")
    curve = axes.plot([], [], color=style.BIAS, lw=1.6)
    path = axes.plot([], [], "o-", color=style.ACCENT, ms=4, lw=1.0)
    start = axes.plot([], [], "o", color=style.INK, mfc=style.PAPER, ms=8)
    here = axes.plot([], [], "o", color=style.ACCENT, ms=9)
    look: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 10, "color": style.INK}
    words = axes.text(0.5, 0.98, "", transform=axes.transAxes, **look)
    return [*curve, *path, *start, *here, words]


@view(_draw)
def parabola(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """The loss over one weight, and the steps of a run on it: creep, jump across, or fly off.

    With plain gradient descent the distance to the minimum w* shrinks by the factor 1 − ηλ an
    update: for ηλ below 1 the weight creeps down one side, up to 2 it jumps across and comes
    closer all the same, beyond 2 it lands farther off than before. λ is the mean of the squared
    inputs. As inputs lie around 0, the bias goes its own way; what it adds to the loss is left out.

    Args:
        axes: where to draw.
        run: of one linear neuron, layers (1, 1), and the whole batch; of
            ``Dataset([[-1.0], [1.0]], [[0.0], [0.0]])`` λ is 1 and the minimum at 0.
        look: the moment, up to which steps are drawn.
        artists: the curve, the path, its start, the moment, the words.

    Raises:
        ValueError: for other layers, another output, or inputs whose mean is not 0.
    """
    curve, path, start, here, words = artists
    data = run.experiment.data
    curvature = float((data.inputs**2).mean())
    lowest = float((data.inputs * data.targets).mean()) / curvature
    weights = _path(run, look, lowest)
    away = max(abs(weights[0] - lowest), 1e-9)
    _span(axes, lowest, min(_FAR, max(1.25, 1.1 * largest(weights - lowest) / away)) * away)
    top = 0.5 * curvature * (axes.get_xlim()[1] - lowest) ** 2
    axes.set_ylim(-0.06 * top, 1.3 * top)  # the words stand above
    x = np.linspace(*axes.get_xlim(), _POINTS)
    for line, shown in ((curve, x), (path, weights), (start, weights[:1]), (here, weights[-1:])):
        line.set_data(shown, 0.5 * curvature * (shown - lowest) ** 2)
    words.set_text(_in_words(run.experiment, curvature))


def _path(run: Run, look: Look, lowest: float) -> np.ndarray:
    """The weight at each step up to the moment, as long as it is in sight or on its way out."""
    weights = run.history.flat_weights[: None if look.row == -1 else look.row + 1, 0][:_STEPS]
    with np.errstate(all="ignore"):
        gone = ~(np.abs(weights - lowest) <= 1e3 * max(abs(weights[0] - lowest), 1e-9))
    return weights[: max(int(np.argmax(gone)), 1)] if gone.any() else weights


def _span(axes: Axes, lowest: float, reach: float) -> None:
    """Let x reach as far on both sides, in round steps that seldom change."""
    if reach > (axes.get_xlim()[1] - lowest) or axes.get_xlim()[1] - lowest > 4.0 * reach:
        reach = style.round_up(reach)
    else:
        reach = axes.get_xlim()[1] - lowest
    axes.set_xlim(lowest - reach, lowest + reach)


def _in_words(experiment: Experiment, curvature: float) -> str:
    rate, plain = experiment.learning_rate, experiment.optimizer == "sgd"
    whole = experiment.patterns_per_update == len(experiment.data)
    if not (plain and whole and isinstance(rate, int | float)):
        return ""
    product = rate * curvature
    for limit, below, there in ((1.0, "creeps", "there in one step"), (2.0, "jumps across", "")):
        if abs(product - limit) <= _AT_EASE:
            return f"ηλ = {limit:g}: {there or 'to and fro for ever'}"
        if product < limit:
            return f"ηλ = {product:.3g}: {below}"
    return f"ηλ = {product:.3g}: flies off"


def look_ahead(
    axes: Axes,
    place: Sequence[float],
    velocity_step: Sequence[float],
    gradient_step: Sequence[float],
    gradient_ahead: Sequence[float],
) -> list[Text]:
    """Draw what momentum and Nesterov's momentum do from one place, on a plane of two weights.

    Both first go on as before, β times the last step. Momentum adds the gradient's step as it was
    at the place, Nesterov's the one at the point ahead (Sutskever et al. 2013).

    Args:
        axes: of the two weights, equal ones best.
        place: (2,), where the weights are.
        velocity_step: (2,), β times the last step.
        gradient_step: (2,), −η times the gradient at the place.
        gradient_ahead: (2,), −η times the gradient at the point ahead.
    """
    here, ahead = np.asarray(place, dtype=float), np.add(place, velocity_step)
    plain, nesterov, ink = (style.themed(axes, c) for c in (*style.CHOICES[:2], style.INK))
    axes.plot(*here, "o", color=ink, ms=7)
    axes.plot(*ahead, "o", color=ink, mfc=style.themed(axes, style.PAPER), ms=7)
    return [
        arrow(axes, here, ahead, ink, "on as before: β · last step"),
        arrow(axes, ahead, ahead + gradient_step, plain, "momentum: gradient from here"),
        arrow(axes, ahead, ahead + gradient_ahead, nesterov, "Nesterov: gradient ahead"),
    ]
