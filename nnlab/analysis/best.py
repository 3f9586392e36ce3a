"""A fair comparison: each at its own best setting, chosen on some seeds, reported on others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.analysis import intervals
from nnlab.analysis.scores import needed_in_use
from nnlab.experiment import Experiment
from nnlab.sweep import Sweep, sweep

__all__ = ["OwnBest", "own_best", "own_bests"]

Chance = Mapping[str, Iterable[int]]


@dataclass(frozen=True, eq=False, repr=False)
class OwnBest:
    """The setting that did best, and how it does on fresh seeds.

    Args:
        setting: the chosen value by field.
        experiment: with that setting.
        updates: (runs,) until learned, of the fresh runs; infinity where one did not learn.
        at_edge: fields whose chosen value is the least or the largest of those tried: the best may
            lie beyond.
    """

    setting: dict[str, Any]
    experiment: Experiment
    updates: np.ndarray
    at_edge: tuple[str, ...]

    @property
    def median(self) -> intervals.Interval:
        """Median of the fresh runs' updates and its 95 % interval."""
        return intervals.median(self.updates)

    @property
    def solve_rate(self) -> intervals.Interval:
        """Share of the fresh runs that learned and its 95 % interval."""
        return intervals.share(np.isfinite(self.updates))

    def __repr__(self) -> str:
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.setting.items())
        edge = f"; at the edge: {', '.join(self.at_edge)}" if self.at_edge else ""
        middle, low, high = self.median
        rate, least, most = (100.0 * each for each in self.solve_rate)
        return (
            f"<OwnBest: {chosen}; median {middle:,.0f} ({low:,.0f} to {high:,.0f}), "
            f"{rate:.0f} % learn ({least:.0f} to {most:.0f}){edge}>"
        )


def own_best(
    experiment: Experiment,
    axes: Mapping[str, Iterable[Any]],
    *,
    by: str = "median",
    choose: Chance | None = None,
    report: Chance | None = None,
    in_use: float | None = None,
) -> OwnBest:
    """Choose the best of some settings, and run it again where nothing was chosen.

    A rate that won on its seeds was lucky on them, too. ``choose={"init_seed": range(8),
    "order_seed": range(3)}`` chooses over 8 starts and 3 orders each.

    Args:
        experiment: what all settings share, its budget included.
        axes: for every field that is chosen, the values to try.
        by: "median" takes the setting of the least median of updates, of equal ones that with the
            largest solve rate; "solve_rate" the other way round; "mean" that of the least mean, a
            run that has not learned counting as the whole budget.
        choose: seeds to choose on, by field; None means 24 starts.
        report: seeds to report on, likewise; None means 100 starts. They must be new: for one field
            at least, none of its seeds may stand in both.
        in_use: a run counts as learned only if, besides, no pattern's squared error is larger than
            this when the final network is used; 0.25 is the right side of ½. None asks the stop
            rule alone, which batch norm can mislead.
    """
    return own_bests(experiment, axes, by=(by,), choose=choose, report=report, in_use=in_use)[by]


def own_bests(
    experiment: Experiment,
    axes: Mapping[str, Iterable[Any]],
    *,
    by: Sequence[str] = ("median", "solve_rate"),
    choose: Chance | None = None,
    report: Chance | None = None,
    in_use: float | None = None,
) -> dict[str, OwnBest]:
    """Choose by several measures from the same runs; arguments as of ``own_best``.

    The fastest setting is often not the surest, and a comparison by one of them hides the other.

    Returns:
        The best setting by the name of the measure.
    """
    for measure in by:
        checks.choice("by", measure, ["median", "solve_rate", "mean"])
    if in_use is not None:
        checks.number("in_use", in_use, above=0.0)
    chosen_on = _listed(choose or {"init_seed": range(24)})
    fresh = _listed(report or {"init_seed": range(1000, 1100)})
    if all(set(chosen_on.get(name, fresh[name])) & set(fresh[name]) for name in fresh):
        raise ValueError(f"report must hold new seeds, not those chosen on; got {fresh!r}")
    all_axes: dict[str, Any] = {**axes, **chosen_on}
    tried = sweep(experiment, progress=False, **all_axes)
    bests: dict[str, OwnBest] = {}
    for measure in by:
        setting = _best(tried, len(chosen_on), measure, in_use, experiment.max_updates)
        known = [each for each in bests.values() if each.setting == setting]
        reported = known[0] if known else _reported(experiment, setting, tried, fresh, in_use)
        bests[measure] = reported
    return bests


def _reported(
    experiment: Experiment,
    setting: dict[str, Any],
    tried: Sweep,
    fresh: dict[str, Any],
    in_use: float | None,
) -> OwnBest:
    best = experiment.replace(**setting)
    updates = _needed(sweep(best, progress=False, **fresh), in_use).ravel()
    at_edge = tuple(name for name in setting if _is_edge(setting[name], tried.axes[name]))
    return OwnBest(setting, best, updates, at_edge)


def _listed(chance: Chance) -> dict[str, Any]:
    return {name: list(seeds) for name, seeds in chance.items()}


def _needed(found: Sweep, in_use: float | None) -> np.ndarray:
    return found.updates_needed if in_use is None else needed_in_use(found, in_use)


def _best(
    tried: Sweep, chance: int, by: str, in_use: float | None = None, budget: int = 0
) -> dict[str, Any]:
    """Return the best setting; the last axes, so many, are chance."""
    names = list(tried.axes)[:-chance]
    shape = tuple(len(tried.axes[name]) for name in names)
    updates = _needed(tried, in_use).reshape(*shape, -1)
    medians, missed = np.median(updates, axis=-1), np.isinf(updates).mean(axis=-1)
    means = np.where(np.isinf(updates), budget, updates).mean(axis=-1)
    keys = {
        "median": (missed, medians),
        "solve_rate": (medians, missed),
        "mean": (medians, means),
    }[by]  # the last one counts first
    first = np.lexsort([key.ravel() for key in keys])[0]
    place = np.unravel_index(first, shape)
    return {name: tried.axes[name][k] for name, k in zip(names, place, strict=True)}


def _is_edge(value: Any, values: list[Any]) -> bool:
    numbers = all(isinstance(each, Real) for each in values)
    return numbers and len(values) > 1 and value in (min(values), max(values))
