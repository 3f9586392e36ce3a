"""The front door: whatever is brought is taken as its plain value, or refused by name."""

import datetime
import decimal
import fractions
import math
import re
import subprocess
import sys
import warnings
from collections import OrderedDict, deque
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.experiment import FIELDS

ROOT = Path(nnlab.__file__).parents[1]
BITS = nnlab.parity().inputs
ODD = nnlab.parity().targets
SHORT = nnlab.Experiment(max_updates=6)
RUN = SHORT.run()


# --- other libraries' objects, as far as they can be met without them ----------------------------


class Tensor:
    """Converts itself, and fails as a tensor with gradients does."""

    shape = (6, 3)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Frame:
    """What of a pandas DataFrame nnlab relies on: it turns itself into an array."""

    def __init__(self, values):
        self.values = values

    @property
    def shape(self):
        return np.shape(self.values)

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter("abc")  # a DataFrame runs through its columns' names

    def __getitem__(self, key):
        raise KeyError(key)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


class Series(Frame):
    """As a DataFrame, but it runs through its values."""

    def __iter__(self):
        return iter(self.values)


class Sparse:
    shape = (6, 3)

    def toarray(self):
        raise AssertionError("nobody asked for a dense copy")


class Unspeakable:
    """Has no repr, no truth, no length and no equality."""

    def __repr__(self):
        raise RecursionError("repr")

    def __len__(self):
        raise OSError("len")

    def __bool__(self):
        raise ArithmeticError("bool")

    def __eq__(self, other):
        raise LookupError("==")

    __hash__ = None


# --- the kinds -----------------------------------------------------------------------------------

DTYPES = "bool int8 uint8 int32 int64 uint64 float16 float32 float64 longdouble"
STRANGE_DTYPES = "complex64 complex128 S3 U3 M8[D] M8[ns] m8[ns] V8 object"
SCALARS = [
    *(np.dtype(name).type(1) for name in DTYPES.split()),
    *(np.array(1, dtype=name) for name in DTYPES.split()),
    *(0, 1, 2, 3, -1, 0.5, 1.0, -0.0, True, False, None, 1e-320, 5e-324, 1e308, -1e308),
    *(np.float32(1e-45), np.float16(6e-8), np.longdouble("1e-4900"), np.longdouble("1e4900")),
    *(math.nan, math.inf, -math.inf, np.nan, np.float32("inf"), np.array(np.nan)),
    *(
        10**18,
        10**18 + 1,
        2**63,
        2**64,
        2**128,
        10**400,
        -(10**400),
        10**5000,
        np.uint64(2**64 - 1),
    ),
    *(1j, np.complex128(1), decimal.Decimal("0.5"), decimal.Decimal("NaN")),
    *(fractions.Fraction(1, 2), fractions.Fraction(1, 10**400)),
    *(
        "adam",
        "sigmoid",
        "zeros",
        "cross_entropy",
        "full",
        "",
        "x" * 10**6,
        "0.5",
        "½",
        "\n",
        np.str_("tanh"),
    ),
    *(b"adam", np.bytes_(b"adam"), bytearray(b"1"), memoryview(b"1")),
    *(datetime.date(2020, 1, 1), np.datetime64("2020-01-01"), np.timedelta64(5, "ns")),
    *(np.datetime64("2020-01-01", "ns"), np.datetime64("NaT"), datetime.timedelta(1)),
    *(np.ma.masked, np.ma.array(1.0, mask=True), np.ma.array(1.0), np.void(b"1234")),
]
ROWS = [
    *((), [], [1], (1, 2), [3, 5, 1], (3, 5, 1), [3, [5], 1], [0.1, 0.2], (0.1, "0.2")),
    *(range(3), range(10**9), deque([3, 5, 1]), {3, 5, 1}, frozenset([1]), {3: 5}),
    *(OrderedDict(a=1), iter([3, 5, 1]), (k for k in (3, 5, 1)), map(int, "351"), [None] * 3),
    *(np.array([3, 5, 1], dtype=name) for name in DTYPES.split()),
    *(np.zeros(3, dtype=name) for name in STRANGE_DTYPES.split()),
    *(np.ma.array([3, 5, 1]), np.ma.array([3, 5, 1], mask=[0, 1, 0]), np.array([]), [np.ma.masked]),
    *(Series([3, 5, 1]), Series([0.1, 0.2]), Frame([3, 5, 1]), ["a", "b"], (1, 2, 1, 2, 1)),
]
TABLES = [
    *(BITS.astype(name) for name in DTYPES.split()),
    *(np.zeros((6, 3), dtype=name) for name in STRANGE_DTYPES.split()),
    *(BITS, ODD, BITS.tolist(), tuple(map(tuple, BITS)), [np.array(row) for row in BITS]),
    *(
        BITS[:, 0],
        BITS[:0],
        BITS[:, :0],
        BITS[np.newaxis],
        BITS.T,
        BITS[::-1],
        np.asfortranarray(BITS),
    ),
    *(BITS.view(np.recarray), np.broadcast_to(0.0, (10**9, 10**9))),
    *(np.ma.array(BITS), np.ma.masked_equal(BITS, 0), [np.ma.masked_equal(row, 0) for row in BITS]),
    *([[1.0, np.ma.masked, 0.0]] * 6, [[1.0], [1.0, 2.0]], [[]], [[[1.0]]], [[None] * 3] * 6),
    *([["1", "0", "1"]] * 6, [[1, "a", 2.0]] * 6, [[10**400, 0, 0]] * 6, [[True, False, 0.5]] * 6),
    *(BITS * np.nan, np.where(BITS, np.inf, 0), BITS * 1e308, BITS * 1e-310, BITS + 1e16),
    *(np.full((6, 3), np.longdouble("1e4900")), [[decimal.Decimal(1)] * 3] * 6, [{1, 2, 3}] * 6),
    *(np.full((6, 3), np.float32(1), dtype=object), np.full((6, 3), np.datetime64("2020"), object)),
    *(Frame(BITS), Frame(BITS.astype(object)), Frame([["a"] * 3] * 6), Tensor(), Sparse()),
]
OBJECTS = [object(), Unspeakable(), type, int, print, lambda *a: 1.0, Ellipsis, NotImplemented, re]
OBJECTS += [nnlab.parity(), nnlab.Experiment(), nnlab.Cosine(0.1, 5), nnlab.Initializer("he")]
OBJECTS += [nnlab.Optimizer("adam"), nnlab.Experiment, nnlab.After(SHORT, 2), SHORT.run]
LOOP: list = []
LOOP.append(LOOP)
BROUGHT = [*SCALARS, *ROWS, *TABLES, *OBJECTS, LOOP]


