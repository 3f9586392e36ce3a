"""The views that a live panel can show, by name.

A view is one function, ``view(axes, run, look, artists=None) -> artists``: without artists it
draws what stands still and makes what moves; with them it only moves them to the run. Views of many
seeds get a list of runs in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes

from nnlab import checks, plots
from nnlab.panel import seeds_views
from nnlab.panel.subjects import Subject
from nnlab.plots import Look

OVER_TIME: dict[str, Callable] = {
    "errors": plots.errors,
    "accuracy": plots.accuracy,
    "first weights": plots.first_weights,
    "last weights": plots.last_weights,
    "saturation": plots.saturation,
    "distinct units": plots.distinct_units,
    "steps": plots.steps,
}
OF_A_MOMENT: dict[str, Callable] = {
    "network": plots.network,
    "outputs": plots.outputs,
    "parabola": plots.parabola,
    "gradient noise": plots.gradient_noise,
    "activations": plots.activations,
    "gradients": plots.gradients,
    "boundary": plots.boundary,
    "function": plots.function,
    "sums": plots.sums,
    "surface": plots.surface,
}
VIEWS = OVER_TIME | OF_A_MOMENT
OF_SEEDS: dict[str, Callable] = {
    "errors of seeds": seeds_views.errors,
    "learned by": seeds_views.learned,
}
CURVE = "curve"  # updates over the first slider's range: of many settings, so no view of one
SOLVE_RATE = "solve rate"  # the same for the share of the seeds that learn
MOST = 6
DEFAULT_VIEWS = ("errors", CURVE, "first weights", "last weights")


def checked(names: Sequence[str]) -> list[str]:
    """Return the names as a list; raise ValueError for unknown, doubled, too few or too many."""
    if isinstance(names, str) or not 1 <= len(names) <= MOST:
        raise ValueError(f"views must be a list of 1 to {MOST} names; got {names!r}")
    for name in names:
        checks.choice("a view", name, [*VIEWS, CURVE])
    if len(set(names)) < len(names):
        raise ValueError(f"views must differ from one another; got {names!r}")
    return list(names)


def shown(names: Sequence[str], many: bool, curve: bool) -> list[str]:
    """Return the views to show of one run, or of many seeds.

    Args:
        names: asked for, of one run.
        many: whether it is many seeds that are shown.
        curve: whether there is a slider that curves can span.
    """
    if many:
        return [*OF_SEEDS, *((CURVE, SOLVE_RATE) if curve else ())]
    return [name for name in names if curve or name != CURVE]


def draw(name: str, axes: Axes, subject: Subject, look: Look, artists: Any | None) -> list[Any]:
    """Draw or move one view, whatever the subject."""
    if subject.many:
        return OF_SEEDS[name](axes, subject.runs, look, artists)
    return VIEWS[name](axes, subject.runs[0], look, artists)
