"""Sweeps: the same bits as single runs wherever they run, whatever stops them in the middle."""

import _thread
import itertools
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlab
from nnlab.analysis import passage
from nnlab.engine import loop, training
from nnlab.run import stopping
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
        patch.setattr(workers.Workers, "chunks", 1)
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
        {"order_seed": [4, 2], "layers": [(3, 5, 1), (3, 4, 1)], "init_seed": [1, 0, 1]},
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
    runs = training.Ensemble(SHORT, starts)
    while runs.running:
        runs.advance(0.01)
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


def test_what_a_start_is_made_of_is_trained_once(monkeypatch):
    trained = []
    train = nnlab.Experiment.run
    monkeypatch.setattr(nnlab.Experiment, "run", lambda *args: trained.append(1) or train(*args))
    nudged = nnlab.Nudged(nnlab.After(nnlab.Experiment(), 617), 0.1)
    axes = {"init_seed": range(20), "batch_size": [1, 2]}
    sweep(SHORT.replace(init=nudged), executor=ThreadPoolExecutor(1), **axes)
    assert len(trained) == 1


def test_orders_are_run_as_one_job():
    base = SHORT.replace(shuffle=True, dropout=0.2)
    batches = [
        batch
        for chunk in grid.Grid(base, {"order_seed": range(99)}).chunks(np.zeros(99, bool))
        for batch in chunk
    ]
    assert {batch.experiment for batch in batches} == {base}
    assert_as_single_runs(in_one_chunk(base, order_seed=[3, 0, 2**60], init_seed=range(3)))


@pytest.mark.parametrize("name", list(nnlab.INITIALIZERS))
def test_a_start_says_rightly_whether_it_uses_the_seed(name):
    start = nnlab.Initializer(name)
    (one,), (other,) = (start.weights([(4, 5)], seed) for seed in (0, 1))
    assert start.uses_seed == (not np.array_equal(one, other))


# --- whatever the pieces and the workers ---------------------------------------------------------


@pytest.mark.parametrize("most", [1, 7, 10**6])
def test_chunks_make_no_difference(most, whole, monkeypatch):
    monkeypatch.setattr(grid, "_MOST_CELLS", most)
    monkeypatch.setattr(workers.Workers, "chunks", 1)
    assert_same(sweep(SHORT, **AXES), whole)


@pytest.mark.parametrize("numbers", [1, 200])
def test_pieces_of_a_chunk_make_no_difference(numbers, whole, monkeypatch):
    monkeypatch.setattr(cells, "_MOST_NUMBERS", numbers)
    assert_same(sweep(SHORT, **AXES), whole)


@pytest.mark.parametrize("products", [1, 10_000, 10**9])
def test_the_length_of_a_call_makes_no_difference(products, whole, monkeypatch):
    monkeypatch.setattr(training, "_FIRST_PRODUCTS", products)
    monkeypatch.setattr(training, "_CHUNK_SECONDS", 0.0)
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


@pytest.mark.parametrize(("cores", "chunks"), [(1, 13), (2, 13), (8, 25), (64, 50)])
def test_a_chunk_fills_lanes_where_cores_are_busy_anyway(cores, chunks, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    few = grid.Grid(SHORT, {"init_seed": range(100)})
    assert len(few.chunks(np.zeros(100, bool))) == chunks


def test_two_fields_of_a_cell_in_several_groups_share_a_chunk():
    axes = {"max_updates": range(1, 201), "init_seed": range(3)}
    chunks = grid.Grid(SHORT, axes).chunks(np.zeros(600, bool))
    assert len(chunks) == 60
    places = np.concatenate([batch.places for chunk in chunks for batch in chunk])
    assert sorted(places) == list(range(600))


def test_a_sweep_compiles_nothing(whole):
    assert [len(each.signatures) for each in (loop.advance_lanes, loop.advance_usual_lanes)] == [
        1,
        1,
    ]


# --- executors -----------------------------------------------------------------------------------


def compiled():
    """How many functions this process has compiled rather than loaded, and how many loaded."""
    stats = [entry.stats for entry in loop.ENTRIES]
    return [sum(sum(getattr(each, kind).values()) for each in stats) for kind in KINDS]


KINDS = ("cache_misses", "cache_hits")


def test_a_pool_of_processes_gives_the_same_and_compiles_nothing(whole):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert_same(sweep(SHORT, executor=executor, **AXES), whole)
        misses, hits = executor.submit(compiled).result()
        assert misses == 0 < hits


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


def interrupt_when(condition, times=None):
    """Interrupt the main thread as soon as the condition holds, and note when."""
    while not condition():
        time.sleep(0.001)
    if times is not None:
        times.append(time.perf_counter())
    _thread.interrupt_main()


def kill_when(pid, condition):
    """Kill a process as soon as the condition holds."""
    while not condition():
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)


