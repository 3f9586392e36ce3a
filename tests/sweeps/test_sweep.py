"""Sweeps: the same bits as single runs wherever they run, whatever stops them in the middle."""

import _thread
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
import types
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlab
from nnlab.engine import ensemble, training
from nnlab.sweep import Sweep
from nnlab.sweeps import cells, grid, workers
from nnlab.sweeps.journal import Journal
from tests.engine.test_engine import experiments

SHORT = nnlab.Experiment(learning_rate=5.0, init="gaussian", max_updates=2000)
AXES = {"learning_rate": [0.5, 5.0, 20.0], "init_seed": range(40)}
ENDLESS = nnlab.Experiment(learning_rate=50.0, tolerance=0.0, max_updates=10**12)


def sweep(experiment, **arguments):
    """Without a bar."""
    return nnlab.sweep(experiment, progress=False, **arguments)


def in_one_chunk(experiment, **arguments):
    """All cells of a group in one memory, one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "_CHUNKS", 1)
        return sweep(experiment, **arguments)


def columns(swept):
    """All that a sweep has found."""
    return [swept.outcome, swept.updates, swept.epochs, swept.loss]


def assert_same(ours, theirs):
    """Bit for bit; NaN equals NaN."""
    assert ours.axes == theirs.axes
    for mine, other in zip(columns(ours), columns(theirs), strict=True):
        np.testing.assert_array_equal(mine, other, strict=True)


def assert_as_single_runs(swept):
    """Every cell is what ``run`` gives."""
    names = list(swept.axes)
    for index in np.ndindex(swept.updates.shape):
        position = {name: swept.axes[name][k] for name, k in zip(names, index, strict=True)}
        run = swept.experiment(**position).run()
        found = [column[index] for column in columns(swept)]
        expected = [run.outcome, run.updates, run.epochs, run.history.loss[-1]]
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1:], expected[1:])


@pytest.fixture(scope="module")
def whole():
    """The sweep that others are compared with."""
    return sweep(SHORT, **AXES)


# --- the same as single runs ---------------------------------------------------------------------


def test_every_cell_is_a_run(whole):
    assert whole.updates.shape == (3, 40)
    assert set(whole.outcome.ravel()) == {"converged", "out of updates"}
    assert_as_single_runs(whole)


@settings(deadline=None, max_examples=60)
@given(
    experiments(),
    st.lists(st.floats(0.01, 50.0), min_size=1, max_size=4),
    st.lists(st.integers(0, 2**70), min_size=1, max_size=3),
)
def test_every_cell_of_random_experiments_is_a_run(experiment, rates, seeds):
    assert_as_single_runs(in_one_chunk(experiment, init_seed=seeds, learning_rate=rates))


@pytest.mark.parametrize(
    "axes",
    [
        {"init_seed": [3, 1], "batch_size": [1, 4, "full"], "learning_rate": [5.0, 1.0]},
        {"learning_rate": [5.0, 1.0], "order_seed": [0, 1, 2]},
        {"init": ["alternating", nnlab.Initializer("gaussian", 0.5)], "init_seed": [0, 7]},
        {"init": [nnlab.After(nnlab.Experiment(), 600), "xavier"], "learning_rate": [1, 5]},
        {"layers": [(3, 5, 1), (3, 4, 4, 1)], "max_updates": [7, 100]},
        {"init_seed": [5]},
    ],
    ids=lambda axes: "-".join(axes),
)
def test_axes_may_be_any_fields_in_any_order(axes):
    swept = in_one_chunk(SHORT.replace(shuffle=True, max_updates=300), **axes)
    assert list(swept.axes) == list(axes)
    assert swept.updates.shape == tuple(map(len, axes.values()))
    assert_as_single_runs(swept)


def test_a_number_and_a_tuple_of_one_may_stand_side_by_side():
    single = nnlab.Experiment(layers=(3, 1), max_updates=50)
    assert_as_single_runs(sweep(single, learning_rate=[0.5, (0.25,), 1.0]))


def test_a_run_that_diverges_leaves_nothing_to_the_next():
    base = nnlab.Experiment(activation="relu", output="linear", init="gaussian", max_updates=400)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        swept = in_one_chunk(base, init_seed=range(3), learning_rate=[1e300, 0.01, 1e10, 0.02])
    assert set(swept.outcome[:, 0]) == {"diverged"}
    assert_as_single_runs(swept)


def test_the_final_weights_are_those_of_the_runs():
    seeds = range(20)
    starts = np.array([training.start(SHORT.replace(init_seed=seed)) for seed in seeds])
    runs = ensemble.Ensemble(SHORT, starts)
    while runs.running:
        runs.advance()
    for seed in seeds:
        run = SHORT.replace(init_seed=seed).run()
        assert np.array_equal(runs.weights[seed], run.history.flat_weights[-1])


def test_a_start_that_uses_no_seed_is_made_once(monkeypatch):
    made = []
    weights = nnlab.After.weights
    monkeypatch.setattr(nnlab.After, "weights", lambda *args: made.append(1) or weights(*args))
    after = nnlab.After(nnlab.Experiment(), 613)
    sweep(SHORT.replace(init=after), init_seed=range(70), executor=ThreadPoolExecutor(1))
    assert len(made) == 1


@pytest.mark.parametrize("name", list(nnlab.INITIALIZERS))
def test_a_start_says_rightly_whether_it_uses_the_seed(name):
    start = nnlab.Initializer(name)
    (one,), (other,) = (start.weights([(4, 5)], seed) for seed in (0, 1))
    assert start.uses_seed == (not np.array_equal(one, other))


# --- whatever the pieces and the workers ---------------------------------------------------------


@pytest.mark.parametrize("most", [1, 7, 10**6])
def test_chunks_make_no_difference(most, whole, monkeypatch):
    monkeypatch.setattr(grid, "_MOST_CELLS", most)
    monkeypatch.setattr(grid, "_CHUNKS", 1)
    assert_same(sweep(SHORT, **AXES), whole)


@pytest.mark.parametrize("numbers", [1, 200])
def test_pieces_of_a_chunk_make_no_difference(numbers, whole, monkeypatch):
    monkeypatch.setattr(cells, "_MOST_NUMBERS", numbers)
    assert_same(sweep(SHORT, **AXES), whole)


@pytest.mark.parametrize("products", [1, 10_000, 10**9])
def test_the_length_of_a_call_makes_no_difference(products, whole, monkeypatch):
    monkeypatch.setattr(ensemble, "_FIRST_PRODUCTS", products)
    monkeypatch.setattr(ensemble, "_CALL_SECONDS", 0.0)
    some = sweep(SHORT, learning_rate=AXES["learning_rate"], init_seed=range(4))
    assert np.array_equal(some.updates, whole.updates[:, :4])
    assert np.array_equal(some.loss, whole.loss[:, :4])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_make_no_difference(threads, whole, monkeypatch):
    monkeypatch.setattr(workers, "_cores", lambda: threads)
    assert_same(sweep(SHORT, **AXES), whole)


def test_cells_travel_in_chunks():
    size = grid.Grid(SHORT, {"init_seed": range(1000)})
    chunks = size.chunks(np.zeros(1000, bool))
    assert len(chunks) == 63
    assert max(len(pickle.dumps(chunk)) for chunk in chunks) < 5000
    many_cells = grid.Grid(SHORT, {"learning_rate": range(1, 401), "init_seed": range(400)})
    assert len(many_cells.chunks(np.zeros(160_000, bool))) == 160


def test_two_fields_of_a_cell_in_several_groups_share_a_chunk():
    axes = {"max_updates": range(1, 201), "init_seed": range(3)}
    chunks = grid.Grid(SHORT, axes).chunks(np.zeros(600, bool))
    assert len(chunks) == 60
    places = np.concatenate([batch.places for chunk in chunks for batch in chunk])
    assert sorted(places) == list(range(600))


def test_a_sweep_compiles_nothing(whole):
    assert len(ensemble.advance_many_cached.signatures) == 1
    assert len(nnlab.engine.loop.advance.signatures) == 1


def test_the_compile_cache_is_kept_under_the_fingerprint():
    closure = ensemble._cached_on_disk("the fingerprint").py_func.__closure__
    assert "the fingerprint" in [cell.cell_contents for cell in closure]


# --- executors -----------------------------------------------------------------------------------


def compiled():
    """How many functions this process has compiled rather than loaded, and how many loaded."""
    loops = (ensemble.advance_many_cached, nnlab.engine.loop.advance)
    stats = [loop.stats for loop in loops]
    return [sum(sum(getattr(each, kind).values()) for each in stats) for kind in KINDS]


KINDS = ("cache_misses", "cache_hits")


def test_a_pool_of_processes_gives_the_same_and_compiles_nothing(whole):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert_same(sweep(SHORT, executor=executor, **AXES), whole)
        assert executor.submit(compiled).result() == [0, 1]


def test_a_pool_that_breaks_is_an_error_and_what_is_finished_is_kept(whole, tmp_path):
    path = tmp_path / "sweep"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        pid = executor.submit(os.getpid).result()
        killer = threading.Thread(target=kill_when, args=(pid, lambda: finished(path) > 100))
        killer.start()
        with pytest.raises(BrokenProcessPool):
            sweep(SHORT, executor=executor, path=path, learning_rate=[0.01], init_seed=range(5000))
        killer.join()
    assert 100 < finished(path) < 5000


def interrupt_when(condition):
    """Interrupt the main thread as soon as the condition holds."""
    while not condition():
        time.sleep(0.001)
    _thread.interrupt_main()


def kill_when(pid, condition):
    """Kill a process as soon as the condition holds."""
    while not condition():
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)


def finished(path):
    """How many cells a file holds at least."""
    return max(0, path.stat().st_size - 200) // 48 if path.exists() else 0


@pytest.fixture(scope="module")
def dask():
    """A client of a cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed")
    settings_of_cluster = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        distributed.LocalCluster(
            host="127.0.0.1", dashboard_address=None, **settings_of_cluster
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_dask_cluster_gives_the_same(dask, whole):
    assert_same(sweep(SHORT, executor=dask.get_executor(), **AXES), whole)


def test_a_dask_cluster_that_loses_a_worker_gives_the_same(dask, tmp_path):
    path, axes = tmp_path / "sweep", {"learning_rate": [0.5, 0.05], "init_seed": range(100)}
    base = SHORT.replace(max_updates=50_000)
    victim = min(dask.run(os.getpid).values())
    finished_when_killed = []

    def kill():
        kill_when(victim, lambda: finished(path) > 10)
        finished_when_killed.append(path.stat().st_size)

    killer = threading.Thread(target=kill)
    killer.start()
    swept = sweep(base, executor=dask.get_executor(), path=path, **axes)
    killer.join()
    assert not alive(victim)
    assert finished_when_killed[0] < path.stat().st_size
    assert_same(swept, sweep(base, **axes))


def alive(pid):
    """Whether a process still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


# --- interrupted ---------------------------------------------------------------------------------


@pytest.mark.parametrize("experiment", [ENDLESS, ENDLESS.replace(layers=(3, 300, 300, 1))])
def test_an_interrupt_ends_a_sweep_soon_and_leaves_what_is_finished(experiment):
    times = []

    def fire():
        times.append(time.perf_counter())
        _thread.interrupt_main()

    timer = threading.Timer(0.4, fire)
    timer.start()
    with pytest.raises(nnlab.Interrupted) as caught:
        sweep(experiment, max_updates=[5, 10**12], init_seed=range(4))
    took = time.perf_counter() - times[0]
    assert took < 0.4
    swept = caught.value.sweep
    assert swept.outcome.tolist() == [["out of updates"] * 4, [""] * 4]
    assert swept.updates.tolist() == [[5] * 4, [-1] * 4]
    assert swept.epochs.tolist() == [[0] * 4, [-1] * 4]
    assert np.isnan(swept.loss).tolist() == [[False] * 4, [True] * 4]
    assert repr(swept) == "<Sweep: max_updates 2 × init_seed 4, 4 of 8 runs>"
    assert str(caught.value) == "stopped after 4 of 8 runs"
    assert caught.value.run is None


def test_an_interrupt_leaves_no_thread_behind():
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    with pytest.raises(nnlab.Interrupted):
        sweep(ENDLESS, init_seed=range(4))
    timer.join()
    assert [each.name for each in threading.enumerate() if "nnlab" in each.name] == []


def test_an_interrupt_of_a_foreign_executor_drops_what_has_not_begun():
    with ThreadPoolExecutor(1) as executor:
        threading.Timer(0.1, _thread.interrupt_main).start()
        gate = threading.Event()
        executor.submit(gate.wait)
        with pytest.raises(nnlab.Interrupted) as caught:
            sweep(SHORT, executor=executor, init_seed=range(3))
        gate.set()
    assert not caught.value.sweep.ended.any()


def test_an_error_in_a_cell_ends_the_sweep_and_its_threads():
    after = nnlab.After(nnlab.Experiment(layers=(3, 4, 1)), 5)  # found out only when it starts
    with pytest.raises(ValueError, match="init must lead to weights of shapes"):
        sweep(ENDLESS, init=["alternating", after], init_seed=[0])
    assert [each.name for each in threading.enumerate() if "nnlab" in each.name] == []


# --- a file --------------------------------------------------------------------------------------

SCRIPT = """
import sys, nnlab
base = nnlab.Experiment(learning_rate=5.0, init="gaussian", max_updates=20_000)
nnlab.sweep(base, path=sys.argv[1], progress=False, learning_rate=[0.05, 0.5], init_seed=range(150))
"""


def test_a_sweep_that_was_killed_resumes_and_comes_out_the_same(tmp_path, monkeypatch):
    path = tmp_path / "new folder" / "sweep"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, path])
    kill_when(process.pid, lambda: finished(path) > 20)
    assert process.wait() == -signal.SIGKILL
    base = SHORT.replace(max_updates=20_000)
    axes = {"learning_rate": [0.05, 0.5], "init_seed": range(150)}
    run_here = counted(monkeypatch)
    resumed = sweep(base, path=path, **axes)
    assert 0 < sum(run_here) < 300 - 20
    assert_same(resumed, sweep(base, **axes))


def counted(monkeypatch):
    """Numbers of cells of the batches that are run from now on."""
    numbers, records = [], cells._records
    monkeypatch.setattr(
        cells, "_records", lambda *args: numbers.append(len(found := records(*args))) or found
    )
    return numbers


def test_a_finished_sweep_is_read_back_without_a_run(tmp_path, whole, monkeypatch):
    path = tmp_path / "sweep"
    assert_same(sweep(SHORT, path=path, **AXES), whole)
    run_here = counted(monkeypatch)
    assert_same(sweep(SHORT, path=str(path), **AXES), whole)
    assert run_here == []


@pytest.mark.parametrize("cut", [1, 7, 8, 9, 40, 200, 1000, 4800])
def test_a_torn_end_of_the_file_is_cut_off(cut, tmp_path, whole, monkeypatch):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    assert_same(sweep(SHORT, path=path, **AXES), whole)
    run_here = counted(monkeypatch)
    assert_same(sweep(SHORT, path=path, **AXES), whole)  # the mended file is whole again
    assert run_here == []


def test_a_damaged_end_of_the_file_is_run_anew(tmp_path, whole):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content + bytes(500))
    assert_same(sweep(SHORT, path=path, **AXES), whole)


@pytest.mark.parametrize("length", [0, 1, 30])
def test_a_file_torn_in_its_first_line_begins_anew(length, tmp_path, whole):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    path.write_bytes(path.read_bytes()[:length])
    assert_same(sweep(SHORT, path=path, **AXES), whole)


@pytest.mark.parametrize(
    "changes",
    [
        {"tolerance": 0.02},
        {"data": nnlab.Dataset(SHORT.data.inputs, 1 - SHORT.data.targets, "nnlab.parity()")},
        {"init": nnlab.After(nnlab.Experiment(), 5)},
    ],
)
def test_a_file_of_another_experiment_is_refused(changes, tmp_path):
    sweep(SHORT, path=tmp_path / "sweep", init_seed=range(3))
    before = (tmp_path / "sweep").read_bytes()
    with pytest.raises(
        ValueError, match=r"same sweep, .*sweep', which holds another one: init_see"
    ):
        sweep(SHORT.replace(**changes), path=tmp_path / "sweep", init_seed=range(3))
    assert (tmp_path / "sweep").read_bytes() == before


@pytest.mark.parametrize(
    "axes", [{"init_seed": [0, 2, 1]}, {"init_seed": range(4)}, {"order_seed": range(3)}]
)
def test_a_file_of_other_axes_is_refused(axes, tmp_path):
    sweep(SHORT, path=tmp_path / "sweep", init_seed=range(3))
    with pytest.raises(ValueError, match="path must be that of the same sweep"):
        sweep(SHORT, path=tmp_path / "sweep", **axes)


@pytest.mark.parametrize("content", ["print('hello')\n", "{}\n", "[1]\n", "no line's end"])
def test_a_file_of_something_else_is_refused_and_left_alone(content, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(content)
    with pytest.raises(
        ValueError, match=r"path must be a new file or that of a sweep; got .*scrip"
    ):
        sweep(SHORT, path=path, init_seed=range(3))
    assert path.read_text() == content


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="path must be a file, not a folder; got"):
        sweep(SHORT, path=tmp_path, init_seed=range(3))


def test_what_an_interrupted_sweep_has_finished_is_in_the_file(tmp_path):
    path, axes = tmp_path / "sweep", {"learning_rate": [0.01], "init_seed": range(100_000)}
    threading.Thread(target=interrupt_when, args=(lambda: finished(path) > 0,)).start()
    with pytest.raises(nnlab.Interrupted) as caught:
        sweep(SHORT, path=path, **axes)
    ended = caught.value.sweep.ended.sum()
    assert 0 < ended < 100_000
    with Journal(path, grid.Grid(SHORT, axes)) as found:
        assert len(found.records) == found.done.sum() == ended


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axes", "error", "words"),
    [
        ({}, TypeError, "a sweep needs an axis"),
        ({"learning_rat": [1.0]}, ValueError, "Did you mean 'learning_rate'"),
        ({"init_seed": []}, ValueError, "init_seed must have at least one value"),
        ({"init": "xavier"}, TypeError, "init must be a list of values .* got 'xavier'"),
        ({"learning_rate": 5.0}, TypeError, "learning_rate must be a list of values"),
        ({"learning_rate": [1.0, 0.0]}, ValueError, "learning_rate must be a finite number above"),
        ({"learning_rate": [1.0, (1.0,)]}, ValueError, "must hold 2 numbers, .* got \\(1.0,\\)"),
        ({"learning_rate": [1.0, "fast"]}, TypeError, "learning_rate must be a number; got 'fast'"),
        ({"learning_rate": [1.0, True]}, TypeError, "learning_rate must be a number; got True"),
        ({"init_seed": [0, -1]}, ValueError, "init_seed must be at least 0; got -1"),
        ({"init_seed": [0, 1.5]}, TypeError, "init_seed must be a whole number; got 1.5"),
        ({"batch_size": [1, 7]}, ValueError, "batch_size must be at least 1 and at most 6; got 7"),
        ({"init": ["xavier", "heh"]}, ValueError, "Did you mean 'he'"),
        ({"init_seed": [0], "progress": 1}, TypeError, "progress must be True or False; got 1"),
    ],
)
def test_an_error_names_field_and_value(axes, error, words):
    with pytest.raises(error, match=words):
        nnlab.sweep(ENDLESS, **{"progress": False, **axes})


# --- what a sweep can tell -----------------------------------------------------------------------


def made_up(outcomes, updates):
    """A sweep of two rates and some seeds with given results; "" has not ended."""
    shape = np.shape(outcomes)
    cells_of = grid.Grid(SHORT, {"learning_rate": [0.5, 5.0], "init_seed": range(shape[1])})
    records = np.zeros(np.size(outcomes), cells.RECORD)
    names = ["", "converged", "diverged", "out of updates"]
    records["place"] = np.arange(len(records))
    records["outcome"] = [names.index(name) for name in np.ravel(outcomes)]
    records["updates"] = np.ravel(updates)
    return Sweep(cells_of, records[records["outcome"] > 0])


def test_solve_rate_and_median_updates():
    c, d, o = "converged", "diverged", "out of updates"
    swept = made_up([[c, c, o, c], [d, o, c, o]], [[10, 40, 99, 20], [3, 99, 7, 99]])
    assert swept.solve_rate().tolist() == [0.75, 0.25]
    assert swept.median_updates().tolist() == [30.0, np.inf]
    assert swept.solve_rate(over="learning_rate").tolist() == [0.5, 0.5, 0.5, 0.5]
    assert swept.median_updates("learning_rate").tolist() == [np.inf] * 4
    assert swept.converged.tolist() == [[True, True, False, True], [False, False, True, False]]


def test_cells_that_have_not_ended_do_not_count():
    c = "converged"
    swept = made_up([[c, "", c, "diverged"], ["", "", "", ""]], [[10, 0, 30, 5], [0] * 4])
    np.testing.assert_array_equal(swept.solve_rate(), [2 / 3, np.nan])
    np.testing.assert_array_equal(swept.median_updates(), [30.0, np.nan])
    with pytest.raises(ValueError, match="over must be one of 'learning_rate', 'init_seed'"):
        swept.solve_rate("seed")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=7))
def test_the_median_is_numpys(updates):
    swept = made_up([["converged"] * len(updates)] * 2, [updates] * 2)
    assert swept.median_updates().tolist() == [np.median(updates)] * 2


def test_a_cells_experiment_by_its_values(whole):
    assert whole.experiment(learning_rate=20, init_seed=7) == SHORT.replace(
        learning_rate=20.0, init_seed=7
    )
    with pytest.raises(TypeError, match="init_seed must be given"):
        whole.experiment(learning_rate=20)
    with pytest.raises(ValueError, match=r"learning_rate must be one of .* got 3"):
        whole.experiment(learning_rate=3, init_seed=7)
    with pytest.raises(ValueError, match="an axis of this sweep must be one of"):
        whole.experiment(rate=3)


def test_axes_hold_values_as_experiments_do():
    axes = sweep(SHORT, learning_rate=np.array([1, 2]), batch_size=iter([1, "full"])).axes
    assert axes == {"learning_rate": [1.0, 2.0], "batch_size": [1, "full"]}
    assert [type(value) for value in axes["learning_rate"]] == [float, float]


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({"learning_rate": [1, 2, 3], "init_seed": range(400)}, "1,200 runs"),
        ({"init_seed": [3]}, "1 run"),
    ],
)
def test_repr(axes, words):
    sizes = " × ".join(f"{name} {len(values)}" for name, values in axes.items())
    assert repr(sweep(SHORT.replace(max_updates=1), **axes)) == f"<Sweep: {sizes}, {words}>"


def test_a_sweep_can_be_pickled(whole):
    assert_same(pickle.loads(pickle.dumps(whole)), whole)


def test_to_dataframe_has_a_row_a_cell(whole, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=dict))
    frame = whole.to_dataframe()
    assert list(frame) == ["learning_rate", "init_seed", "outcome", "updates", "epochs", "loss"]
    assert {len(column) for column in frame.values()} == {120}
    place = frame["init_seed"].index(7, 41)
    assert frame["learning_rate"][place] == 5.0
    assert frame["updates"][place] == whole.updates[1, 7]


def test_without_pandas_the_error_says_what_to_do(whole, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_dataframe needs pandas: pip install pandas"):
        whole.to_dataframe()


def test_the_bar_counts_runs(capfd):
    nnlab.sweep(SHORT, progress=True, init_seed=range(50))
    assert "50/50" in capfd.readouterr().err
    sweep(SHORT, init_seed=range(50))
    assert capfd.readouterr() == ("", "")


def test_workers_that_are_stopped_hand_over_what_is_left():
    ready = workers.Workers()
    chunks = grid.Grid(SHORT, {"init_seed": range(64)}).chunks(np.zeros(64, bool))
    first = next(iter(ready.results(chunks)))
    rest = list(ready.stop())
    assert 0 < len(first) + sum(map(len, rest)) <= 64
    with pytest.raises(queue.Empty):
        ready._news.get_nowait()
