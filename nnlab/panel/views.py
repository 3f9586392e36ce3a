"""The views that a live panel can show, by name.

A view is one function, ``view(axes, run, look, artists=None) -> artists``: without artists it
draws what stands still and makes what moves; with them it only moves them to the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nnlab import checks, plots

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
    "gradient noise": plots.gradient_noise,
    "activations": plots.activations,
    "gradients": plots.gradients,
    "boundary": plots.boundary,
    "function": plots.function,
    "sums": plots.sums,
    "surface": plots.surface,
}
VIEWS = OVER_TIME | OF_A_MOMENT
CURVE = "curve"  # updates over the first slider's range: of many runs, so no view of one
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
