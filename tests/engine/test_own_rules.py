"""A reader's own rules: peers' activations, update rules and starts, a few lines each."""

import math
import pickle
import re
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab import reference
from nnlab.engine import own
from nnlab.engine.training import Ensemble, start
from nnlab.panel import words
from nnlab.rules.elementary import exp, log1p, power, tanh
from nnlab.sweeps.grid import Grid
from tests.panel.panels import find

PAGE = Path(__file__).parents[2] / "docs" / "own_rules.md"
BASE = nnlab.Experiment(init="xavier", init_seed=3, learning_rate=0.05, max_updates=60)
DEEP = {"layers": (3, 4, 4, 1), "batch_size": 4, "dropout": 0.2, "shuffle": True}
ALPHA = 0.25


def mish(z):
    return z * tanh(log1p(exp(z)))


def mish_slope(z, a):
    gate = tanh(log1p(exp(z)))
    return gate + z * (1.0 - gate * gate) / (1.0 + exp(-z))


def bent(z):
    if z > 0:
        return z
    return ALPHA * z


def twice_bent(z):
    return 0.5 * bent(2.0 * z)


def clipped(z):  # by what Numba has for arrays only
    return np.clip(z, -1.0, 1.0) + 0.1 * z


def clipped_slope(z, a):
    return (np.clip(z, -1.0, 1.0) == z) + 0.1


def logistic(z):
    return 1 / (1 + math.exp(-z))


def lion(gradient, memory, learning_rate, t, knobs):
    beta1, beta2 = knobs[0], knobs[1]
    step = learning_rate * np.sign(beta1 * memory[0] + (1.0 - beta1) * gradient)
    return step, (beta2 * memory[0] + (1.0 - beta2) * gradient, memory[1], memory[2])


def radam(gradient, memory, learning_rate, t, knobs):
    beta1, beta2 = knobs[0], knobs[1]
    mean = beta1 * memory[0] + (1.0 - beta1) * gradient
    square = beta2 * memory[1] + (1.0 - beta2) * gradient * gradient
    decayed, most = power(beta2, t), 2.0 / (1.0 - beta2) - 1.0
    span = most - 2.0 * t * decayed / (1.0 - decayed)
    step = learning_rate * mean / (1.0 - power(beta1, t))
    if span > 5.0:
        ratio = (span - 4.0) * (span - 2.0) * most / ((most - 4.0) * (most - 2.0) * span)
        step = step * np.sqrt(ratio * (1.0 - decayed)) / (np.sqrt(square) + 1e-8)
    return step, (mean, square, memory[2])


def uneven(gradient, memory, learning_rate, t, knobs):
    """Which Numba refuses, as its results are of two kinds."""
    names = {"a": memory[0], 1: gradient}
    return learning_rate * names[1], (names["a"] + 1.0, 0.0, t)


def sparse(rng, n_in, n_out):
    weights = rng.standard_normal((n_in + 1, n_out))
    weights[rng.random(weights.shape) < 0.5] = 0.0
    return weights


@dataclass(frozen=True)
class UnitVariance(nnlab.Start):
    """Orthogonal, each layer scaled to sums of variance 1 (Mishkin and Matas 2015)."""

    data: nnlab.Dataset

    def weights(self, shapes, seed):
        made, below = nnlab.Initializer("orthogonal").weights(shapes, seed), self.data.inputs
        for matrix in made:
            matrix /= reference.weighted_sums(below, matrix).std()
            below = logistic_of(reference.weighted_sums(below, matrix))
        return made


def logistic_of(z):
    return 1.0 / (1.0 + np.exp(-z))


LION = nnlab.Optimizer(lion, beta1=0.9, beta2=0.99)
RADAM = nnlab.Optimizer(radam, beta1=0.9, beta2=0.9)
RULES = {
    "mish": {"activation": mish},
    "mish and its slope": {"activation": nnlab.Activation(mish, mish_slope), **DEEP},
    "if": {"activation": bent},
    "functions that call functions": {"activation": twice_bent},
    "mish, layer norm": {"activation": mish, "normalization": "layer"},
    "Lion": {"optimizer": LION, "learning_rate": 0.01},
    "RAdam": {"optimizer": RADAM, **DEEP},
    "Lion, decay and rates": {"optimizer": LION, "learning_rate": (0.1, 0.2), "weight_decay": 0.1},
    "RAdam with a schedule": {"optimizer": RADAM, "learning_rate": nnlab.Cosine(0.1, updates=50)},
    "sparse": {"init": sparse},
    "unit variance": {"init": UnitVariance(nnlab.parity())},
    "all three": {"activation": mish, "optimizer": RADAM, "init": sparse},
    "activation in Python": {"activation": clipped},
    "activation and slope in Python": {
        "activation": nnlab.Activation(clipped, clipped_slope),
        **DEEP,
    },
    "step in Python": {"optimizer": uneven},
}