def finished(path):
    """How many cells a file holds at least."""
    return max(0, path.stat().st_size - 200) // (8 + cells.RECORD.itemsize) if path.exists() else 0


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


def test_a_dask_client_is_taken_as_executor(dask, whole):
    assert_same(sweep(SHORT, executor=dask, **AXES), whole)


@pytest.mark.parametrize(
    "executor", [4, True, "threads", ProcessPoolExecutor, ThreadPool, min, [ThreadPoolExecutor]]
)
def test_what_is_no_executor_is_refused_and_leaves_no_file(executor, tmp_path):
    with pytest.raises(TypeError, match=r"executor must be a concurrent.futures.Executor, .*; got"):
        sweep(SHORT, executor=executor, path=tmp_path / "new" / "sweep", init_seed=range(3))
    assert list(tmp_path.iterdir()) == []


def test_a_multiprocessing_pool_is_refused():
    with ThreadPool(1) as pool, pytest.raises(TypeError, match="executor must be"):
        sweep(SHORT, executor=pool, init_seed=range(3))


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        future.set_result(function(*args, **kwargs))
        return future

    def __len__(self):
        return 0


def test_an_executor_that_works_at_once_and_is_empty_gives_the_same(whole):
    assert_same(sweep(SHORT, executor=AtOnce(), **AXES), whole)


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
def test_an_interrupt_ends_a_sweep_soon_and_leaves_what_is_finished(experiment, monkeypatch):
    run_here, times = counted(monkeypatch), []

    def fire():
        interrupt_when(lambda: sum(run_here) >= 4, times)

    threading.Thread(target=fire).start()
    with pytest.raises(nnlab.Interrupted) as caught:
        sweep(experiment, max_updates=[5, 10**12], init_seed=range(4))
    assert time.perf_counter() - times[0] < 1.0
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


LONG_START = nnlab.After(ENDLESS, 10**12)
NEVER = {
    "cells": {"init_seed": range(4)},
    "starts": {"init": [LONG_START, nnlab.Nudged(LONG_START, 0.1)], "init_seed": range(2)},
    "starts of starts": {"init": [nnlab.After(ENDLESS.replace(init=LONG_START), 3)]},
}


def seconds_to_stop(base, **arguments):
    """Interrupt a sweep after a moment; return how long it then takes, and what was left."""
    times = []

    def fire():
        times.append(time.perf_counter())
        _thread.interrupt_main()

    timer = threading.Timer(0.5, fire)
    timer.start()
    with pytest.raises(nnlab.Interrupted) as caught:
        sweep(base, **arguments)
    took = time.perf_counter() - times[0]
    timer.join()
    assert caught.value.run is None
    return took, caught.value.sweep


@pytest.mark.parametrize("axes", NEVER.values(), ids=NEVER)
def test_an_interrupt_ends_own_threads_wherever_the_time_goes(axes):
    took, swept = seconds_to_stop(ENDLESS, **axes)
    assert took < 1.0 and not swept.ended.any()
    assert [each.name for each in threading.enumerate() if "nnlab" in each.name] == []


@pytest.mark.parametrize("axes", NEVER.values(), ids=NEVER)
def test_an_interrupt_ends_what_is_under_way_in_any_threads(axes):
    with ThreadPoolExecutor(2) as executor:
        took, swept = seconds_to_stop(ENDLESS, executor=executor, **axes)
        begin = time.perf_counter()
    assert time.perf_counter() - begin < 1.0  # the pool was free
    assert took < 1.0 and not swept.ended.any()


