"""Run every check of the project, then print what ran, how long it took and whether it passed.

`python tests/run_all.py` runs all of them, `python tests/run_all.py lint unit` only those named,
`python tests/run_all.py quick` those for daily work.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = {
    "lint": "ruff check .",
    "format": "ruff format --check .",
    "imports": "lint-imports --no-cache --no-logo",
    "types": "mypy",
    "fast": "pytest -q -m 'not browser and not slow' -n 2 --dist worksteal",
    "unit": "pytest -m 'not browser' -n 3 --dist loadfile",
    "notebooks": (
        "pytest --nbval notebooks --nbval-sanitize-with tests/nbval_sanitize.cfg"
        " -n 2 --dist loadfile"
    ),
    "browser": "pytest -m browser -n 3 --dist load",
}
ALL = [name for name in STEPS if name != "fast"]
QUICK = ["lint", "format", "imports", "types", "fast"]


def main(names: list[str]) -> int:
    """Run the named steps (all without a name); return 0 if every one passed, else 1."""
    if unknown := [name for name in names if name not in [*STEPS, "quick"]]:
        print(
            f"unknown: {', '.join(unknown)}; there are: quick, {', '.join(STEPS)}", file=sys.stderr
        )
        return 2
    chosen = [step for name in names for step in (QUICK if name == "quick" else [name])]
    results = [(name, *run(name)) for name in chosen or ALL]
    print_table(results)
    return 0 if all(passed for _, passed, _, _ in results) else 1


def run(name: str) -> tuple[bool, float, float]:
    """Run one step with its output on the screen.

    Returns:
        Whether it passed, its seconds, and the seconds of all processors that it and its children
        used: what it costs however busy the machine is.
    """
    print(f"\n=== {name}: {STEPS[name]}", flush=True)
    program, *arguments = shlex.split(STEPS[name])
    found = shutil.which(program, path=sysconfig.get_path("scripts"))
    start, used = time.perf_counter(), processor_seconds()
    # Tests find nnlab's tests.* and tools.* from the project's top folder, wherever this is called.
    passed = bool(found) and subprocess.run([found, *arguments], cwd=ROOT).returncode == 0
    if not found:
        print(f"{program} is not installed: `make test` installs it")
    return passed, time.perf_counter() - start, processor_seconds() - used


def processor_seconds() -> float:
    """Seconds of all processors that ended children have used; 0 where nobody counts them."""
    times = os.times()
    return times.children_user + times.children_system


def print_table(results: list[tuple[str, bool, float, float]]) -> None:
    """Print a line for each step that ran, and one for the whole."""
    print(f"\n{'step':<11}{'seconds':>8}{'of CPU':>8}  result  command")
    for name, passed, seconds, used in results:
        verdict = "pass" if passed else "FAIL"
        print(f"{name:<11}{seconds:>8.1f}{used:>8.1f}  {verdict}    {STEPS[name]}")
    failed = sum(not passed for _, passed, _, _ in results)
    seconds, used = (sum(result[place] for result in results) for place in (2, 3))
    print(f"{'all':<11}{seconds:>8.1f}{used:>8.1f}  {f'{failed} FAILED' if failed else 'pass'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
