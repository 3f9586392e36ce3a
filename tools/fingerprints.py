"""What a few hundred short runs come to, in a few letters each: equal on every machine, or a fault.

`python tools/fingerprints.py` writes tests/data/fingerprints.json, which
tests/engine/test_fingerprints.py reads. Write it anew only if numbers are meant to change, and say
so. `python tools/fingerprints.py --reference` prints them as the NumPy loop finds them, `--engine`
as the compiled one does; the test runs that on machines that it emulates.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

import nnlab
from nnlab.engine.training import Training
from nnlab.reference import train
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.normalization import NORMALIZATIONS
from nnlab.rules.random import Stream

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "fingerprints.json"
COUNT = 300
RMS = 30  # more, which the first of them are with RMS norm
DATA = (nnlab.parity(), nnlab.moons(20), nnlab.circles(12), nnlab.spirals(16))
BATCHES = (1, 1, 2, 4, "full")  # which leave no batch of one over


def experiments() -> list[nnlab.Experiment]:
    """Short experiments that have every rule often, drawn from a stream of their own.

    RMS norm came later: its runs stand behind the others, which it must not change.
    """
    rng = Stream(2015)

    def one_of(choices):
        return choices[rng.integers(len(choices), 1)[0]]

    def hidden():
        return tuple(int(units) for units in 2 + rng.integers(4, one_of((1, 1, 2, 3))))

    def rates(rate, layers):
        return one_of(
            (
                *(rate, rate, rate, tuple(rate * (1 + np.arange(layers)))),
                nnlab.Step(rate, 7, factor=0.5),
                nnlab.Exponential(rate, factor=0.97),
                nnlab.Cosine(rate, 30),
                nnlab.WarmupCosine(rate, 4, 30, lowest=rate / 10),
                nnlab.OneCycle(rate, 30),
            )
        )

    made = []
    for number in range(COUNT):
        data = one_of(DATA)
        layers = (data.inputs.shape[1], *hidden(), 1)
        loss, batch = one_of(tuple(nnlab.LOSSES)), one_of(BATCHES)
        norms = [name for name in NORMALIZATIONS[:4] if name != "batch" or batch != 1]
        made.append(
            nnlab.Experiment(
                learning_rate=rates(float(rng.uniform(0.01, 1.0, 1)[0]), len(layers) - 1),
                init=tuple(nnlab.INITIALIZERS)[number % len(nnlab.INITIALIZERS)],
                activation=tuple(nnlab.ACTIVATIONS)[number % len(nnlab.ACTIVATIONS)],
                batch_size=batch,
                layers=layers,
                optimizer=tuple(nnlab.OPTIMIZERS)[number % len(nnlab.OPTIMIZERS)],
                normalization=one_of((None, None, *norms)),
                weight_decay=one_of((0.0, 0.0, 0.01)),
                dropout=one_of((0.0, 0.0, 0.3)),
                data=data,
                loss=loss,
                output="sigmoid" if loss == "cross_entropy" else one_of(_outputs()),
                max_updates=40,
                init_seed=number,
                shuffle=one_of((False, True)),
                order_seed=number,
            )
        )
    return made + [experiment.replace(normalization="rms") for experiment in made[:RMS]]


def _outputs() -> tuple[str, ...]:
    return tuple(name for name in OUTPUTS if name != "softmax")  # which wants one-hot targets


def fingerprint(updates: int, weights: np.ndarray) -> str:
    """Eight letters that change with any bit of the weights; all NaNs are alike."""
    bits = np.where(np.isnan(weights), np.nan, weights).astype("<f8").tobytes()
    return f"{updates} {hashlib.sha256(bits).hexdigest()[:8]}"


def by_reference(experiment: nnlab.Experiment) -> str:
    """Train in NumPy."""
    _, updates, parameters = train(experiment)
    return fingerprint(updates, np.concatenate([each.ravel() for each in parameters]))


def by_engine(experiment: nnlab.Experiment) -> str:
    """Train in compiled code."""
    training = Training(experiment)
    while training.outcome == "running":
        training.advance(1.0)
    return fingerprint(training.updates, training.weights)


def main() -> None:
    """Print the fingerprints, or write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", action="store_true", help="print, as NumPy finds them")
    parser.add_argument("--engine", action="store_true", help="print, as compiled code finds them")
    given = parser.parse_args()
    way = by_reference if given.reference else by_engine
    found = [way(experiment) for experiment in experiments()]
    if given.reference or given.engine:
        json.dump(found, sys.stdout)
    else:
        TARGET.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
        print(f"{TARGET.name}: {len(found)} runs")


if __name__ == "__main__":
    main()
