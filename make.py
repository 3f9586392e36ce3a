"""`make lab` and `make test` for every machine: `python make.py lab`, `python make.py test`.

The Makefile calls this too, so what is installed, and when, is written here alone. Any Python from
3.7 up can start it; what it sets up in .venv has one of PYTHONS. Nothing but the standard library.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check")
UV = BIN / ("uv.exe" if os.name == "nt" else "uv")
PYTHONS = ("3.15", "3.14", "3.13", "3.12", "3.11")
BROUGHT = "3.13"  # what uv is asked for where none of these is there: the newest that was tried
UV_VERSION = "0.13.9"
NOTEBOOK = "notebooks/01_learning_rate.ipynb"
PINS = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
# What is done is recorded in .venv, so that a second call starts at once and without a network.
CREATED, INSTALLED, FOR_TESTS, WARM = (
    VENV / f"stamp-{name}" for name in ("created", "installed", "installed-for-tests", "warm")
)


class Refused(Exception):
    """What keeps the set-up from going on, in words for whoever started it."""


def main(arguments: list[str]) -> int:
    """Carry out one command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["lab", "test", "setup", "setup-tests", "setup-uv"])
    parser.add_argument("--bring", action="store_true", help="let uv bring a Python if need be")
    options, rest = parser.parse_known_args(arguments)
    os.chdir(ROOT)
    # Where Python may not keep what it has made of sources, as in many containers, every kernel
    # would compile those of Numba, Matplotlib and JupyterLab anew: a second or more each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        make_venv(options.bring)
        if options.command != "setup-uv":
            fill_venv(tests=options.command in ("test", "setup-tests"))
        if options.command == "lab":
            # Jupyter starts for root (in a container, say) only when told that this is meant.
            root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
            become(PYTHON, "-m", "jupyterlab", NOTEBOOK, "--ServerApp.ip=localhost", *root, *rest)
        if options.command == "test":
            become(PYTHON, ROOT / "tests" / "run_all.py", *rest)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def make_venv(bring: bool = False) -> None:
    """Make .venv, with uv in it, unless it is there."""
    if not (PYTHON.exists() and CREATED.exists()):
        create(bring)
        CREATED.touch()
    if not UV.exists():
        run(*PIP, "install", f"uv=={UV_VERSION}")  # if that fails, pip does all


def fill_venv(tests: bool) -> None:
    """Install what is missing in .venv; if nothing is, no network is needed."""
    if older(FOR_TESTS if tests else INSTALLED, PINS):
        # The test extra holds everything that `lab` needs, so this is worth both stamps.
        install(".[test]" if tests else ".")
        for stamp in [INSTALLED, FOR_TESTS] if tests else [INSTALLED]:
            stamp.touch()
    if older(WARM, [INSTALLED, *ROOT.glob("nnlab/**/*.py")]):
        must(PYTHON, "-m", "nnlab.warm")
        WARM.touch()


def older(stamp: Path, sources: list[Path]) -> bool:
    """Whether the stamp is missing, or one of its sources is newer."""
    if not stamp.exists():
        return True
    made = stamp.stat().st_mtime
    return any(source.stat().st_mtime > made for source in sources)


def create(bring: bool) -> None:
    """Make .venv with a Python that fits, or with the one that uv brings."""
    python = fitting_python()
    if python:
        must(*python, "-m", "venv", VENV)
    elif bring or agreed(
        f"No Python {PYTHONS[-1]} to {PYTHONS[0]} here. Shall uv download {BROUGHT}?"
    ):
        bring_python()
    else:
        raise Refused(
            f"nnlab needs a Python from {PYTHONS[-1]} to {PYTHONS[0]}; this is {version()}, and no"
            " other was found. Install one and name it, as in `make lab PYTHON=python3.13`,"
            " or let uv download one: `make lab BRING=yes`, or `python make.py lab --bring`."
        )


def version() -> str:
    """The version of the Python that runs this, as in "3.11"."""
    return "{}.{}".format(*sys.version_info[:2])


def fitting_python() -> list[str] | None:
    """Return the command of a Python that fits: this one, else the newest found, else None."""
    if version() in PYTHONS:
        return [sys.executable]
    launcher = shutil.which("py") if os.name == "nt" else None
    for wanted in PYTHONS:
        named = shutil.which(f"python{wanted}")
        for command in [[launcher, f"-{wanted}"]] * bool(launcher) + [[named]] * bool(named):
            # A name on the path need not run: version managers keep some for what isn't chosen.
            if not subprocess.run(
                [*command, "-c", ""], capture_output=True, check=False
            ).returncode:
                print(f"this is Python {version()}; taking {' '.join(command)}")
                return command
    return None


def agreed(question: str) -> bool:
    """Ask, where somebody can answer."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def bring_python() -> None:
    """Let uv download a Python into its own folder and make .venv with it.

    uv takes it from its releases on GitHub: where that cannot be reached, this fails and says so.
    """
    uv = shutil.which("uv")
    if uv is None:
        home = ROOT / "build" / "uv"
        must(
            sys.executable, "-m", "pip", "install", "--quiet", "--target", home, f"uv=={UV_VERSION}"
        )
        uv = next(str(path) for path in home.glob("bin/uv*"))
    must(uv, "venv", "--managed-python", "--seed", "--python", BROUGHT, VENV)


def install(what: str) -> None:
    """Install nnlab with what it needs, by uv, or by pip where uv fails.

    uv is ten times as fast; pip may know of a mirror or a proxy that uv doesn't.
    """
    wanted = ["install", "-c", "constraints.txt", "-e", what]
    if not UV.exists() or run(UV, "pip", *wanted, "--python", PYTHON):
        must(*PIP, *wanted)


def run(*command: str | Path) -> int:
    """Run a command, shown as it is run; return its exit code."""
    print("$", *command, flush=True)
    try:
        return subprocess.call([str(word) for word in command])
    except KeyboardInterrupt:  # Ctrl-C reached the command too, and that has ended
        return 130


def become(*command: str | Path) -> None:
    """Run a last command in this one's place, so that whoever ends this ends that; never return."""
    words = [str(word) for word in command]
    if os.name == "nt":  # there, a process that is replaced counts as ended
        sys.exit(run(*words))
    sys.stdout.flush()
    os.execv(words[0], words)


def must(*command: str | Path) -> None:
    """Run a command that may not fail."""
    code = run(*command)
    if code:
        raise Refused(f"this failed with exit code {code}: {' '.join(map(str, command))}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
