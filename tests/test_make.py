"""make.py sets up once, with a Python that fits, and says what to do where none does."""

import os
import sys

import pytest

import make


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A project folder without .venv; what would be run is listed instead."""
    (tmp_path / "nnlab").mkdir()
    for name in ("pyproject.toml", "constraints.txt", "nnlab/run.py"):
        (tmp_path / name).touch()
    venv = tmp_path / ".venv"
    names = {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "python", "UV": venv / "uv"}
    stamps = {name: venv / name for name in ("CREATED", "INSTALLED", "FOR_TESTS", "WARM")}
    pins = {"PINS": [tmp_path / "pyproject.toml", tmp_path / "constraints.txt"]}
    for name, value in (names | stamps | pins).items():
        monkeypatch.setattr(make, name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ran(home, monkeypatch):
    """The commands that were run, as text; a new .venv holds what the real one would."""
    commands = []

    def run(*command):
        commands.append(" ".join(map(str, command)))
        if "venv" in command:
            make.VENV.mkdir()
            make.PYTHON.touch()
        if any("uv==" in str(word) for word in command):
            make.UV.touch()
        return 0

    monkeypatch.setattr(make, "run", run)
    return commands


def test_the_first_call_makes_installs_and_compiles_and_the_second_does_nothing(ran):
    assert make.main(["setup"]) == 0
    venv, uv, install, warm = ran
    assert venv.startswith(f"{sys.executable} -m venv")
    assert "pip" in uv and f"uv=={make.UV_VERSION}" in uv
    assert "-c constraints.txt -e ." in install
    assert warm.endswith("-m nnlab.warm")
    ran.clear()
    assert make.main(["setup"]) == 0
    assert ran == []


def test_tests_need_more_and_all_of_it_is_enough_for_the_rest(ran):
    make.main(["setup-tests"])
    assert any(command.partition("-e ")[2].startswith(".[test]") for command in ran)
    ran.clear()
    make.main(["setup"])
    assert ran == []


@pytest.mark.parametrize(
    ("changed", "again"),
    [("constraints.txt", ["install", "nnlab.warm"]), ("nnlab/run.py", ["nnlab.warm"])],
)
def test_only_what_a_change_concerns_is_done_again(ran, home, changed, again):
    make.main(["setup"])
    ran.clear()
    long_ago = make.WARM.stat().st_mtime - 10  # else two files may have been made at one moment
    for path in home.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    (home / changed).touch()
    make.main(["setup"])
    assert [word in command for word, command in zip(again, ran, strict=True)] == [True] * len(ran)
    ran.clear()
    make.main(["setup"])
    assert ran == []


def test_pip_installs_where_uv_fails(ran, monkeypatch):
    make.main(["setup-uv"])
    listing = make.run
    monkeypatch.setattr(make, "run", lambda *command: listing(*command) or make.UV in command)
    make.install(".")
    by_uv, by_pip = ran[-2:]
    assert by_uv.startswith(str(make.UV))
    assert by_pip.startswith(" ".join(map(str, make.PIP)))


def test_a_command_that_fails_is_told_and_ends_the_set_up(ran, monkeypatch, capsys):
    monkeypatch.setattr(make, "run", lambda *_: 7)
    assert make.main(["setup"]) == 1
    assert "failed with exit code 7" in capsys.readouterr().err
    assert not make.CREATED.exists()


def test_another_python_on_the_path_is_taken(ran, monkeypatch, capsys):
    monkeypatch.setattr(make, "version", lambda: "3.8")
    found = {"python3.14": "broken", "python3.12": sys.executable}
    monkeypatch.setattr(make.shutil, "which", found.get)
    run = make.subprocess.run
    monkeypatch.setattr(
        make.subprocess,
        "run",
        lambda command, **kept: (
            run([sys.executable, "-c", "exit(1)"], **kept)
            if command[0] == "broken"
            else run(command, **kept)
        ),
    )
    make.main(["setup-uv"])
    assert ran[0].startswith(f"{sys.executable} -m venv")
    assert "this is Python 3.8; taking" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [None, "", "no"])
def test_where_no_python_fits_the_message_says_what_to_do(ran, monkeypatch, capsys, answer):
    monkeypatch.setattr(make, "fitting_python", lambda: None)
    monkeypatch.setattr(make.sys.stdin, "isatty", lambda: answer is not None, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert make.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert "3.11 to 3.15" in said and "BRING=yes" in said and "--bring" in said
    assert ran == []


def test_uv_brings_a_python_when_it_is_told_to(ran, monkeypatch):
    monkeypatch.setattr(make, "fitting_python", lambda: None)
    monkeypatch.setattr(make.shutil, "which", {"uv": "uv"}.get)
    assert make.main(["setup-uv", "--bring"]) == 0
    assert ran[0] == f"uv venv --managed-python --seed --python {make.BROUGHT} {make.VENV}"


@pytest.mark.parametrize(
    ("command", "program"), [("lab", "-m jupyterlab notebooks/01"), ("test", "run_all.py")]
)
def test_lab_and_test_pass_on_what_they_do_not_know(ran, monkeypatch, command, program):
    became = []
    monkeypatch.setattr(make, "become", lambda *words: became.append(" ".join(map(str, words))))
    make.main([command, "--no-browser", "lint"])
    assert program in became[0] and became[0].endswith("--no-browser lint")


def test_what_is_started_may_keep_what_python_makes_of_sources(ran, monkeypatch):
    """Else every kernel would make it anew, which takes a second or more."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    make.main(["setup"])
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