def plain(value):
    """The plain value that a NumPy scalar, a list or an array stands for."""
    if isinstance(value, np.ma.MaskedArray):
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufUg":
        value = value.astype(np.float64) if value.dtype == np.longdouble else value
        value = value.tolist()
    if isinstance(value, deque | Series | range) and len(value) < 10:
        value = list(value)
    return tuple(map(plain, value)) if isinstance(value, list) and value is not LOOP else value


def experiment_field(field):
    def make(value):
        built = nnlab.Experiment(**{field: value})
        assert eval(repr(built), {"nnlab": nnlab, built.data.code: built.data}) == built
        hash(built)
        return built

    return make


def arguments():
    """Every public argument: how it is called, and a function that brings a value there."""
    for field in FIELDS:
        yield field, experiment_field(field)
        yield field, lambda value, field=field: SHORT.replace(**{field: value})
    yield "inputs", lambda value: nnlab.Dataset(value, ODD)
    yield "targets", lambda value: nnlab.Dataset(BITS, value)
    yield "name", lambda value: nnlab.Dataset(BITS, ODD, value)
    yield "validation_", lambda value: nnlab.Dataset(BITS, ODD, validation_inputs=value)
    yield "validation_targets", lambda v: nnlab.Dataset(BITS, ODD, "a", BITS, validation_targets=v)
    yield "classes", lambda value: nnlab.Dataset(BITS, ODD, classes=value)
    yield "inputs", lambda value: nnlab.Dataset.from_labels(value, list("ababab"))
    yield "labels", lambda value: nnlab.Dataset.from_labels(BITS, value)
    yield "name", lambda value: nnlab.Dataset.from_labels(BITS, list("ababab"), name=value)
    yield "held_out", lambda v: nnlab.Dataset.from_labels(BITS, list("ababab"), held_out=v)
    yield "seed", lambda v: nnlab.Dataset.from_labels(BITS, list("ababab"), held_out=0.3, seed=v)
    yield "optimizer", nnlab.Optimizer
    yield "epsilon", lambda value: nnlab.Optimizer("adam", epsilon=value)
    yield "beta1", lambda value: nnlab.Optimizer("adam", beta1=value)
    yield "init", nnlab.Initializer
    yield "scale", lambda value: nnlab.Initializer("gaussian", scale=value)
    for start in (lambda v: nnlab.Nudged(v, 0.1), lambda v: nnlab.Tied(v, (1, 2))):
        yield "init", start
    yield "size", lambda value: nnlab.Nudged("zeros", value)
    yield "place", lambda value: nnlab.Nudged("zeros", 0.1, value)
    yield "units", lambda value: nnlab.Tied("zeros", value)
    yield "experiment", lambda value: nnlab.After(value, 2)
    yield "updates", lambda value: nnlab.After(SHORT, value)
    for schedule, given in SCHEDULES.items():
        for name in given:
            yield name, lambda v, s=schedule, g=given, n=name: s(**g | {n: v})
        yield "t", lambda value, s=schedule, g=given: s(**g)(value)
    yield "angle", nnlab.ravine
    for make in (nnlab.circles, nnlab.moons, nnlab.spirals):
        yield "patterns", lambda value, make=make: make(patterns=value)
        yield "noise", lambda value, make=make: make(10, noise=value)
        yield "seed", lambda value, make=make: make(10, seed=value)
    yield "turns", lambda value: nnlab.spirals(10, turns=value)
    yield "seed", nnlab.digits
    yield "experiment", lambda value: nnlab.range_test(value, updates=2).losses.tolist()
    yield "low", lambda value: nnlab.range_test(SHORT, low=value, updates=3).losses.tolist()
    yield "high", lambda value: nnlab.range_test(SHORT, high=value, updates=3).losses.tolist()
    yield "updates", lambda value: nnlab.range_test(SHORT, updates=value).losses.tolist()
    yield "x", lambda value: RUN.predict(value).tolist()
    yield "progress", lambda value: SHORT.replace(max_updates=1).run(progress=value).outcome
    yield "stop", lambda value: SHORT.replace(max_updates=1).run(stop=value).outcome