@pytest.mark.parametrize("axes", NEVER.values(), ids=NEVER)
def test_an_interrupt_ends_what_is_under_way_in_other_processes(axes, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        sweep(SHORT, executor=executor, init_seed=range(4))  # the process is there, and warm
        took, swept = seconds_to_stop(ENDLESS, executor=executor, **axes)
        begin = time.perf_counter()
        executor.submit(os.getpid).result()  # comes when the chunk under way has ended
        assert time.perf_counter() - begin < 1.0
    assert took < 1.0 and not swept.ended.any()
    assert list(tmp_path.iterdir()) == []  # the flag is taken down


def test_an_interrupt_ends_an_executor_that_works_at_once():
    took, swept = seconds_to_stop(ENDLESS, executor=AtOnce(), max_updates=[5, 10**12])
    assert took < 1.0 and swept.ended.tolist() == [True, False]


def test_cells_that_end_while_a_pool_is_stopped_are_kept():
    with ThreadPoolExecutor(1) as executor:
        axes = {"max_updates": [5, 10**12], "init_seed": range(4)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workers.Workers, "chunks", 1)
            _, swept = seconds_to_stop(ENDLESS, executor=executor, **axes)
    assert swept.outcome.tolist() == [["out of updates"] * 4, [""] * 4]


def test_an_interrupt_within_a_chunk_that_nobody_stopped_is_not_swallowed(monkeypatch):
    def interrupted(*_):
        raise nnlab.Interrupted("by somebody else")

    monkeypatch.setattr(cells, "start", interrupted)
    (chunk,) = grid.Grid(SHORT, {"init_seed": [0]}).chunks(np.zeros(1, bool))
    with pytest.raises(nnlab.Interrupted, match="by somebody else"):
        cells.run_chunk(chunk, lambda: False)
    assert len(cells.run_chunk(chunk, lambda: True)) == 0


def test_a_start_that_was_stopped_is_not_taken_for_whole():
    base = SHORT.replace(init=nnlab.After(ENDLESS, 3_000_000), max_updates=5)
    (chunk,) = grid.Grid(base, {"order_seed": [0]}).chunks(np.zeros(1, bool))
    asked = []
    stopped = cells.run_chunk(chunk, lambda: asked.append(1) or len(asked) > 2)
    assert len(stopped) == 0
    found = cells.run_chunk(chunk, lambda: False)
    assert found["loss"] == base.run().history.loss[-1]


def test_a_sweep_within_a_start_ends_with_what_stands_around_it():
    with stopping(lambda: True), pytest.raises(nnlab.Interrupted):
        sweep(ENDLESS, init_seed=range(4))


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
    with pytest.warns(RuntimeWarning, match=r"sweep' is damaged in 1 place\(s\)"):
        assert_same(sweep(SHORT, path=path, **AXES), whole)
    assert_same(sweep(SHORT, path=path, **AXES), whole)  # whole again: no warning


def frames(path):
    """Where each frame of a file begins, and behind the last one its end."""
    content = path.read_bytes()
    places = [content.index(b"\n") + 1]
    while places[-1] < len(content):
        places.append(places[-1] + 8 + int.from_bytes(content[places[-1] :][:4], "little"))
    return places


@pytest.mark.parametrize("offset", [0, 1, 3, 5, 8, 30])
def test_a_damaged_frame_costs_that_frame_and_a_warning(offset, tmp_path, whole, monkeypatch):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    places = frames(path)
    begin, end = places[:2]
    content = bytearray(path.read_bytes())
    content[begin + offset] ^= 4
    path.write_bytes(content)
    run_here = counted(monkeypatch)
    with pytest.warns(RuntimeWarning, match=rf"1 place\(s\): {end - begin:,} bytes were passed"):
        assert_same(sweep(SHORT, path=path, **AXES), whole)
    assert cells.RECORD.itemsize * sum(run_here) == end - begin - 8
    assert path.read_bytes()[: len(content)] == content  # nothing behind it was cut
    run_here.clear()
    with pytest.warns(RuntimeWarning, match="damaged"):
        assert_same(sweep(SHORT, path=path, **AXES), whole)
    assert run_here == []


@pytest.mark.parametrize("filling", [b"\0", b"\xff", b"\x28"])
def test_a_stretch_lost_in_the_middle_costs_the_frames_in_it(filling, tmp_path, whole):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    *_, third, last = frames(path)[:4]
    content = bytearray(path.read_bytes())
    first = frames(path)[0]
    content[first + 3 : third + 5] = filling * (third + 5 - first - 3)
    path.write_bytes(content)
    with pytest.warns(RuntimeWarning, match=rf"1 place\(s\): {last - first:,} bytes"):
        assert_same(sweep(SHORT, path=path, **AXES), whole)


def test_a_megabyte_of_zeros_is_passed_over_at_once(tmp_path, whole):
    path = tmp_path / "sweep"
    sweep(SHORT, path=path, **AXES)
    path.write_bytes(path.read_bytes() + bytes(10_000_000))
    begin = time.perf_counter()
    with pytest.warns(RuntimeWarning, match="10,000,000 bytes"):
        assert_same(sweep(SHORT, path=path, **AXES), whole)
    assert time.perf_counter() - begin < 3.0  # byte by byte it would take ten


def test_two_sweeps_may_share_a_file(tmp_path, whole):
    path = tmp_path / "sweep"
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(sweep, SHORT, path=path, **AXES) for _ in range(2)]
    for each in both:
        assert_same(each.result(), whole)
    with Journal(path, grid.Grid(SHORT, AXES)) as found:
        assert found.done.all()


