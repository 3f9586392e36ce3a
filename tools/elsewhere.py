"""Run checks as if on other machines, for numbers that must be the same on all of them.

`make elsewhere` runs the unit tests and all notebooks on each machine of ``MACHINES``;
`python tools/elsewhere.py COMMAND ...` runs one command on each. What is emulated is what makes
numbers differ: the instructions that the C library, NumPy, its linear algebra and Numba's compiler
choose. It needs an x86-64 processor with AVX2 and glibc, and says so elsewhere.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
MACHINES = {
    "an x86-64 of 2008": {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F",
        "NUMBA_CPU_NAME": "x86-64",
        "NUMBA_CPU_FEATURES": "",
        "OPENBLAS_CORETYPE": "NEHALEM",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL",
    },
    "an x86-64 of 2013": {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F",
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2",
        "OPENBLAS_CORETYPE": "HASWELL",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
    },
}
CHECKS = (
    "-m nnlab.warm",
    "-m pytest -q -n 2 -m not~browser --dist worksteal",
    "-m pytest -q -n 2 --dist loadfile --nbval notebooks"
    " --nbval-sanitize-with tests/nbval_sanitize.cfg",
)


def available() -> str:
    """Return why no machine can be emulated here, or nothing if it can."""
    if platform.machine() not in ("x86_64", "AMD64") or platform.libc_ver()[0] != "glibc":
        return f"other machines are emulated on x86-64 with glibc; this is {platform.platform()}"
    return ""


def environment(machine: str) -> dict[str, str]:
    """Return the variables that a process of that machine runs with, a compile cache of its own."""
    cache = ROOT / "build" / "elsewhere" / machine.replace(" ", "-")
    return {**os.environ, **_known(MACHINES[machine]), "NUMBA_CACHE_DIR": str(cache)}


def _known(variables: dict[str, str]) -> dict[str, str]:
    """Leave out features that this NumPy, on this processor, doesn't choose by itself."""
    found = numpy.show_config(mode="dicts")["SIMD Extensions"]["found"]
    wanted = variables["NPY_DISABLE_CPU_FEATURES"].split()
    here = " ".join(feature for feature in wanted if feature in found)
    return variables | {"NPY_DISABLE_CPU_FEATURES": here}


def main(arguments: list[str]) -> int:
    """Run all checks, or the command that is given, on each machine; return 0 if all passed."""
    if reason := available():
        print(reason, file=sys.stderr)
        return 2
    commands = (
        [arguments]
        if arguments
        else [
            [sys.executable, *(part.replace("~", " ") for part in check.split())]
            for check in CHECKS
        ]
    )
    failed = 0
    for machine in MACHINES:
        for command in commands:
            print(f"\n=== {machine}: {' '.join(command)}", flush=True)
            failed += subprocess.run(command, cwd=ROOT, env=environment(machine)).returncode != 0
    print(f"\n{failed} FAILED" if failed else "\nthe same everywhere")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
