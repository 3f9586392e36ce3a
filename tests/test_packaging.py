"""pyproject.toml, environment.yml, constraints.txt and the README name the same dependencies."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import make

ROOT = Path(__file__).resolve().parents[1]
CONDA_TO_PYPI = {
    "jupyter_server": "jupyter-server",
    "matplotlib-base": "matplotlib",
    "playwright-python": "playwright",
}
HERE = "{}.{}".format(*sys.version_info[:2])
# Where readers' machines are: uv's names.
MACHINES = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
ADDRESS = re.compile(r"://|@|\bfile:|\bwww\.|--(extra-)?index|--find-links")


def project() -> dict:
    """The [project] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def ranges_of_pyproject() -> dict[str, SpecifierSet]:
    """Direct dependencies, the tests' included, each with its range."""
    lines = project()["dependencies"] + project()["optional-dependencies"]["test"]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


def conda_environment() -> dict:
    """The parsed environment.yml."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def ranges_of_environment() -> dict[str, SpecifierSet]:
    """What conda installs, under PyPI's names, each with its range."""
    lines = [line for line in conda_environment()["dependencies"] if isinstance(line, str)]
    pairs = [line.partition(" ")[::2] for line in lines]
    return {CONDA_TO_PYPI.get(name, name): SpecifierSet(spec) for name, spec in pairs}


def pins(python: str = HERE, system: str = sys.platform) -> dict[str, str]:
    """Exact version of each package in constraints.txt for this Python and system, or another."""
    variables = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        pin = Requirement(line)
        version = re.fullmatch(r"==([^*,]+)", str(pin.specifier))
        assert pin.url is None, line
        assert version, f"not one exact version: {line}"
        if pin.marker is None or pin.marker.evaluate(variables):
            assert canonicalize_name(pin.name) not in found, f"pinned twice: {line}"
            found[canonicalize_name(pin.name)] = version[1]
    return found


def readme_table() -> set[str]:
    """Names in the first column of the README's dependency table."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| *`([^`]+)` *\|", section, flags=re.MULTILINE))


def test_environment_names_the_same_packages_and_ranges():
    environment = ranges_of_environment()
    assert environment.pop("python") == SpecifierSet(project()["requires-python"])
    assert environment.pop("pip") == SpecifierSet()
    assert environment == ranges_of_pyproject()


def test_environment_installs_nnlab_itself_and_nothing_else_with_pip():
    by_pip = [line for line in conda_environment()["dependencies"] if isinstance(line, dict)]
    assert by_pip == [{"pip": ["-e ."]}]
    assert conda_environment()["channels"] == ["conda-forge"]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", make.PYTHONS)
def test_direct_dependencies_are_pinned_within_their_ranges(python, system):
    pinned, ranges = pins(python, system), ranges_of_pyproject()
    assert set(ranges) - set(pinned) == set()
    assert [name for name, allowed in ranges.items() if pinned[name] not in allowed] == []


def test_everything_that_comes_along_is_pinned():
    waiting = [Requirement(name) for name in ranges_of_pyproject()]
    seen = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) not in seen:
            seen.add(str(requirement))
            waiting += needed_here(requirement)
    names = {canonicalize_name(Requirement(text).name) for text in seen}
    assert names - set(pins()) == set()


def needed_here(requirement: Requirement) -> list[Requirement]:
    """What this installed package, with the extras asked for, needs on this machine."""
    lines = importlib.metadata.requires(requirement.name) or []
    extras = requirement.extras or {""}
    return [
        needed
        for needed in map(Requirement, lines)
        if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in extras)
    ]


@pytest.mark.parametrize("name", ["constraints.txt", "environment.yml"])
def test_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if ADDRESS.search(line)] == []


def test_readme_gives_a_reason_for_each_direct_dependency():
    assert readme_table() == set(ranges_of_pyproject())


def test_the_pythons_that_are_named_are_those_that_are_allowed():
    allowed = SpecifierSet(project()["requires-python"])
    assert [minor for minor in range(30) if f"3.{minor}" in allowed] == [
        int(python.partition(".")[2]) for python in reversed(make.PYTHONS)
    ]
    prefix = "Programming Language :: Python :: "
    named = [line.removeprefix(prefix) for line in project()["classifiers"] if prefix in line]
    assert named == sorted(make.PYTHONS)


@pytest.mark.slow
@pytest.mark.network
def test_every_pin_is_a_ready_made_package_on_every_python_and_machine(tmp_path):
    """Resolve all for each Python and machine, taking nothing that would have to be compiled.

    It asks the package index. Under CI, or where the index answers, it must pass.
    """
    uv = shutil.which("uv", path=sysconfig.get_path("scripts"))
    if uv is None:
        pytest.skip("no uv beside this Python: `make test` installs it")
    pairs = list(product(make.PYTHONS, MACHINES))
    with ThreadPoolExecutor(8) as threads:  # they wait for the network, not for a processor
        errors = list(threads.map(lambda pair: resolved(uv, tmp_path, *pair), pairs))
    said = dict(zip(pairs, errors, strict=True))
    unreached = ("dns error", "Connect", "timed out", "error sending request")
    away = [pair for pair, error in said.items() if any(word in error for word in unreached)]
    if away and not os.environ.get("CI"):
        pytest.skip(f"the package index was out of reach for {len(away)} of {len(pairs)} requests")
    assert {pair: error for pair, error in said.items() if error} == {}


def resolved(uv, folder, python, machine):
    """Resolve for one Python and machine; return what uv complained of, empty if nothing."""
    result = subprocess.run(
        [
            *(uv, "pip", "compile", "--quiet", "pyproject.toml", "--extra", "test"),
            *("-c", "constraints.txt", "--only-binary", ":all:"),
            *("--python-version", python, "--python-platform", machine),
            *("--output-file", folder / f"{python}-{machine}.txt"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr if result.returncode else ""