def test_a_second_writer_does_not_write_over_the_first(tmp_path):
    axes = grid.Grid(SHORT, {"init_seed": range(9)})
    records = np.zeros(9, cells.RECORD)
    records["place"], records["outcome"] = range(9), 1
    with Journal(tmp_path / "sweep", axes) as one, Journal(tmp_path / "sweep", axes) as two:
        one.append(records[:4])
        two.append(records[4:])
    with Journal(tmp_path / "sweep", axes) as found:
        assert np.array_equal(np.sort(found.records, order="place"), records)


def test_a_path_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    sweep(SHORT, path="~/results/my.sweep", init_seed=range(3))
    assert (tmp_path / "results" / "my.sweep").stat().st_size > 0


@pytest.mark.parametrize(
    ("path", "error"), [(4, TypeError), (True, TypeError), ("~nobody-at-all/x", ValueError)]
)
def test_a_path_that_is_none_is_refused(path, error):
    with pytest.raises(error, match="path must"):
        sweep(SHORT, path=path, init_seed=range(3))


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="path must be a file, not a folder or a device; got"):
        sweep(SHORT, path=tmp_path / "pipe", init_seed=range(3))


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"init": np.array(["gaussian", "xavier"])}, {"init": ["gaussian", "xavier"]}),
        ({"learning_rate": np.array([0.5, 5.0])}, {"learning_rate": (0.5, 5)}),
        ({"init_seed": np.arange(3)}, {"init_seed": range(3)}),
        ({"layers": [[3, 5, 1], [3, 8, 1]]}, {"layers": ((3, 5, 1), (3, 8, 1))}),
        ({"layers": np.array([[3, 5, 1], [3, 8, 1]])}, {"layers": [(3, 5, 1), (3, 8, 1)]}),
        ({"learning_rate": [[1.0, 2.0]]}, {"learning_rate": np.array([[1, 2]])}),
        ({"learning_rate": iter([1.0, 2.0])}, {"learning_rate": {1.0: "a", 2.0: "b"}.keys()}),
        ({"init_seed": [2, 0, 2]}, {"init_seed": (2, 0, 2)}),
    ],
)
def test_a_sweep_resumes_whatever_its_values_come_in(first, again, tmp_path, monkeypatch):
    path = tmp_path / "sweep"
    made = sweep(SHORT, path=path, **first)
    run_here = counted(monkeypatch)
    assert_same(sweep(SHORT, path=path, **again), made)
    assert run_here == []


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
    with pytest.raises(ValueError, match="path must be a file, not a folder or a device; got"):
        sweep(SHORT, path=tmp_path, init_seed=range(3))


def test_what_an_interrupted_sweep_has_finished_is_in_the_file(tmp_path):
    path, axes = tmp_path / "sweep", {"learning_rate": [0.01], "init_seed": range(100_000)}
    threading.Thread(target=interrupt_when, args=(lambda: finished(path) > 0,)).start()
    with pytest.raises(nnlab.Interrupted) as caught:
        sweep(SHORT, path=path, **axes)
    ended = caught.value.sweep.ended.sum()
    assert 0 < ended < 100_000
    with Journal(path, grid.Grid(SHORT, axes)) as found:
        # An interrupt just behind a record's writing has it written once more, the same.
        assert len(np.unique(found.records)) == found.done.sum() == ended


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
        ({"init_seed": [0, -1]}, ValueError, "init_seed must be at least 0 .*; got -1"),
        ({"init_seed": [0, 1.5]}, TypeError, "init_seed must be a whole number; got 1.5"),
        ({"batch_size": [1, 7]}, ValueError, "batch_size must be at least 1 and at most 6; got 7"),
        ({"init": ["xavier", "heh"]}, ValueError, "Did you mean 'he'"),
        ({"init_seed": [0], "progress": 1}, TypeError, "progress must be True or False; got 1"),
        ({"init_seed": {0, 1}}, TypeError, "init_seed must be values in an order, .* got {0, 1}"),
        ({"init_seed": {0: "a"}}, TypeError, "init_seed must be values in an order"),
        ({"init_seed": np.array(3)}, TypeError, "init_seed must be a list of values .* got array"),
        ({"init_seed": b"abc"}, TypeError, "init_seed must be a list of values .* got b'abc'"),
        ({"init_seed": [np.ma.masked]}, TypeError, "init_seed must be a whole number; got None"),
        ({"init_seed": itertools.count()}, ValueError, "at most 10,000,000 .* values of init_seed"),
        ({"init_seed": range(10**12)}, ValueError, "at most 10,000,000 .* values of init_seed"),
        (
            {"init_seed": range(10**4), "order_seed": range(10**4)},
            ValueError,
            "at most 10,000,000 cells, some 2 GB of memory; got init_seed .* 100,000,000",
        ),
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
    needed = [[10, np.nan, 30, np.inf], [np.nan] * 4]
    np.testing.assert_array_equal(swept.updates_needed, needed)
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
    with pytest.raises(
        ValueError, match=r"learning_rate must be one of .* \[0.5, 5.0, 20.0\]; got 3"
    ):
        whole.experiment(learning_rate=3, init_seed=7)
    with pytest.raises(ValueError, match="an axis of this sweep must be one of"):
        whole.experiment(rate=3)


