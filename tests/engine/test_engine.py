"""The compiled engine: the same as the plain NumPy loop, in any pieces, with a bounded history."""

import inspect
import shutil
import warnings

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

import nnlab
from nnlab.engine import compiler, loop
from nnlab.engine.compiler import compiled, switch
from nnlab.engine.training import Training
from nnlab.reference import train
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.normalization import NORMALIZATIONS


def flat(weights):
    """A list of matrices as one vector."""
    return np.concatenate([matrix.ravel() for matrix in weights])


def in_one_go(experiment, **settings_of_training):
    """Train to the end and return the training."""
    training = Training(experiment, **settings_of_training)
    while training.outcome == "running":
        training.advance(0.05)
    return training


@st.composite
def datasets(draw, classes):
    """Random data, two to seven patterns: numbers between 0 and 1, or classes as one-hot rows."""
    n_in, n_out = draw(st.integers(1, 3)), draw(st.integers(2 if classes else 1, 3))
    patterns = draw(st.integers(2, 7))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    inputs = rng.normal(size=(patterns, n_in))
    if classes:
        return nnlab.Dataset(inputs, np.eye(n_out)[rng.integers(n_out, size=patterns)])
    return nnlab.Dataset(inputs, rng.random((patterns, n_out)))


def optimizers():
    """Every optimizer by name, and some with constants of their own."""
    tuned = st.sampled_from(
        [
            nnlab.Optimizer("momentum", momentum=0.5),
            nnlab.Optimizer("adam", beta1=0.5, beta2=0.9),
            nnlab.Optimizer("nadam", momentum_decay=0.5),
            nnlab.Optimizer("adadelta", smoothing=0.5, epsilon=1e-3),
        ]
    )
    return st.sampled_from(list(nnlab.OPTIMIZERS)) | tuned


@st.composite
def learning_rates(draw, layers):
    """A number, one a layer, or a schedule; some so large that weights run away."""
    rates = st.floats(0.001, 1.0) | st.just(1000.0)
    rate, updates = draw(rates), draw(st.integers(5, 50))
    schedules = [
        nnlab.Constant(rate),
        nnlab.Step(rate, 7, factor=0.5),
        nnlab.Exponential(rate, factor=0.97),
        nnlab.Cosine(rate, updates),
        nnlab.WarmupCosine(rate, 4, updates, lowest=rate / 10),
        nnlab.OneCycle(rate, updates),
    ]
    tuples = st.lists(rates, min_size=layers, max_size=layers).map(tuple)
    return draw(st.just(rate) | tuples | st.sampled_from(schedules))


@st.composite
def experiments(draw):
    """Random short experiments over every field."""
    loss = draw(st.sampled_from(list(nnlab.LOSSES)))
    outputs = ["sigmoid", "softmax"] if loss == "cross_entropy" else OUTPUTS
    output = draw(st.sampled_from(outputs))
    random_data = datasets(classes=output == "softmax")
    data = draw(random_data if output == "softmax" else random_data | st.just(nnlab.parity()))
    normalization = draw(st.sampled_from(NORMALIZATIONS))
    fewest = 2 if normalization == "layer" else 1
    hidden = draw(st.lists(st.integers(fewest, 5), min_size=1, max_size=3))
    sizes = range(1, len(data) + 1)
    if normalization == "batch":
        sizes = [size for size in sizes if size > 1 and len(data) % size != 1]
    init = st.sampled_from(list(nnlab.INITIALIZERS))
    scales = {"scale": draw(st.floats(0.2, 1.5))}
    return nnlab.Experiment(
        learning_rate=draw(learning_rates(len(hidden) + 1)),
        init=draw(init | init.map(lambda name: nnlab.Initializer(name, **scales))),
        activation=draw(st.sampled_from(list(nnlab.ACTIVATIONS))),
        batch_size=draw(st.sampled_from([*sizes, "full"])),
        layers=(data.inputs.shape[1], *hidden, data.targets.shape[1]),
        optimizer=draw(optimizers()),
        normalization=normalization,
        weight_decay=draw(st.just(0.0) | st.floats(0.0, 0.5)),
        dropout=draw(st.just(0.0) | st.floats(0.0, 0.9)),
        data=data,
        loss=loss,
        output=output,
        tolerance=draw(st.sampled_from([0.0, 0.01, 0.1, 0.3, 1.0])),
        max_updates=draw(st.integers(1, 60)),
        init_seed=draw(st.integers(0, 1000)),
        shuffle=draw(st.booleans()),
        order_seed=draw(st.integers(0, 1000)),
    )


# --- engine against reference --------------------------------------------------------------------