@pytest.mark.parametrize("changes", RULES.values(), ids=RULES)
def test_engine_and_reference_agree_bit_for_bit(changes):
    experiment = BASE.replace(**changes)
    run = experiment.run()
    outcome, updates, parameters = reference.train(experiment)
    assert (run.outcome, run.updates) == (outcome, updates)
    for one, other in zip(run.weights, parameters, strict=False):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("changes", RULES.values(), ids=RULES)
def test_runs_in_lock_step_are_what_each_gives_alone(changes):
    experiment = BASE.replace(**changes, max_updates=20)
    seeds = [0, 1, 2]
    starts = [start(experiment.replace(init_seed=seed)) for seed in seeds]
    together = Ensemble(experiment, np.array(starts), order_seeds=seeds)
    while together.running:
        together.advance(1.0)
    for seed, weights in zip(seeds, together.weights, strict=True):
        alone = experiment.replace(init_seed=seed, order_seed=seed).run()
        np.testing.assert_array_equal(weights, alone.history.flat_weights[-1])


def test_a_rule_of_ours_written_again_gives_the_same_run():
    def again(gradient, memory, learning_rate, t, knobs):
        beta1, beta2, epsilon = knobs[0], knobs[1], knobs[2]
        mean = beta1 * memory[0] + (1.0 - beta1) * gradient
        square = beta2 * memory[1] + (1.0 - beta2) * gradient * gradient
        spread = np.sqrt(square) / np.sqrt(1.0 - power(beta2, t)) + epsilon
        return learning_rate / (1.0 - power(beta1, t)) * mean / spread, (mean, square, memory[2])

    rule = nnlab.Optimizer(again, beta1=0.9, beta2=0.999, epsilon=1e-8)
    ours, own_one = (BASE.replace(optimizer=each).run() for each in ("adam", rule))
    np.testing.assert_array_equal(ours.history.flat_weights, own_one.history.flat_weights)


def test_math_and_an_overflow_on_the_way_do_no_harm():
    rule = nnlab.Activation(logistic)
    assert rule.function(np.array([-1000.0, 0.0])).tolist() == [0.0, 0.5]
    run, ours = (BASE.replace(activation=each).run() for each in (logistic, "sigmoid"))
    np.testing.assert_allclose(run.weights[0], ours.weights[0], rtol=1e-6)


def test_the_slope_by_differences_is_right_to_nine_digits():
    z = np.linspace(-30.0, 30.0, 1001)
    slope = nnlab.Activation(mish).slope(z, mish(z))
    np.testing.assert_allclose(slope, mish_slope(z, mish(z)), rtol=1e-9, atol=1e-9)


# --- what it says and what it refuses ------------------------------------------------------------


def test_what_runs_in_python_says_so_and_names_the_line():
    said = BASE.replace(activation=clipped).run().diagnosis()
    assert "activation clipped runs in Python" in said
    assert "line 2 of clipped, 'return np.clip(z, -1.0, 1.0) + 0.1 * z" in said
    assert "Python" not in BASE.replace(activation=mish).run().diagnosis()


def test_what_may_raise_is_not_compiled_and_stops_the_run_with_its_line():
    def checked(z):
        assert np.abs(z) < 50.0
        return z

    def within(z):
        return 0.5 * checked(z)

    near, far = (
        BASE.replace(activation=within, init=nnlab.Initializer("constant", size))
        for size in (0.1, 100.0)
    )
    assert "Numba stops at line 2 of checked, 'assert" in near.run().diagnosis()
    with pytest.raises(ValueError, match=r"line 2 of checked, 'assert.*AssertionError"):
        far.run()


def test_what_is_raised_in_python_stops_the_run_and_names_the_line():
    def fragile(z):
        if np.abs(z) > 50.0:
            raise ArithmeticError("too far")
        return np.clip(z, -1.0, 1.0)

    experiment = BASE.replace(activation=fragile, init=nnlab.Initializer("gaussian", 100.0))
    with pytest.raises(ValueError, match=r"activation fragile fails, line 3 of fragile.*too far"):
        experiment.run()
    assert BASE.replace(activation="tanh").run().updates > 0  # and nothing is left of it


