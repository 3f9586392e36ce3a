"""What the page must know of nnlab, written down as JSON: names, constants, codes, colours, data.

So that nothing of it stands in JavaScript a second time.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

import nnlab
from nnlab import datasets, diagnosis
from nnlab.engine import kernels, loop, norms, records
from nnlab.engine.lanes import LANES
from nnlab.experiment import Experiment
from nnlab.plots import palette
from nnlab.rules import schedules
from nnlab.rules.activations import ACTIVATIONS, OUTPUTS
from nnlab.rules.initializers import INITIALIZERS, SEEDLESS
from nnlab.rules.losses import LOSSES
from nnlab.rules.normalization import NORMALIZATIONS
from nnlab.rules.optimizers import KNOBS, OPTIMIZERS, Optimizer
from nnlab.rules.schedules import SCHEDULES

# With a little less noise than by default, a plane can be learned to the last pattern.
_GIVEN: dict[str, dict[str, float]] = {
    "parity": {},
    "circles": {"noise": 0.06},
    "moons": {},
    "spirals": {},
    "digits": {},
}
SETS = {name: getattr(datasets, name)(**given) for name, given in _GIVEN.items()}


def facts() -> tuple[dict[str, Any], bytes]:
    """Return all facts, and the numbers of the data sets, to which the facts hold offsets."""
    sets, numbers = _datasets()
    return {
        "version": nnlab.__name__,
        "defaults": _defaults(),
        "outputs": list(OUTPUTS),
        "activations": list(ACTIVATIONS),
        "losses": list(LOSSES),
        "initializers": list(INITIALIZERS),
        "seedless": list(SEEDLESS),
        "normalizations": list(NORMALIZATIONS),
        "optimizers": [
            {
                "name": name,
                "constants": rule.knobs,
                "knobs": Optimizer(name).knobs,
                "decoupled": rule.decoupled,
            }
            for name, rule in OPTIMIZERS.items()
        ],
        "knobs": KNOBS,
        "schedules": [_schedule(name, kind) for name, kind in SCHEDULES.items()],
        "outcomes": list(records.OUTCOMES),
        "records": {
            name: _record(kind)
            for name, kind in (
                ("clock", records.CLOCK),
                ("lane", records.LANE),
                ("end", records.END),
            )
        },
        "codes": {
            "lanes": LANES,
            "idle": records.IDLE,
            "mostPatterns": records.MOST_PATTERNS,
            "slopeInSum": kernels.SLOPE_IN_SUM,
            "noNorm": norms.NO_NORM,
            "norms": norms.KINDS,
            "scheduleKnobs": schedules.KNOBS,
        },
        "usual": loop.usual(1),
        "saturated": diagnosis.SATURATED,
        "colours": _colours(),
        "sets": sets,
    }, numbers


def _defaults() -> dict[str, Any]:
    fields = dataclasses.fields(Experiment)
    article = Experiment()
    return {each.name: getattr(article, each.name) for each in fields if each.name != "data"}


def _schedule(name: str, kind: Any) -> dict[str, Any]:
    items = dataclasses.fields(kind)
    constants = {
        item.name: None if item.default is dataclasses.MISSING else item.default for item in items
    }
    return {"name": name, "call": kind.__name__, "constants": constants}


def _record(kind: np.dtype) -> dict[str, Any]:
    places = {name: kind.fields[name][1] for name in kind.names or ()}
    return {"size": kind.itemsize, "places": places}


def _colours() -> dict[str, dict[str, Any]]:
    """Return the palette, light and dark, by the names that ``palette`` gives."""

    def themed(value: Any, dark: bool) -> Any:
        if isinstance(value, tuple):
            return [themed(each, dark) for each in value]
        return palette._DARK.get(value, value) if dark else value

    names = [
        *("PATTERNS", "UNITS", "CHOICES", "POSITIVE", "NEGATIVE", "HELD_OUT", "ACCENT"),
        *("INK", "BIAS", "GHOST", "GRID", "MISSING", "PAPER"),
    ]
    found = {
        theme: {name.lower(): themed(getattr(palette, name), theme == "dark") for name in names}
        for theme in palette.THEMES
    }
    for each in found.values():  # as in ``nnlab.plots.boundary``: orange for target 0, blue for 1
        each |= {"class-0": each["patterns"][1], "class-1": each["patterns"][0]}
    return found


def _datasets() -> tuple[list[dict[str, Any]], bytes]:
    sets, numbers = [], bytearray()
    for name, given in _GIVEN.items():
        data = SETS[name]
        written = ", ".join(f"{key}={value!r}" for key, value in given.items())
        mean, deviation = data.scale
        arrays = {
            "inputs": data.inputs,
            "targets": data.targets,
            "held_out_inputs": data.validation_inputs,
            "held_out_targets": data.validation_targets,
            "mean": mean,
            "deviation": deviation,
        }
        sets.append(
            {
                "name": name,
                "call": f"nnlab.{name}({written})",
                "labels": data.labels if len(data) <= records.MOST_PATTERNS else [],
                "n_in": data.inputs.shape[1],
                "n_out": data.targets.shape[1],
                "patterns": len(data),
                "arrays": {
                    key: _stored(array, numbers)
                    for key, array in arrays.items()
                    if array is not None
                },
            }
        )
    return sets, bytes(numbers)


def _stored(array: np.ndarray, numbers: bytearray) -> dict[str, Any]:
    """Append an array's numbers; whole sixteenths, as in the digits, take a byte each."""
    sixteenths = array * 16.0
    small = bool(np.isin(sixteenths, np.arange(256)).all())
    numbers.extend(bytes(-len(numbers) % 8))
    place = {"at": len(numbers), "count": array.size, "bytes": 1 if small else 8}
    numbers.extend((sixteenths.astype(np.uint8) if small else array.astype("<f8")).tobytes())
    return place