@settings(deadline=None, max_examples=300)
@given(experiments())
def test_engine_and_reference_agree_bit_for_bit(experiment):
    outcome, updates, parameters = train(experiment)
    engine = in_one_go(experiment)
    assert (engine.outcome, engine.updates) == (outcome, updates)
    assert np.array_equal(engine.weights, flat(parameters), equal_nan=True)


@pytest.mark.parametrize("outcome", ["converged", "diverged", "out of updates"])
def test_the_random_experiments_can_end_in_each_way(outcome):
    """The comparison above would prove little if all its runs ended alike."""

    @settings(max_examples=1000, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(experiments())
    def never(experiment):
        if train(experiment)[0] == outcome:
            raise LookupError

    with pytest.raises(LookupError):
        never()


@pytest.mark.parametrize("batch_size", [1, 4, "full"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_both_agree_to_the_end_of_a_long_run(batch_size, shuffle):
    experiment = nnlab.Experiment(
        learning_rate=5.0,
        init="xavier",
        batch_size=batch_size,
        shuffle=shuffle,
        max_updates=3000,
        init_seed=3,
    )
    outcome, updates, weights = train(experiment)
    engine = in_one_go(experiment)
    assert (engine.outcome, engine.updates) == (outcome, updates)
    assert updates > 100
    assert np.array_equal(engine.weights, flat(weights))


@pytest.mark.parametrize("outcome", ["converged", "out of updates"])
def test_the_usual_network_gives_the_same_bits_by_the_general_loop(outcome):
    experiment = nnlab.Experiment(learning_rate=5.0, max_updates=564 if outcome[0] == "c" else 100)
    usual, general = Training(experiment), Training(experiment)
    assert usual._alone._advance is loop.advance_usual
    general._alone._advance = loop.advance
    for training in (usual, general):
        while training.outcome == "running":
            training.advance(0.05)
    assert (usual.outcome, usual.updates) == (general.outcome, general.updates)
    assert usual.outcome == outcome
    for ours, theirs in zip(usual.history(), general.history(), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    "fields",
    [
        {"layers": (3, 6, 1)},
        {"layers": (3, 5, 5, 1)},
        {"activation": "tanh"},
        {"output": "linear"},
        {"batch_size": 2},
        {"optimizer": "adam"},
        {"normalization": "layer"},
        {"normalization": "rms"},
        {"weight_decay": 0.1},
        {"dropout": 0.1},
        {"loss": "cross_entropy"},
        {"learning_rate": nnlab.Cosine(0.5, updates=20)},
    ],
    ids=repr,
)
def test_any_other_network_is_not_taken_for_the_usual_one(fields):
    assert Training(nnlab.Experiment(**fields))._alone._advance is loop.advance


def test_as_many_samples_and_epochs_as_batches_hold():
    training = in_one_go(nnlab.Experiment(batch_size=4, max_updates=5))
    assert (training.samples_seen, training.epochs) == (4 + 2 + 4 + 2 + 4, 2)


# --- in pieces -----------------------------------------------------------------------------------


def in_pieces(experiment, updates):
    """Train by so many updates at a time."""
    training = Training(experiment)
    while training.outcome == "running":
        training._alone._chunk = updates
        training.advance(1e-9)  # one chunk, then the time is over
    return training


@pytest.mark.parametrize("updates", [1, 7, 100])
@pytest.mark.parametrize("fields", [{}, {"batch_size": 4, "shuffle": True}], ids=["online", "mini"])
def test_pieces_give_the_same_bits(fields, updates):
    experiment = nnlab.Experiment(learning_rate=5.0, max_updates=3000, **fields)
    whole, pieces = in_one_go(experiment), in_pieces(experiment, updates)
    assert (pieces.outcome, pieces.updates) == (whole.outcome, whole.updates)
    for ours, theirs in zip(pieces.history(), whole.history(), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_piece_ends_where_it_should():
    training = Training(nnlab.Experiment())
    training._alone._chunk = 7
    training.advance(1e-9)
    assert (training.outcome, training.updates) == ("running", 7)


def test_the_first_look_comes_soon_whatever_the_networks_size():
    """A network of 1,797 digits with 100 hidden units once took 2.5 s before its first look."""
    rng = np.random.default_rng(0)
    data = nnlab.Dataset(rng.random((1797, 64)), rng.random((1797, 10)))
    training = Training(
        nnlab.Experiment(data=data, layers=(64, 100, 10), batch_size="full", init="xavier")
    )
    training.advance(0.001)
    assert training.seconds < 1.0
    assert training.updates == 1


# --- history -------------------------------------------------------------------------------------


@pytest.mark.parametrize("updates", [1, 5, 511, 512, 2047, 2048, 2049, 12_289, 200_000])
@pytest.mark.parametrize("batch_size", [1, "full"])
def test_history_is_bounded_and_strictly_increasing(updates, batch_size):
    training = in_one_go(
        nnlab.Experiment(batch_size=batch_size, tolerance=0.0, max_updates=updates)
    )
    rows, weights, errors = training.history()
    assert len(rows) == len(weights) == len(errors) <= 2048 + 1
    assert (rows[0], rows[-1]) == (0, updates)
    assert (np.diff(rows) > 0).all()


def test_history_of_a_long_run_still_has_hundreds_of_rows():
    rows, _, _ = in_one_go(nnlab.Experiment(tolerance=0.0, max_updates=500_000)).history()
    assert len(rows) > 1000


def test_history_is_dense_at_the_start_one_row_an_epoch():
    rows, _, _ = in_one_go(nnlab.Experiment(max_updates=300_000)).history()
    assert rows[:512].tolist() == list(range(0, 6 * 512, 6))


def test_history_is_thinned_evenly_after_the_dense_start():
    rows, _, _ = in_one_go(nnlab.Experiment(max_updates=300_000)).history()
    gaps = set(np.diff(rows[512:-1]).tolist())
    stride = max(gaps)
    assert np.diff(rows[513:-1]).tolist() == [stride] * (len(rows) - 515)


def test_where_an_epoch_is_long_there_is_a_row_an_update():
    data = nnlab.Dataset(np.linspace(-1, 1, 70)[:, None], np.zeros((70, 1)))
    experiment = nnlab.Experiment(data=data, layers=(1, 2, 1), max_updates=50, tolerance=0.0)
    rows, _, _ = in_one_go(experiment).history()
    assert rows.tolist() == list(range(51))


def test_a_large_network_keeps_fewer_rows():
    experiment = nnlab.Experiment(layers=(3, 80, 80, 1), init="xavier", max_updates=3000)
    _, weights, _ = in_one_go(experiment).history()
    assert 32 <= len(weights) <= 73
    assert weights.size <= 510_000


def test_capacity_can_be_chosen():
    training = in_one_go(nnlab.Experiment(max_updates=100_000), capacity=64)
    assert 32 < len(training.history()[0]) <= 65


@pytest.mark.parametrize("row", [0, 1, 300, 511, 512, 700, 1200, -2, -1])
def test_a_row_holds_the_weights_of_a_run_that_ends_there(row):
    experiment = nnlab.Experiment(learning_rate=0.5, max_updates=60_000)
    history = in_one_go(experiment).history()
    updates, weights = (column[row] for column in history[:2])
    if updates == 0:
        assert np.array_equal(weights, flat(experiment.initial_weights()))
        return
    shorter = in_one_go(experiment.replace(max_updates=int(updates)))
    assert np.array_equal(weights, shorter.weights)


def test_a_row_holds_the_errors_as_they_were_presented():
    """By the reference's own steps: each pattern's error right before its update."""
    experiment = nnlab.Experiment(learning_rate=5.0, max_updates=12)
    presented = np.empty(6)
    for update in range(6, 12):
        weights = train(experiment.replace(max_updates=update))[2]
        outputs = nnlab.reference.forward(experiment, weights, experiment.data.inputs)[-1]
        presented[update - 6] = ((outputs - experiment.data.targets) ** 2)[update - 6, 0]
    updates, _, errors = in_one_go(experiment.replace(max_updates=18)).history()
    assert updates.tolist() == [0, 6, 12, 18]
    np.testing.assert_allclose(errors[2], presented, rtol=1e-12)


def test_more_than_64_patterns_keep_no_errors_one_by_one():
    for patterns, columns in ((64, 64), (65, 0)):
        data = nnlab.Dataset(np.linspace(-1, 1, patterns)[:, None], np.zeros((patterns, 1)))
        experiment = nnlab.Experiment(data=data, layers=(1, 2, 1), max_updates=3)
        assert in_one_go(experiment).history()[2].shape == (4 if columns == 0 else 2, columns)


def test_a_history_taken_before_the_first_update_has_one_row():
    rows, weights, errors = Training(nnlab.Experiment()).history()
    assert (rows.tolist(), len(weights), len(errors)) == ([0], 1, 1)


def test_a_history_stays_as_it_was_taken():
    training = Training(nnlab.Experiment())
    training.advance(0.001)
    taken = training.history()
    copies = [column.copy() for column in taken]
    training.advance(0.01)
    assert all(np.array_equal(*pair) for pair in zip(taken, copies, strict=True))


# --- divergence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [10.0, 1e10, 1e300])
@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("train_with", [train, nnlab.Experiment.run], ids=["reference", "engine"])
def test_divergence_is_an_outcome_without_a_warning(train_with, activation, rate):
    experiment = nnlab.Experiment(
        activation=activation, output="linear", learning_rate=rate, init="gaussian"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = train_with(experiment)
    outcome, updates = result[:2] if isinstance(result, tuple) else (result.outcome, result.updates)
    assert outcome == "diverged"
    assert updates < 1000


def test_a_start_that_overflows_diverges_before_the_first_update():
    start = nnlab.Initializer("constant", scale=1e200)
    run = nnlab.Experiment(init=start, activation="linear", output="linear").run()
    assert (run.outcome, run.updates, run.history.updates.tolist()) == ("diverged", 0, [0])


def test_the_last_row_of_a_diverged_run_shows_the_error_that_ended_it():
    run = nnlab.Experiment(activation="relu", output="linear", learning_rate=1e10).run()
    assert not np.isfinite(run.history.errors[-1]).all()
    assert np.isfinite(run.history.errors[:-1]).all()


# --- compiling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_switch_picks_each_function(count):
    functions = [compiled(_adder(10.0**k)) for k in range(count)]
    choose = switch(functions)
    assert [choose(code, 0.5) for code in range(count)] == [10.0**k + 0.5 for k in range(count)]


def test_a_switch_takes_a_code_past_the_end_as_the_last():
    choose = switch([compiled(_adder(1.0)), compiled(_adder(2.0))])
    assert choose(7, 0.0) == 2.0


def _adder(amount):
    def add(x):
        return x + amount

    return add


def test_compiled_arithmetic_divides_by_zero_as_numpy_does():
    @compiled
    def invert(x):
        return 1.0 / x

    assert invert(0.0) == np.inf


@pytest.fixture
def copy_of_the_source(tmp_path, monkeypatch):
    """A folder with a copy of nnlab's source, of which fingerprints are taken."""
    folder = tmp_path / "nnlab"
    here = compiler.Path(compiler.__file__).parents[1]
    shutil.copytree(here, folder, ignore=shutil.ignore_patterns("*cache*"))
    monkeypatch.setattr(compiler, "__file__", str(folder / "engine" / "compiler.py"))
    return folder


def test_the_fingerprint_of_the_same_source_is_the_same(copy_of_the_source):
    copied = compiler.source_fingerprint()
    (copy_of_the_source / "notes.txt").write_text("not code")
    assert compiler.source_fingerprint() == copied


@pytest.mark.parametrize("name", ["engine/loop", "engine/kernels", "rules/order"])
def test_the_fingerprint_changes_with_all_that_is_compiled(copy_of_the_source, name):
    before = compiler.source_fingerprint()
    path = copy_of_the_source / f"{name}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert compiler.source_fingerprint() != before


def test_every_compiled_function_stands_in_a_file_of_the_fingerprint():
    """Walk from what the cache keeps to all compiled functions that are called from there."""
    seen, left = set(), list(loop.ENTRIES)
    while left:
        function = left.pop().py_func
        if function in seen:
            continue
        seen.add(function)
        values = list(inspect.getclosurevars(function).globals.values())
        values += [cell.cell_contents for cell in function.__closure__ or ()]
        modules = [value for value in values if inspect.ismodule(value)]
        values += [value for module in modules for value in vars(module).values()]
        left += [value for value in values if isinstance(value, Dispatcher)]
    modules = {function.__module__ for function in seen} - {None}  # made by ``switch``
    assert {"nnlab.engine.loop", "nnlab.engine.kernels", "nnlab.engine.updates"} <= modules
    assert {module.split(".")[1] for module in modules} <= set(compiler.ROOMS)


def test_the_compile_cache_is_kept_under_the_fingerprint(copy_of_the_source):
    """Numba's cache key holds a compiled function's closure: there the fingerprint must be."""
    cells = loop._cached_on_disk("the fingerprint", "advance").py_func.__closure__
    assert "the fingerprint" in [cell.cell_contents for cell in cells]


CORNERS = [
    *[{"activation": name} for name in nnlab.ACTIVATIONS],
    *[{"optimizer": name} for name in nnlab.OPTIMIZERS],
    *[{"normalization": name} for name in NORMALIZATIONS],
    {"optimizer": nnlab.Optimizer("nadam", beta1=0.5)},
    {"learning_rate": (0.1, 0.2)},
    {"learning_rate": nnlab.OneCycle(0.1, 20)},
    {"batch_size": 2, "shuffle": True, "layers": (3, 4, 4, 1)},
    {"loss": "cross_entropy", "dropout": 0.5, "weight_decay": 0.1},
]


@pytest.mark.parametrize("fields", CORNERS, ids=repr)
def test_a_change_of_fields_compiles_nothing(fields):
    nnlab.Experiment(max_updates=5).run()
    nnlab.Experiment(**{"batch_size": "full", "max_updates": 9, **fields}).run()
    entries = (loop.advance, loop.advance_usual)
    assert [len(entry.signatures) for entry in entries] == [1, 1]
