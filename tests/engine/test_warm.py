"""Once `python -m nnlab.warm` has run, nothing is compiled again: no change of a field pauses."""

import pickle
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from numba import njit
from numba.core import event

import nnlab
from nnlab import warm
from nnlab.engine import loop
from nnlab.engine.lanes import LANES
from nnlab.engine.training import Ensemble, start
from nnlab.experiment import FIELDS
from nnlab.panel.views import CURVE, VIEWS
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.normalization import NORMALIZATIONS

LIMIT = 1.0  # seconds that a first call may take longer than a second one
LIMIT_OF_LOADING = 2.0  # the very first one of a process, which also imports Numba
LOADING = "the first run"
BASE = nnlab.Experiment(max_updates=20)
CLASSES = {
    "data": nnlab.Dataset(np.arange(18).reshape(6, 3), np.eye(3)[[0, 1, 2, 2, 1, 0]]),
    "layers": (3, 5, 3),
}
PLANE = {"layers": (2, 5, 1), "batch_size": 10}
MIXED = {"batch_size": 4, "layers": (3, 4, 4, 1), "shuffle": True}  # the last batch holds 2


def changes():
    """Settings that between them give each field every name and every kind of value it takes."""
    column_major = np.asfortranarray(BASE.data.inputs)
    held_out = nnlab.Dataset(column_major, BASE.data.targets, "own", [[1, 0, 0]], [[1]])
    return [
        *[{"learning_rate": rate} for rate in (5, 0.5, np.float64(0.5), np.float32(0.5))],
        *[{"learning_rate": rates} for rates in ((0.1, 0.2), (1, np.float64(2)))],
        {"learning_rate": (0.1, 0.2, 0.3), "normalization": "batch", **MIXED},
        {"learning_rate": nnlab.Constant(0.1)},
        {"learning_rate": nnlab.Step(0.5, every=9)},
        {"learning_rate": nnlab.Exponential(0.5, factor=0.9)},
        {"learning_rate": nnlab.Cosine(0.5, updates=20)},
        {"learning_rate": nnlab.WarmupCosine(0.5, warmup=5, updates=20)},
        {"learning_rate": nnlab.OneCycle(0.5, updates=20)},
        *[{"init": name} for name in nnlab.INITIALIZERS],
        {"init": nnlab.Initializer("gaussian", scale=2)},
        {"init": nnlab.After(BASE.replace(optimizer="adam"), updates=10)},
        *[{"activation": name} for name in nnlab.ACTIVATIONS],
        *[{"batch_size": size} for size in (1, 2, np.int64(5), 6, "full")],
        *[{"layers": layers} for layers in ((3, 1), (3, 1, 1), (3, 40, 1), (3, 9, 9, 9, 9, 1))],
        *[{"optimizer": name} for name in nnlab.OPTIMIZERS],
        *[{"optimizer": nnlab.Optimizer(name)} for name in ("sgd", "nadam")],
        {"optimizer": nnlab.Optimizer("adam", beta1=0, epsilon=np.float64(1e-3))},
        *[{"normalization": name, **MIXED} for name in NORMALIZATIONS],
        *[{"weight_decay": 0.1, "optimizer": name} for name in ("sgd", "adamw")],
        *[{"dropout": 0.5, "normalization": name, **MIXED} for name in NORMALIZATIONS],
        *[{"data": data, **PLANE} for data in (nnlab.circles(), nnlab.moons(), nnlab.spirals())],
        {
            "data": nnlab.digits(),
            "layers": (64, 32, 10),
            "batch_size": 32,
            "normalization": "input",
        },
        {"data": held_out},
        {"data": pickle.loads(pickle.dumps(held_out))},
        *[{"output": name, "loss": "squared_error", **CLASSES} for name in OUTPUTS],
        *[{"output": name, "loss": "cross_entropy", **CLASSES} for name in ("sigmoid", "softmax")],
        *[{"tolerance": number} for number in (0, 0.5, 100)],
        *[{"max_updates": number} for number in (1, np.int32(7))],
        *[{name: 3, "shuffle": True, "init": "he"} for name in ("init_seed", "order_seed")],
    ]


def uses(changed):
    """What is done with each setting, by name."""
    experiment = BASE.replace(**changed)
    drawn = experiment.replace(init="gaussian")
    return {
        f"run {changed}": experiment.run,
        f"side by side {changed}": partial(side_by_side, experiment),
        f"range test {changed}": partial(nnlab.range_test, experiment, updates=5),
        f"sweep of seeds {changed}": partial(sweep, drawn, init_seed=range(2)),
        f"sweep of rates {changed}": partial(sweep, experiment, learning_rate=[0.1, 0.2]),
    }