def test_a_cell_is_found_but_for_rounding():
    rates = np.arange(0.1, 0.6, 0.1)
    swept = sweep(SHORT.replace(max_updates=1), learning_rate=rates)
    assert 0.3 not in swept.axes["learning_rate"]
    assert swept.experiment(learning_rate=0.3).learning_rate == rates[2]
    assert swept.experiment(learning_rate=rates[2]).learning_rate == rates[2]
    with pytest.raises(ValueError, match=r"got 0\.3001"):
        swept.experiment(learning_rate=0.3001)


def test_of_two_values_within_rounding_the_given_one_is_found():
    near = 0.3 * (1 + 1e-12)
    swept = sweep(SHORT.replace(max_updates=1), learning_rate=[near, 0.3])
    assert swept.experiment(learning_rate=0.3).learning_rate == 0.3
    assert swept.experiment(learning_rate=0.3 * (1 + 7e-13)).learning_rate == near


def test_a_cell_is_found_by_values_in_any_guise():
    pairs = [(0.1 + 0.2, 1.0), (2.0, 2.0)]
    swept = sweep(SHORT.replace(max_updates=1), layers=[[3, 5, 1], [3, 4, 1]], learning_rate=pairs)
    found = swept.experiment(layers=np.array([3, 4, 1]), learning_rate=[0.3, 1])
    assert (found.layers, found.learning_rate) == ((3, 4, 1), pairs[0])


def test_of_many_values_the_message_shows_some():
    swept = sweep(SHORT.replace(max_updates=1), init_seed=range(1000))
    with pytest.raises(ValueError, match=r"values \[0, 1, .*, 11, \.\.\.\]; got 1000"):
        swept.experiment(init_seed=1000)


def test_a_value_that_stands_twice_is_run_twice():
    swept = sweep(SHORT, init_seed=[4, 4, 5])
    assert swept.updates[0] == swept.updates[1] != swept.updates[2]
    assert swept.experiment(init_seed=4) == SHORT.replace(init_seed=4)


def test_an_axis_given_twice_is_refused():
    with pytest.raises(TypeError, match="init_seed"):
        nnlab.sweep(SHORT, **{"init_seed": [1]}, **{"init_seed": [2]})


def test_what_is_no_experiment_is_refused():
    with pytest.raises(TypeError, match="experiment must be an Experiment; got str"):
        nnlab.sweep("article", init_seed=[1])


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
    assert list(ready.stop()) == []


def test_news_that_an_interrupt_came_upon_are_not_lost():
    ready = workers.Workers()
    chunks = grid.Grid(SHORT, {"init_seed": range(64)}).chunks(np.zeros(64, bool))
    coming = ready.results(chunks)
    seen = [next(coming)]
    coming.close()  # as when the one who asked was interrupted while he took it
    seen_again = next(iter(ready.stop()))
    assert np.array_equal(seen_again, seen[0])


def test_the_worst_error_is_that_of_the_network_in_use():
    normed = nnlab.Experiment(
        layers=(3, 5, 5, 5, 1), init="gaussian", batch_size="full", normalization="batch"
    ).replace(learning_rate=30.0, max_updates=300)
    found = sweep(normed, init_seed=range(20))
    for seed, worst in enumerate(found.worst_error):
        assert worst == passage.worst_error(normed.replace(init_seed=seed).run().history)[-1]
    assert (found.worst_error[found.converged] > 0.25).any()  # converged, and wrong in use


def test_where_a_cell_has_not_ended_its_worst_error_is_unknown():
    found = made_up([["converged", ""], ["", "converged"]], [[5, 0], [0, 5]])
    assert np.isnan(found.worst_error).tolist() == [[False, True], [True, False]]
