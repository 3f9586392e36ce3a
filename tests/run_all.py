"""Run every check of the project, then print what ran, how long it took and whether it passed.

`python tests/run_all.py` runs all of them, `python tests/run_all.py lint unit` only those named,
`python tests/run_all.py quick` those for daily work. Two steps run side by side, so that no core
waits for the end of another's step, and beside them one that waits for the network. What a step
prints appears when it has ended.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
# The longest first, so that the short ones fill the gaps. Of each file of tests most go to one
# worker ("worksteal"), for they share fixtures; a notebook's cells must ("loadfile"). All that is
# done in a browser shares one JupyterLab and one Chromium.
STEPS = {
    "unit": (
        "pytest -m 'not browser and not network' -n 2 --dist worksteal"
        " --durations=10 --durations-min=1"
    ),
    "lint": "ruff check .",
    "format": "ruff format --check .",
    "imports": "lint-imports --no-cache --no-logo",
    "types": "mypy",
    "notebooks": (
        "pytest --nbval notebooks --nbval-sanitize-with tests/nbval_sanitize.cfg"
        " -n 2 --dist loadfile"
    ),
    "browser": "pytest tests/browser -m browser --durations=0 --durations-min=1",
    "pins": "pytest tests/test_packaging.py -m network",
    "fast": "pytest -q -m 'not browser and not slow' -n 2 --dist worksteal",
}
SETS = {
    "all": [name for name in STEPS if name != "fast"],
    "quick": ["fast", "lint", "format", "imports", "types"],
}
SIDE_BY_SIDE = 2
ASIDE = ("pins",)  # beside all others, as it waits for the network and hardly needs a processor


class Result(NamedTuple):
    """What came of a step; `cpu` counts the seconds of all processors, however busy they were."""

    name: str
    passed: bool
    seconds: float
    cpu: float


def main(names: list[str]) -> int:
    """Run the named steps (all without a name); return 0 if every one passed, else 1."""
    if unknown := [name for name in names if name not in [*SETS, *STEPS]]:
        there = ", ".join([*SETS, *STEPS])
        print(f"unknown: {', '.join(unknown)}; there are: {there}", file=sys.stderr)
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as in make.py, and for its reason
    chosen = [step for name in names or ["all"] for step in SETS.get(name, [name])]
    start = time.perf_counter()
    if len(chosen) == 1:
        results = [run(chosen[0])]
    else:
        printing = threading.Lock()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as lanes, ThreadPoolExecutor() as aside:
            under_way = [
                (aside if name in ASIDE else lanes).submit(run_quietly, name, printing)
                for name in chosen
            ]
            results = [each.result() for each in under_way]
    print_table(results, time.perf_counter() - start)
    return 0 if all(result.passed for result in results) else 1


def run_quietly(name: str, printing: threading.Lock) -> Result:
    """Run one step; print all it said at its end, in one piece."""
    with tempfile.TemporaryFile() as said:
        result = run(name, said)
        said.seek(0)
        with printing:
            print(f"\n=== {name}: {STEPS[name]}", flush=True)
            shutil.copyfileobj(said, sys.stdout.buffer)
            sys.stdout.flush()
    return result


def run(name: str, output=None) -> Result:
    """Run one step; what it prints goes to this file, or to the screen."""
    program, *arguments = shlex.split(STEPS[name])
    found = shutil.which(program, path=sysconfig.get_path("scripts"))
    if found is None:
        print(f"{program} is not installed; `make test` and `python make.py test` install it")
        return Result(name, False, 0.0, 0.0)
    start = time.perf_counter()
    with subprocess.Popen(
        [found, *arguments], cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT
    ) as process:
        cpu = wait(process)
    return Result(name, process.returncode == 0, time.perf_counter() - start, cpu)


def wait(process: subprocess.Popen) -> float:
    """Wait for a process; return the processors' seconds it and its children used, 0 if unknown."""
    if not hasattr(os, "wait4"):  # Windows
        process.wait()
        return 0.0
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def print_table(results: list[Result], seconds: float) -> None:
    """Print a line for each step that ran, and one for the whole, which took `seconds`."""
    print(f"\n{'step':<11}{'seconds':>8}{'of CPU':>8}  result  command")
    for name, passed, own, cpu in results:
        print(f"{name:<11}{own:>8.1f}{cpu:>8.1f}  {'pass' if passed else 'FAIL'}    {STEPS[name]}")
    failed = sum(not result.passed for result in results)
    cpu = sum(result.cpu for result in results)
    print(f"{'all':<11}{seconds:>8.1f}{cpu:>8.1f}  {f'{failed} FAILED' if failed else 'pass'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