def other_uses():
    """What is done with a few settings only, by name."""
    return {
        "watched run": watched,
        "predict": lambda: BASE.run().predict([[0, 1, 0]]),
        "panel": panel,
        **{f"view {name!r}": partial(view, name) for name in [*VIEWS, CURVE]},
        "sweep over names": partial(
            sweep,
            BASE,
            activation=list(nnlab.ACTIVATIONS),
            optimizer=list(nnlab.OPTIMIZERS),
            learning_rate=[0.1, 5.0],
        ),
        "sweep over kinds": partial(
            sweep,
            BASE.replace(init="he", batch_size=3),
            normalization=NORMALIZATIONS,
            dropout=[0, 0.5],
            learning_rate=[0.1, (0.1, 0.2), nnlab.Cosine(0.5, updates=20)],
            init_seed=range(3),
        ),
    }


def sweep(experiment, **axes):
    """Without a bar."""
    return nnlab.sweep(experiment, progress=False, **axes)


def side_by_side(experiment):
    """Runs in all lanes, as in a large sweep; a small one need not fill them."""
    many = Ensemble(experiment, np.tile(start(experiment), (LANES, 1)))
    while many.running:
        many.advance(seconds=1.0)


def watched():
    """A run that shows its progress and is stopped."""
    seen = []
    endless = BASE.replace(tolerance=0, max_updates=10**15)
    endless.run(progress=lambda run: seen.append(run.history.loss), stop=lambda: len(seen) > 1)


def panel():
    """A live panel whose every control is moved."""
    shown = nnlab.live(
        BASE,
        learning_rate=(0.01, 50.0),
        init=["alternating", "xavier"],
        activation=["sigmoid", "relu"],
        batch_size=(1, 6),
        layers=[(3, 5, 1), (3, 4, 4, 1)],
        optimizer=["sgd", "adam"],
        normalization=[None, "input", "layer"],
        dropout=(0.0, 0.5),
        shuffle=False,
    )
    moved = [5.0, "xavier", "relu", 4, (3, 4, 4, 1), "adam", "layer", 0.5, True]
    for each, value in zip(shown._inputs.values(), moved, strict=True):
        span = each.control.range  # of a slider
        each.widget.value = value if span is None else span.position(value)
    assert shown.experiment.optimizer == "adam"
    assert shown.wait(60)
    shown.close()


def view(name):
    """A live panel with one view."""
    only = {  # the only kinds of data and layers that these views take
        "boundary": {"data": nnlab.circles(), "layers": (2, 5, 1)},
        "parabola": {"data": nnlab.ravine(), "layers": (1, 1), "output": "linear"},
    }
    experiment = BASE.replace(**only.get(name, {}))
    nnlab.live(experiment, views=[name], learning_rate=(0.01, 50.0)).close()


def warmed():
    """Warm up; to be called in a new process.

    Returns:
        For each compiled entry point of the engine, the kinds of arguments it was called with.
    """
    warm.main()
    for name in called():
        warm.use(name)  # which the warm-up may have left to other processes
    return called()


def called():
    return {each.py_func.__name__: set(map(str, each.signatures)) for each in loop.ENTRIES}


def measure():
    """Use every setting twice; to be called in a new process.

    Returns:
        By the name of the use, the processor's seconds of its first call less those of its second;
        the names of all functions that were compiled meanwhile; what ``called`` says at the end.
    """
    pauses, compiled = {}, []
    with event.install_recorder("numba:compile") as recorder:
        for use, call in all_uses().items():
            begin = time.process_time()
            call()
            middle = time.process_time()
            call()
            pauses[use] = 2 * middle - begin - time.process_time()
        compiled += [str(each.data["dispatcher"]) for _, each in recorder.buffer]
    return pauses, compiled, called()


def all_uses():
    """By their names; the first one imports Numba and loads what is compiled."""
    return (
        {LOADING: BASE.run}
        | {use: call for changed in changes() for use, call in uses(changed).items()}
        | other_uses()
    )


def in_a_new_process(function):
    """What the function returns there."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        return executor.submit(function).result()


@pytest.fixture(scope="module")
def warm_calls():
    """What the warm-up calls."""
    return in_a_new_process(warmed)


@pytest.fixture(scope="module")
def measured(warm_calls):
    """What a fresh process measures once the cache is warm."""
    return in_a_new_process(measure)


def test_no_change_of_a_field_pauses(measured):
    pauses, _, _ = measured
    long = {use: pause for use, pause in pauses.items() if pause > LIMIT and use != LOADING}
    assert long == {}
    assert pauses[LOADING] < LIMIT_OF_LOADING


def test_no_change_of_a_field_compiles_anything(measured):
    _, compiled, _ = measured
    assert compiled == []


def test_the_warm_up_compiles_all_that_is_ever_called(warm_calls, measured):
    """Whatever else has filled the cache of this machine."""
    assert [name for name, kinds in warm_calls.items() if len(kinds) != 1] == []
    assert measured[2] == warm_calls


def test_every_field_is_changed():
    assert {name for changed in changes() for name in changed} == set(FIELDS)


def test_what_is_compiled_would_be_noticed():
    """The event that must not happen above does happen for a function that is new."""
    with event.install_recorder("numba:compile") as recorder:
        njit(lambda number: number + 1)(1)
    assert len(recorder.buffer) > 0