SCHEDULES = {
    nnlab.Constant: {"rate": 0.1},
    nnlab.Step: {"rate": 0.1, "every": 3, "factor": 0.5},
    nnlab.Exponential: {"rate": 0.1, "factor": 0.9},
    nnlab.Cosine: {"rate": 0.1, "updates": 10, "lowest": 0.0},
    nnlab.WarmupCosine: {"rate": 0.1, "warmup": 2, "updates": 10, "lowest": 0.0},
    nnlab.OneCycle: {
        "peak": 0.1,
        "updates": 10,
        "rise": 0.3,
        "divisor": 25.0,
        "final_divisor": 1e4,
    },
}
ARGUMENTS = list(arguments())


def outcome(bring, value):
    """What comes of a value: what it makes, or the error that refuses it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Warning: converting a masked element to nan")
        try:
            return bring(value), None
        except (TypeError, ValueError) as error:
            return None, error


@pytest.mark.parametrize(
    ("name", "bring"), ARGUMENTS, ids=[f"{k}-{name}" for k, (name, _) in enumerate(ARGUMENTS)]
)
def test_each_argument_takes_the_plain_value_or_refuses_by_name(name, bring):
    taken = 0
    for value in BROUGHT:
        made, error = outcome(bring, value)
        kind = type(value).__name__
        if error is not None:
            message = str(error)
            assert re.search(rf"\b{name}", message), (kind, message)
            assert len(message) < 700 and "\n" not in message, (kind, message)
            continue
        taken += 1
        same, refused = outcome(bring, plain(value))
        assert refused is None, (kind, made, refused)
        assert made == same and repr(made) == repr(same), (kind, made, same)
    assert taken


# --- data as readers have them -------------------------------------------------------------------


def test_what_is_masked_is_refused_wherever_it_stands():
    holes = np.ma.masked_equal(BITS, 0.0)
    for inputs in (holes, list(holes), tuple(holes)):
        with pytest.raises(ValueError, match="inputs must have no masked entries"):
            nnlab.Dataset(inputs, ODD)
    assert nnlab.Dataset(np.ma.array(BITS), ODD) == nnlab.Dataset(BITS, ODD)


def test_what_a_dataset_takes_for_its_name_is_text():
    with pytest.raises(TypeError, match=r"name must be text; .* validation_inputs="):
        nnlab.Dataset(BITS, ODD, BITS)
    with pytest.raises(TypeError, match="name must be text; got 3"):
        nnlab.Dataset(BITS, ODD, name=3)


def test_pandas_objects_are_as_good_as_arrays():
    data = nnlab.Dataset(Frame(BITS), Frame(ODD))
    assert data == nnlab.Dataset(BITS, ODD)
    assert np.array_equal(RUN.predict(Frame(BITS)), RUN.predict(BITS))


@pytest.mark.parametrize(
    ("labels", "targets", "classes"),
    [
        (["no", "yes", "no"], [[0], [1], [0]], ("no", "yes")),
        (np.array([7, 3, 7]), [[1], [0], [1]], ("3", "7")),
        ([True, False, True], [[1], [0], [1]], ("False", "True")),
        ([2.0, 0.0, 1.0], [[0, 0, 1], [1, 0, 0], [0, 1, 0]], ("0", "1", "2")),
        (np.array([["b"], ["c"], ["a"]]), [[0, 1, 0], [0, 0, 1], [1, 0, 0]], ("a", "b", "c")),
        (Series(["hot", "cold", "hot"]), [[1], [0], [1]], ("cold", "hot")),
    ],
)
def test_labels_become_targets_and_keep_their_names(labels, targets, classes):
    data = nnlab.Dataset.from_labels([[0.0], [1.0], [2.0]], labels, name="own")
    assert (data.targets.tolist(), data.classes, data.name) == (targets, classes, "own")
    assert data.is_classification and data.validation_inputs is None


def test_a_categorical_keeps_its_own_order():
    labels = Series(["cold", "hot", "mild"])
    labels.cat = Frame([])
    labels.cat.categories = np.array(["cold", "mild", "hot", "absent"])
    data = nnlab.Dataset.from_labels(np.eye(3), labels)
    assert data.classes == ("cold", "mild", "hot")
    assert data.targets.argmax(axis=1).tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.5, 1.0, 2.0], "labels must be all text, .*got 0.5; numbers to be approximated"),
        ([1, "a", 1], "labels must be all text.*got 'a'"),
        (["a", None, "b"], "got None"),
        ([math.nan, 1.0, 2.0], "got nan"),
        (["a", "a", "a"], r"at least two classes; got \['a'\]"),
        (["a", "b"], "same number of rows; got 3 and 2"),
        (np.eye(3), r"labels must be one value a row; got shape \(3, 3\)"),
        (np.array(["2020", "2021", "2020"], "M8[Y]"), "labels must be all text"),
    ],
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.Dataset.from_labels(np.eye(3), labels)


def test_a_share_of_each_class_is_held_out():
    labels = np.repeat(["a", "b", "c"], [10, 20, 40])
    inputs = np.arange(70.0)[:, np.newaxis]
    data = nnlab.Dataset.from_labels(inputs, labels, held_out=0.3, seed=1)
    assert data.targets.sum(axis=0).tolist() == [7, 14, 28]
    assert data.validation_targets.sum(axis=0).tolist() == [3, 6, 12]
    both = np.concatenate([data.inputs, data.validation_inputs])
    assert sorted(both.ravel()) == inputs.ravel().tolist()
    again, other = (nnlab.Dataset.from_labels(inputs, labels, held_out=0.3, seed=k) for k in (1, 2))
    assert data == again and data != other
    with pytest.raises(ValueError, match=r"held_out must leave some of each .* 0 of a class of 10"):
        nnlab.Dataset.from_labels(inputs, labels, held_out=0.04)


def test_classes_name_each_column_or_the_two_values_of_one():
    assert nnlab.Dataset(BITS, ODD, classes=["even", "odd"]).classes == ("even", "odd")
    for classes in (["odd"], ["odd", "odd"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="classes must be 2 different names for 1 column"):
            nnlab.Dataset(BITS, ODD, classes=classes)


def test_bipolar_targets_are_classes():
    data = nnlab.Dataset(BITS, 2 * ODD - 1)
    history = nnlab.Experiment(data=data, output="tanh", max_updates=200).run().history
    right = (history.outputs[..., 0] > 0.0) == (ODD[:, 0] == 1.0)
    assert history.accuracy.tolist() == right.mean(axis=1).tolist()


def test_columns_are_standardized_as_scikit_learn_does():
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    columns = [
        3.0 + rng.uniform(-2e-15, 2e-15, 50),
        rng.normal(size=50),
        np.full(50, 0.1),
        1e3 + 1e-3 * rng.normal(size=50),
        1e-200 * rng.normal(size=50),
    ]
    inputs = np.column_stack(columns)
    data = nnlab.Dataset(inputs, np.zeros((50, 1)))
    expected = StandardScaler().fit(inputs).transform(inputs)
    np.testing.assert_allclose(data.standardize(inputs), expected, rtol=1e-8, atol=1e-14)
    assert np.abs(expected[:, 0]).max() < 1e-14


def test_inputs_too_large_to_be_standardized_are_refused():
    data = nnlab.Dataset(BITS * 1e308, ODD)
    with pytest.raises(ValueError, match=r"normalization 'input' .* too large"):
        nnlab.Experiment(data=data, normalization="input")


def test_label_smoothing_in_single_precision_sums_to_one():
    smooth = (np.eye(10, dtype=np.float32) * np.float32(0.9) + np.float32(0.01)).astype(np.float32)
    fields = {"layers": (1, 10), "output": "softmax", "loss": "cross_entropy"}
    assert smooth.astype(float).sum(axis=1).max() != 1.0
    nnlab.Experiment(data=nnlab.Dataset(np.ones((10, 1)), smooth), **fields)
    with pytest.raises(ValueError, match="sum to 1 in each row"):
        nnlab.Experiment(data=nnlab.Dataset(np.ones((10, 1)), smooth * 1.00001), **fields)


def test_digits_refuse_a_seed_in_their_own_words():
    with pytest.raises(ValueError, match="seed must be at least 0 and at most 4294967295"):
        nnlab.digits(seed=2**32)


# --- shown as code -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wine", "two words", "class", "nnlab", "nnlab.parity()", "f(x)"])
def test_own_data_stand_in_a_repr_under_their_name_or_as_data(name):
    data = nnlab.Dataset(BITS, 1 - ODD, name)
    experiment = nnlab.Experiment(data=data, optimizer=np.array(["adam"])[0])
    assert data.code == (name if name == "wine" else "data")
    assert repr(experiment) == f"nnlab.Experiment(optimizer='adam', data={data.code})"
    assert eval(repr(experiment), {"nnlab": nnlab, data.code: data}) == experiment


@pytest.mark.parametrize("angle", [0, 45, 90, 12.3456789, np.float32(0.1)])
def test_a_ravines_repr_rebuilds_it(angle):
    data = nnlab.ravine(angle)
    assert eval(repr(data), {"nnlab": nnlab}) == data


def test_starts_keep_plain_values():
    starts = [
        nnlab.Tied(np.str_("zeros"), np.array([1, -1])),
        nnlab.Nudged("zeros", np.float32(0.5), [0, np.int64(1), 2]),
        nnlab.After(SHORT, np.int64(3)),
    ]
    assert [repr(start) for start in starts] == [
        "nnlab.Tied('zeros', (1, -1))",
        "nnlab.Nudged('zeros', 0.5, place=(0, 1, 2))",
        f"nnlab.After({SHORT!r}, updates=3)",
    ]


# --- runs ----------------------------------------------------------------------------------------


def test_what_is_done_to_a_runs_weights_does_not_change_the_run():
    before = RUN.predict(BITS)
    for matrix in RUN.weights:
        matrix[:] = 0.0
    assert np.array_equal(RUN.predict(BITS), before)
    for kept in (RUN.history.weights[0], RUN.history.flat_weights, RUN.history.updates):
        with pytest.raises(ValueError, match="read-only"):
            kept[:] = 0
    start = nnlab.Nudged(nnlab.After(SHORT, 6), 1.0, place=(0, 0, 0))
    assert SHORT.replace(init=start).initial_weights()[0][0, 0] == RUN.weights[0][0, 0] + 1.0


def test_words_for_nothing_over_nothing():
    run = SHORT.replace(optimizer=nnlab.Optimizer("adam", epsilon=0.0), init="zeros").run()
    assert run.diagnosis() == (
        "diverged at update 1; adam's epsilon is 0, "
        "so where a gradient is 0 its step is 0/0, no number"
    )
    wild = nnlab.Experiment(activation="relu", output="linear", learning_rate=10.0)
    assert "epsilon" not in wild.run().diagnosis()


def test_wrong_means_answered_by_another_class():
    run = nnlab.Experiment(learning_rate=5.0, tolerance=0.0, max_updates=5000).run()
    assert run.history.accuracy[-1] == 1.0
    assert "wrong" not in run.diagnosis() and "tolerance" not in run.diagnosis()


def test_words_for_what_batch_norm_or_dropout_does_in_use():
    found = []
    for seed in range(20):
        run = nnlab.Experiment(
            learning_rate=0.5, init="gaussian", init_seed=seed, batch_size=3,
            shuffle=True, order_seed=seed, normalization="batch", max_updates=20_000,
        ).run()  # fmt: skip
        errors = ((run.predict(BITS) - ODD) ** 2).sum(axis=1)
        said = "learned as presented, yet" in run.diagnosis()
        assert said == (run.converged and (errors >= 0.01).any())
        found.append(said)
    assert any(found)


# --- imports -------------------------------------------------------------------------------------

HEAVY = "numba llvmlite matplotlib scipy sklearn ipywidgets IPython ipyevents PIL tqdm pandas"


def python(code, *options, **environment):
    """Run a line of Python in a process of its own."""
    import os

    return subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip


def test_importing_nnlab_loads_nothing_heavy_and_does_nothing_else():
    done = python(
        "import sys, threading, nnlab; e = nnlab.Experiment(optimizer='adam', data=nnlab.moons(), "
        f"layers=(2, 3, 1)); print([m for m in {HEAVY.split()} if m in sys.modules], "
        "threading.active_count(), set(nnlab.__all__) <= set(dir(nnlab)))"
    )
    assert done.stdout.split() == ["[]", "1", "True"], done.stderr


def test_every_public_name_is_there_whatever_was_imported_first():
    for first in ("nnlab.sweep", "nnlab.live"):  # modules that go by the name of a function
        done = python(
            f"import {first}, nnlab; print(all(hasattr(nnlab, n) for n in nnlab.__all__), "
            "nnlab.sweep.__class__.__name__, nnlab.live.__class__.__name__)"
        )
        assert done.stdout.split() == ["True", "function", "function"], done.stderr
    with pytest.raises(AttributeError, match="module 'nnlab' has no attribute 'swep'"):
        _ = nnlab.swep


def test_without_a_compiler_there_is_one_sentence():
    done = python("import nnlab; print(1); nnlab.Experiment().run()", NUMBA_DISABLE_JIT="1")
    assert done.stdout.strip() == "1"
    assert done.stderr.strip().endswith(
        "ImportError: nnlab trains in compiled code: unset NUMBA_DISABLE_JIT and start anew"
    )


# --- from a file to a panel ----------------------------------------------------------------------


def test_the_readmes_three_lines_lead_from_a_file_to_a_panel(tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Your own data", 1)[1]
    code = section.split("```python\n", 1)[1].split("```", 1)[0]
    lines = [line for line in code.splitlines() if line and not line.startswith("import")]
    assert len(lines) == 3
    rng = np.random.default_rng(0)
    rows = ["sepal length,sepal width,petal length,petal width,species"]
    for name in ("setosa", "versicolor", "virginica"):
        rows += [",".join([*(f"{x:.1f}" for x in rng.uniform(1, 7, 4)), name]) for _ in range(10)]
    (tmp_path / "flowers.csv").write_text("\n".join(rows))
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    data = names["data"]
    assert data.classes == ("setosa", "versicolor", "virginica")
    assert len(data) + len(data.validation_inputs) == 30
    names["panel"].close()
