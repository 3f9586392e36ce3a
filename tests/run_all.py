"""Run every check of the project, then print what ran, how long it took and whether it passed.

`python tests/run_all.py` runs all of them, `python tests/run_all.py lint unit` only those named.
"""

import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = {
    "lint": "ruff check .",
    "format": "ruff format --check .",
    "types": "mypy",
    "unit": "pytest -m 'not browser' -n 3 --dist loadfile",
    "notebooks": (
        "pytest --nbval notebooks --nbval-sanitize-with tests/nbval_sanitize.cfg"
        " -n 2 --dist loadfile"
    ),
    "browser": "pytest -m browser -n 3 --dist load",
}


def main(names: list[str]) -> int:
    """Run the named steps (all without a name); return 0 if every one passed, else 1."""
    if unknown := [name for name in names if name not in STEPS]:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    results = [(name, *run(name)) for name in names or STEPS]
    print_table(results)
    return 0 if all(passed for _, passed, _ in results) else 1


def run(name: str) -> tuple[bool, float]:
    """Run one step with its output on the screen; return whether it passed, and its seconds."""
    print(f"\n=== {name}: {STEPS[name]}", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", *shlex.split(STEPS[name])]
    passed = subprocess.run(command, cwd=ROOT).returncode == 0
    return passed, time.perf_counter() - start


def print_table(results: list[tuple[str, bool, float]]) -> None:
    """Print a line for each step that ran, and one for the whole."""
    print(f"\n{'step':<11}{'seconds':>8}  result  command")
    for name, passed, seconds in results:
        print(f"{name:<11}{seconds:>8.1f}  {'pass' if passed else 'FAIL'}    {STEPS[name]}")
    failed = sum(not passed for _, passed, _ in results)
    total = sum(seconds for _, _, seconds in results)
    print(f"{'all':<11}{total:>8.1f}  {f'{failed} FAILED' if failed else 'pass'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
