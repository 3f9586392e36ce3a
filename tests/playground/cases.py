"""Random experiments, as Python and as the page sees them, and what each makes of them."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np

import nnlab
from nnlab.engine.training import Ensemble, start
from nnlab.experiment import Experiment
from nnlab.rules.losses import loss_for
from nnlab.rules.schedules import SCHEDULES, Constant, Schedule

Case = dict[str, Any]


def random_experiment(chance: random.Random) -> Experiment:
    """Return an experiment whose fields are drawn one by one; draws again where they don't fit."""
    while True:
        try:
            return _drawn(chance)
        except ValueError:
            continue


def _drawn(chance: random.Random) -> Experiment:
    data = chance.choice(
        [nnlab.parity(), nnlab.parity(), nnlab.circles(20), nnlab.moons(14), nnlab.spirals(70)]
    )
    hidden = [chance.randint(1, 9) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
    rate: Any = round(10 ** chance.uniform(-2.0, 1.3), 6)
    if chance.random() < 0.4:
        rate = _schedule(chance, rate)
    return Experiment(
        learning_rate=rate,
        init=nnlab.Initializer(
            chance.choice(list(nnlab.INITIALIZERS)), scale=chance.choice([1.0, 0.3, 2.5])
        ),
        activation=chance.choice(list(nnlab.ACTIVATIONS)),
        batch_size=chance.choice([1, 1, 2, 3, 4, "full"]),
        layers=(data.inputs.shape[1], *hidden, data.targets.shape[1]),
        optimizer=chance.choice(list(nnlab.OPTIMIZERS)),
        normalization=chance.choice([None, None, "input", "batch", "layer", "rms"]),
        weight_decay=chance.choice([0.0, 0.0, 1e-3]),
        dropout=chance.choice([0.0, 0.0, 0.25]),
        data=data,
        loss=chance.choice(list(nnlab.LOSSES)),
        output=chance.choice(["sigmoid", "sigmoid", "tanh", "linear"]),
        tolerance=chance.choice([0.01, 0.1]),
        max_updates=chance.randint(1, 1500),
        init_seed=chance.randrange(2**31),
        shuffle=chance.random() < 0.4,
        order_seed=chance.randrange(2**31),
    )


def _schedule(chance: random.Random, rate: float) -> Schedule:
    updates = chance.randint(10, 900)
    return chance.choice(
        [
            nnlab.Step(rate, updates),
            nnlab.Exponential(rate, 0.999),
            nnlab.Cosine(rate, updates, lowest=rate / 50.0),
            nnlab.WarmupCosine(rate, max(1, updates // 10), updates),
            nnlab.OneCycle(rate, updates),
        ]
    )


def as_case(experiment: Experiment, rows: int = 64, seeds: list[int] | None = None) -> Case:
    """Return the experiment as the page's engine wants it, with its data."""
    rate = experiment.learning_rate
    schedule = rate if isinstance(rate, Schedule) else Constant(float(rate))
    fields = {item.name: getattr(experiment, item.name) for item in dataclasses.fields(experiment)}
    rule, mean_and_deviation = experiment.update_rule, experiment.data.scale
    case: Case = {"rows": rows, "seeds": seeds, "pause": 997}
    case["setting"] = fields | {
        "data": "given",
        "init": experiment.start.name,
        "scale": experiment.start.scale,
        "optimizer": {"name": rule.name, "knobs": rule.knobs},
        "schedule": {
            "name": next(name for name, kind in SCHEDULES.items() if kind is type(schedule)),
            "knobs": schedule.knobs,
            "rate": experiment.rates(1)[0],
        },
    }
    case["setting"].pop("learning_rate")
    data = experiment.data
    case["data"] = {
        "inputs": data.inputs.ravel().tolist(),
        "targets": data.targets.ravel().tolist(),
        "patterns": len(data),
        "nIn": data.inputs.shape[1],
        "nOut": data.targets.shape[1],
        "mean": mean_and_deviation[0].tolist(),
        "deviation": mean_and_deviation[1].tolist(),
    }
    return case


def by_python(case: Case, experiment: Experiment) -> list[dict[str, Any]]:
    """Return what the case's runs are in Python, in the form of ``train.mjs``."""
    seeds = case["seeds"] or [experiment.init_seed]
    starts = np.stack([start(experiment.replace(init_seed=seed)) for seed in seeds])
    runs = Ensemble(
        experiment,
        starts.copy(),
        order_seeds=case["seeds"],
        rows=case["rows"],
        lanes=case.get("lanes"),
    )
    while runs.running:
        runs.advance(1.0)
    return [
        {
            "start": starts[run].tobytes().hex(),
            "outcome": ("running", "converged", "diverged", "out of updates")[end["outcome"]],
            "updates": int(end["updates"]),
            "weights": runs.weights[run].tobytes().hex(),
            "answers": _answers(experiment, runs.weights[run]),
            **_rows(runs, run),
        }
        for run, end in enumerate(runs.ends)
    ]


def _answers(experiment: Experiment, weights: np.ndarray) -> str:
    from nnlab.engine.layout import answers

    return answers(experiment, weights[np.newaxis], experiment.data.inputs).tobytes().hex()


def _rows(runs: Ensemble, run: int) -> dict[str, str]:
    updates, weights, errors = runs.history(run)
    return {
        "rows": updates.astype(np.float64).tobytes().hex(),
        "rowWeights": weights.tobytes().hex(),
        "rowErrors": errors.tobytes().hex(),
    }


def covers(experiments: list[Experiment]) -> dict[str, set[Any]]:
    """Return which values of each field of choices the experiments have."""
    seen: dict[str, set[Any]] = {
        name: {getattr(each, name) for each in experiments}
        for name in ("activation", "optimizer", "normalization", "loss", "output", "shuffle")
    }
    seen["init"] = {each.start.name for each in experiments}
    seen["schedule"] = {
        type(each.learning_rate) if isinstance(each.learning_rate, Schedule) else Constant
        for each in experiments
    }
    seen["loss_form"] = {loss_for(each.loss, each.output).name for each in experiments}
    return seen
