"""What the playground is built from, and what its build says where something is missing."""

import json
import re

import pytest

from tools.playground import build
from tools.playground.facts import facts

LOCK = build.SOURCE / "package-lock.json"


def test_without_node_a_sentence_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["build"])
    assert build.main() == 1
    assert "install nodejs (18 or newer)" in capsys.readouterr().err


def test_the_tools_are_pinned_by_content_and_without_addresses():
    text = LOCK.read_text(encoding="utf-8")
    assert "resolved" not in text
    packages = json.loads(text)["packages"]
    wanted = packages.pop("")["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(package["integrity"] for package in packages.values())
    own = json.loads((build.SOURCE / "package.json").read_text(encoding="utf-8"))
    assert own["devDependencies"] == wanted


def test_facts_hold_nothing_but_json_and_numbers_lie_where_they_say():
    known, numbers = facts()
    assert json.loads(json.dumps(known)).keys() == known.keys()
    for data in known["sets"]:
        for array in data["arrays"].values():
            assert array["at"] % 8 == 0
            assert array["at"] + array["count"] * array["bytes"] <= len(numbers)


def test_a_stuck_build_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "OUT", tmp_path)
    monkeypatch.setattr(build, "_PATIENCE", 0.0)
    (tmp_path / "lock").touch()
    with pytest.raises(build.Refused, match="another build seems to be stuck"):
        build.compile_engine()


@pytest.mark.slow
def test_the_page_asks_for_nothing_from_outside(page):
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size <= build.MOST_BYTES
    assert (
        re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?!data:)[^\"'>]", text)
        == []
    )
    assert "default-src 'none'" in text
