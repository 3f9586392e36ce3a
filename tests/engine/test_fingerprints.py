"""The same bits everywhere: short runs over all rules, here and on machines that are emulated."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tools import elsewhere, fingerprints

STORED = json.loads(fingerprints.TARGET.read_text(encoding="utf-8"))
EXPERIMENTS = fingerprints.experiments()
NO_MACHINE = elsewhere.available()


def test_all_rules_are_there():
    for field in ("init", "activation", "optimizer", "normalization", "loss", "batch_size"):
        values = [str(getattr(experiment, field)) for experiment in EXPERIMENTS]
        assert min(values.count(value) for value in set(values)) >= 20, field


def test_most_runs_learn_to_their_end():
    assert sum(stored.startswith("40 ") for stored in STORED) > 0.9 * len(STORED)
    assert len(set(STORED)) > 0.95 * len(STORED)


def test_the_engine_finds_what_is_stored():
    assert [fingerprints.by_engine(experiment) for experiment in EXPERIMENTS] == STORED


def test_a_fingerprint_changes_with_the_last_bit():
    weights = np.array([0.5, np.nan, -1.0])
    print_ = fingerprints.fingerprint(7, weights)
    assert fingerprints.fingerprint(7, np.array([0.5, -np.nan, -1.0])) == print_
    assert fingerprints.fingerprint(8, weights) != print_
    weights[0] = np.nextafter(0.5, 1.0)
    assert fingerprints.fingerprint(7, weights) != print_


@pytest.mark.slow
@pytest.mark.skipif(bool(NO_MACHINE), reason=NO_MACHINE or "-")
@pytest.mark.parametrize(
    ("machine", "way"),
    [  # compiling takes half a minute: `make elsewhere` does it for every machine
        ("an x86-64 of 2008", "--engine"),
        ("an x86-64 of 2008", "--reference"),
        ("an x86-64 of 2013", "--reference"),
    ],
)
def test_another_machine_finds_the_same(machine, way):
    command = [sys.executable, str(elsewhere.ROOT / "tools" / "fingerprints.py"), way]
    found = subprocess.run(
        command,
        env=elsewhere.environment(machine) | {"PYTHONPATH": str(elsewhere.ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert json.loads(found.stdout) == STORED
