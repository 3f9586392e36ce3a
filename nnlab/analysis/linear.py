"""One linear neuron, trained from many starts at many rates at once: first passage and settling."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.rules.elementary import total

__all__ = ["best_rate", "passages"]


def passages(
    experiment: Experiment,
    learning_rates: Iterable[float],
    seeds: Iterable[int],
    updates: int = 1_000,
) -> tuple[np.ndarray, np.ndarray]:
    """Return when runs first learn and from when on they have learned for good.

    A pattern counts as learned where its squared error is below the experiment's tolerance. The
    rule is the one of ``nnlab.rules``, called with arrays; sums are taken in a written order, the
    same on every machine, which need not be that of ``Experiment.run`` to the last bit.

    Args:
        experiment: of one linear neuron, layers (n, 1) and output "linear", on the whole batch; its
            own learning rate and seed play no part.
        learning_rates: (rates,) to be tried.
        seeds: (seeds,) of starts.
        updates: how many each run makes; what has not happened by then is infinity.

    Returns:
        Two arrays of shape (rates, seeds): the updates after which all patterns were learned for
        the first time, and those from which on they stayed learned until the end.

    Raises:
        ValueError: for another network, or weight decay, dropout or normalization.
    """
    _check(experiment)
    inputs = np.column_stack([experiment.data.inputs, np.ones(len(experiment.data))])
    targets = experiment.data.targets[:, 0]
    starts = [experiment.replace(init_seed=seed).initial_weights()[0][:, 0] for seed in seeds]
    rates = np.array([checks.number("learning rate", rate, above=0.0) for rate in learning_rates])
    weights = np.broadcast_to(np.array(starts), (len(rates), *np.shape(starts))).copy()
    rule, memory = experiment.update_rule, tuple(np.zeros_like(weights) for _ in range(3))
    first = np.full(weights.shape[:2], np.inf)
    settled = np.full(weights.shape[:2], np.inf)
    with np.errstate(all="ignore"):  # of runs that diverge
        for t in range(checks.whole_number("updates", updates, at_least=1) + 1):
            # Sums in a written order: BLAS would add as the machine likes.
            away = total(weights[..., np.newaxis, :] * inputs, -1)[..., 0] - targets
            learned = (away**2).max(axis=-1) < experiment.tolerance  # False where it is NaN
            first[learned & np.isinf(first)] = t
            settled = np.where(learned, np.minimum(settled, t), np.inf)
            gradient = total(away[..., np.newaxis] * inputs, -2)[..., 0, :] / len(targets)
            step, memory = rule.rule.step(
                gradient, memory, rates[:, np.newaxis, np.newaxis], t + 1.0, rule.knobs
            )
            weights = weights - step
    return first, settled


def best_rate(
    experiment: Experiment,
    learning_rates: Iterable[float],
    seeds: Iterable[int],
    updates: int = 1_000,
    share: float = 0.75,
) -> float:
    """Return the rate at which a share of the starts stay learned soonest.

    The median would do for a rule that nearly always settles; of one that settles from half of the
    starts it is a coin toss. Where at no rate so many stay learned, the rate is returned at which
    so many are learned for the first time soonest.

    Args:
        experiment: as of ``passages``, which the other arguments are passed on to.
        learning_rates: (rates,) to be tried; of equal ones the first is returned.
        seeds: (seeds,) of starts.
        updates: how many each run makes.
        share: of the starts, above 0 and at most 1.
    """
    percent = 100.0 * checks.number("share", share, above=0.0, at_most=1.0)
    rates = list(learning_rates)
    first, settled = (
        np.percentile(each, percent, axis=1, method="nearest")
        for each in passages(experiment, rates, seeds, updates)
    )
    return float(rates[(settled if np.isfinite(settled).any() else first).argmin()])


def _check(experiment: Experiment) -> None:
    plain = experiment.batch_size == "full" and experiment.loss == "squared_error"
    if len(experiment.layers) != 2 or experiment.layers[1] != 1 or experiment.output != "linear":
        raise ValueError(
            "passages needs one linear neuron, layers (n, 1) and output 'linear'; "
            f"got layers {experiment.layers!r} and output {experiment.output!r}"
        )
    if not plain or experiment.normalization or experiment.weight_decay or experiment.dropout:
        raise ValueError(
            "passages needs batch_size 'full', squared error, and neither normalization nor "
            f"weight decay; got {experiment!r}"
        )