def wrong_name(z):
    return z * tahn(z)  # noqa: F821


def no_pair(gradient, memory, learning_rate, t, knobs):
    return learning_rate * gradient


def half_defined(z):
    return np.sqrt(z)


def nothing(z):
    pass


def short_memory(gradient, memory, learning_rate, t, knobs):
    return gradient, (0.0,)


def without_bias(rng, n_in, n_out):
    return np.ones((n_in, n_out))


def drawn(rng, n_in, n_out):
    return rng.normal()


REFUSED = {
    "a name that is not there": (
        {"activation": wrong_name},
        r"activation wrong_name fails, line 2 of wrong_name, 'return z \* tahn\(z\).*NameError",
    ),
    "too many arguments": ({"activation": lion}, r"activation lion fails, called with \(z\)"),
    "no number": ({"activation": half_defined}, r"give a finite number for every z, here -4; got"),
    "nothing": ({"activation": nothing}, r"activation nothing must give a finite number"),
    "no function": ({"activation": np.tanh}, r"activation must be a name or a function \(z\)"),
    "no name": ({"activation": lambda z: z}, r"function \(z\) made by def; got <function <lambda>"),
    "no memory": ({"optimizer": no_pair}, r"no_pair must return the change and the memory.*got"),
    "short memory": ({"optimizer": short_memory}, r"a tuple of three numbers; got"),
    "a shape": ({"init": without_bias}, r"here \(4, 5\); got"),
    "a missing method": ({"init": drawn}, r"init drawn fails, line 2 of drawn, 'return rng.normal"),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_does_not_do_is_refused_at_once(changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        BASE.replace(**changes)


def bent_slope(z, a):
    return (z > 0) + ALPHA * (z <= 0)


def test_a_wrong_slope_is_refused_with_the_place():
    with pytest.raises(
        ValueError, match=r"slope bent_slope must be the slope of mish, by differences"
    ):
        nnlab.Activation(mish, bent_slope)


def test_constants_are_checked():
    with pytest.raises(ValueError, match="lion may have 4 constants; got 5"):
        nnlab.Optimizer(lion, a=1, b=2, c=3, d=4, e=5)
    with pytest.raises(TypeError, match="beta1 must be a number"):
        nnlab.Optimizer(lion, beta1="0.9")


def test_a_start_of_another_shape_is_refused():
    class Flat(nnlab.Start):
        def weights(self, shapes, seed):
            return [np.zeros(3) for _ in shapes]

    experiment = BASE.replace(init=Flat())
    with pytest.raises(ValueError, match=r"init must give weights of shapes"):
        experiment.run()
    with pytest.raises(ValueError, match=r"init must give weights of shapes"):
        nnlab.sweep(experiment, init_seed=range(2), progress=False)


# --- what it is ----------------------------------------------------------------------------------


def in_a_cell(code):
    """Functions as a notebook's cell makes them: their module can't be imported elsewhere."""
    names = {"__name__": "__main__"}
    exec(code, names)
    return names


CELL = """
from nnlab.rules.elementary import exp
import numpy as np
half = 0.5
def gate(z):
    return 1.0 / (1.0 + exp(-z))
def mine(z):
    return half * z * gate(z)
"""


def test_the_same_lines_are_the_same_rule():
    one, other = (BASE.replace(activation=in_a_cell(CELL)["mine"]) for _ in range(2))
    moved = BASE.replace(activation=in_a_cell("\n\n" + CELL)["mine"])
    assert one == other == moved
    assert hash(one) == hash(moved)
    assert own.function_of(one.activation) == own.function_of(moved.activation)
    for line, instead in (("0.5", "0.25"), ("1.0 +", "2.0 +"), ("half *", "half +")):
        changed = BASE.replace(activation=in_a_cell(CELL.replace(line, instead))["mine"])
        assert changed != one


def test_what_changes_later_changes_no_experiment():
    cell = in_a_cell(CELL)
    experiment = BASE.replace(activation=cell["mine"])
    before = experiment.run().history.flat_weights[-1]
    cell["half"] = 5.0
    cell["gate"] = bent
    np.testing.assert_array_equal(experiment.run().history.flat_weights[-1], before)
    np.testing.assert_array_equal(reference.train(experiment)[2][0].ravel(), before[:20])
    assert BASE.replace(activation=cell["mine"]) != experiment


def test_its_repr_is_the_line_that_makes_it():
    experiment = BASE.replace(activation=mish, optimizer=LION, init=sparse)
    assert "activation=nnlab.Activation(mish)" in repr(experiment)
    assert "optimizer=nnlab.Optimizer(lion, beta1=0.9, beta2=0.99)" in repr(experiment)
    names = {"nnlab": nnlab, "mish": mish, "lion": lion, "sparse": sparse}
    assert eval(repr(experiment), names) == experiment
    assert repr(nnlab.Activation(mish, mish_slope)) == "nnlab.Activation(mish, mish_slope)"


def test_it_travels_to_other_processes():
    experiment = BASE.replace(
        activation=in_a_cell(CELL)["mine"], optimizer=LION, init=in_a_cell(PAGE_START)["sparse"]
    )
    assert pickle.loads(pickle.dumps(experiment)) == experiment
    here = nnlab.sweep(experiment, init_seed=range(3), progress=False)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        there = nnlab.sweep(experiment, executor=executor, init_seed=range(3), progress=False)
    np.testing.assert_array_equal(here.loss, there.loss)


PAGE_START = """
def sparse(rng, n_in, n_out):
    weights = rng.standard_normal((n_in + 1, n_out))
    weights[rng.random(weights.shape) < 0.5] = 0.0
    return weights
"""


def test_a_sweep_varies_it_and_knows_it_from_another_of_its_name():
    sweep = nnlab.sweep(BASE, activation=[mish, "tanh"], init_seed=range(2), progress=False)
    for rule in (mish, "tanh"):
        alone = BASE.replace(activation=rule, init_seed=1).run()
        cell = sweep.axes["activation"][0 if rule is mish else 1]
        assert sweep.experiment(activation=cell, init_seed=1) == alone.experiment
    one, other = (
        Grid(BASE, {"activation": [in_a_cell(each)["mine"]]}).fingerprint()
        for each in (CELL, CELL.replace("0.5", "0.6"))
    )
    again = Grid(BASE, {"activation": [in_a_cell(CELL)["mine"]]}).fingerprint()
    assert one == again != other


def test_rules_in_python_raise_in_the_thread_that_runs_them():
    def failing(z):
        if z > 4.5:
            raise ArithmeticError("here")
        return np.clip(z, -1.0, 1.0)

    far = BASE.replace(activation=failing, init=nnlab.Initializer("constant", 10.0))
    raised = []

    def train():
        try:
            far.run()
        except ValueError as error:
            raised.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    near = BASE.replace(activation=failing, init=nnlab.Initializer("constant", 0.01)).run()
    thread.join()
    assert near.outcome != "running"
    assert len(raised) == 1


def test_a_panel_offers_it_by_its_name():
    panel = nnlab.live(
        BASE,
        activation=["sigmoid", mish, clipped],
        optimizer=["sgd", LION, nnlab.Optimizer(uneven)],
        init=["xavier", sparse],
        views=["errors", "function", "saturation", "sums"],
    )
    chosen = {}
    for name in ("activation", "optimizer", "init"):
        dropdown = find(panel, name)
        chosen[name] = [label for label, _ in dropdown.options]
        dropdown.value = dropdown.options[1][1]
        assert panel.wait(30)
    find(panel, "activation").value = nnlab.Activation(clipped)
    assert panel.wait(30)
    assert chosen["activation"] == ["sigmoid", "mish", "clipped"]
    assert chosen["optimizer"] == ["sgd", "nnlab.Optimizer(lion, beta1=0.9, beta2=0.99)", "uneven"]
    assert chosen["init"] == ["xavier", "sparse"]
    assert panel.experiment == BASE.replace(activation=clipped, optimizer=LION, init=sparse)
    assert panel.run.experiment == panel.experiment
    assert "activation clipped runs in Python" in words.plain(panel.status.value)
    panel.close()


def test_the_page_runs():
    """Every line of its examples, as a reader would paste them."""
    text = PAGE.read_text(encoding="utf-8")
    code = "\n".join(line[4:] for line in re.findall(r"^(?: {4}.*)?$", text, flags=re.M))
    names = in_a_cell(code)
    names["panel"].close()
    assert names["run"].updates > 0
    assert names["solved"].updates.shape == (2, 20)
