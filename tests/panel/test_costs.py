"""What a panel costs beside the training that it shows: time, memory, threads."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import nnlab
from nnlab.panel.panel import Panel

SMALL = 10
SMALL_PANELS = f"""
import gc, threading
import nnlab

def resident():
    with open("/proc/self/statm") as counts:
        return int(counts.read().split()[1]) * 4096

def shown():
    panel = nnlab.live(
        nnlab.Experiment(learning_rate=5.0), views=["errors"], tools=[], learning_rate=(1.0, 9.0)
    )
    panel._repr_mimebundle_()
    panel.wait(60)
    return panel

first = [shown() for _ in range(3)]
gc.collect()
threads, before = threading.active_count(), resident()
panels = [shown() for _ in range({SMALL})]
gc.collect()
print(resident() - before, threading.active_count() - threads)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="asks Linux for memory")
def test_small_panels_stay_light():
    """Under 5 MB each, and no thread while idle."""
    code = textwrap.dedent(SMALL_PANELS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    grown, threads = map(int, done.stdout.split())
    assert grown < 5e6 * SMALL
    assert threads == 0


def shown_seconds(panel: Panel, rate: float) -> tuple[float, float]:
    """Seconds of a whole answer to a slider, and of the training in it."""
    panel._inputs["learning_rate"].value = rate
    request = panel._request()
    begin = time.perf_counter()
    panel._controller.train(request, lambda: False)
    took = time.perf_counter() - begin
    assert panel.run is not None and panel.run.experiment.learning_rate == rate
    return took, panel.run.seconds


@pytest.mark.parametrize("view", ["errors", "network"])
def test_a_wide_network_is_shown_in_little_more_than_its_training(view):
    """64-512-10 on digits: 1.5 times is asked for; under load twice is let pass."""
    experiment = nnlab.Experiment(
        data=nnlab.digits(),
        layers=(64, 512, 10),
        batch_size=32,
        activation="relu",
        init="he",
        output="softmax",
        loss="cross_entropy",
        max_updates=600,
        tolerance=1e-9,
    )
    panel = nnlab.live(experiment, views=[view], learning_rate=(0.01, 0.5))
    panel._worker.close()
    pairs = [shown_seconds(panel, rate) for rate in (0.011, 0.012, 0.013)]
    assert min(took / training for took, training in pairs) < 2.0
    assert threading.active_count() < 10
    panel.close()


def test_a_closed_panel_keeps_nothing_that_takes_room():
    """For a notebook's ``Out`` keeps the panel, and JupyterLab the state of its widgets."""
    panel = nnlab.live(nnlab.Experiment(learning_rate=5.0), learning_rate=(1.0, 9.0))
    view = panel.picture
    assert panel.run.updates == 564 and view.frame and view.tiles and view.ticks
    panel.close()
    assert panel.run is None
    assert (view.frame, view.tiles, view.ticks, view.alt) == ({}, [], [], "")
    assert view.comm is None
    panel.close()  # again
