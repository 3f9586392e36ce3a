"""Build the playground: one HTML file that holds everything, ``build/play/index.html``.

    python -m tools.playground.build [--open]

The engine is compiled anew only if its source has changed; bundling takes a second.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llvmlite
import numba

from nnlab.engine.compiler import source_fingerprint
from tools.playground.facts import facts

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "playground"
OUT = ROOT / "build" / "play"
MOST_BYTES = 400_000
_PATIENCE = 600.0  # seconds that another build may take
_COMPILER = [Path(__file__).with_name(name) for name in ("compile.py", "target.py")]


class Refused(Exception):
    """What keeps the page from being built, in words for whoever asked for it."""


def build() -> Path:
    """Build the page; return its path."""
    node, npm = _tools()
    with _alone():
        _fill_node_modules(npm)
        _compile_engine()
        text = _page(node).encode()
        if len(text) > MOST_BYTES:
            raise Refused(f"the page must have at most {MOST_BYTES:,} bytes; it has {len(text):,}")
        page = OUT / "index.html"
        page.write_bytes(text)
    return page


def compile_engine() -> Path:
    """Compile the engine for the web unless that is done; return the folder with all of it."""
    with _alone():
        return _compile_engine()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process build at a time: tests run in several."""
    OUT.mkdir(parents=True, exist_ok=True)
    lock, patience = OUT / "lock", time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > patience:
                raise Refused(f"another build seems to be stuck; if not, remove {lock}") from None
            time.sleep(0.2)
    try:
        yield
    finally:
        lock.unlink()


def _tools() -> tuple[str, str]:
    found = [shutil.which(name) for name in ("node", "npm")]
    if not all(found):
        raise Refused(
            "the playground is bundled by Node, which is not here: install nodejs (18 or newer) "
            "and npm, from your system's packages or nodejs.org, and try again"
        )
    return str(found[0]), str(found[1])


def _fill_node_modules(npm: str) -> None:
    """Install the pinned tools, once for each lock file."""
    lock, stamp = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".stamp"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=SOURCE, check=False).returncode:
        raise Refused(f"{' '.join(command[:2])} failed in {SOURCE.name}/; it needs a network once")
    stamp.write_text(wanted)


def _compile_engine() -> Path:
    folder = OUT / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    versions = f"{numba.__version__} {llvmlite.__version__}"
    parts = [source_fingerprint(), versions, *(path.read_text() for path in _COMPILER)]
    wanted = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    stamp = folder / "stamp"
    if not (stamp.exists() and stamp.read_text() == wanted):
        stamp.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tools.playground.compile", str(folder)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            raise Refused("the engine could not be compiled for the web")
        stamp.write_text(wanted)
    known, numbers = facts()
    known["layouts"] = json.loads((folder / "layout.json").read_text())
    (folder / "facts.json").write_text(json.dumps(known, separators=(",", ":")))
    (folder / "numbers.bin").write_bytes(numbers)
    return folder


def _bundle(node: str, name: str) -> str:
    """Return a module of the page and all that it imports as one script."""
    tool = SOURCE / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [node, str(tool), str(SOURCE / "src" / name), "--bundle", "--minify"]
    command += [f"--inject:{SOURCE / 'src' / 'plain.js'}", "--define:Intl.NumberFormat=PlainFormat"]
    command += ["--define:Intl.DateTimeFormat=PlainFormat"]
    command += ["--format=iife", "--target=es2022", "--charset=utf8", "--legal-comments=none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"esbuild failed on {name}:\n{done.stderr}")
    return done.stdout


def _page(node: str) -> str:
    engine = OUT / "engine"
    parts = [(engine / name).read_bytes() for name in ("facts.json", "numbers.bin", "engine.wasm")]
    lengths = [len(part) for part in parts]
    payload = base64.b64encode(gzip.compress(b"".join(parts), 9, mtime=0)).decode()
    styles = [SOURCE / "node_modules" / "uplot" / "dist" / "uPlot.min.css", SOURCE / "style.css"]
    colours = json.loads(parts[0])["colours"]
    html = (SOURCE / "index.html").read_text(encoding="utf-8")
    for mark, text in {
        "/* styles */": "\n".join(
            [_variables(colours), *(path.read_text(encoding="utf-8") for path in styles)]
        ),
        "<!-- payload -->": _text("payload", payload, f' data-lengths="{lengths}"'),
        "<!-- worker -->": _text("worker", _inert(_bundle(node, "worker.js"))),
        "/* main */": _inert(_bundle(node, "main.js")),
    }.items():
        if html.count(mark) != 1:
            raise Refused(f"index.html must hold {mark!r} once")
        html = html.replace(mark, text)
    return html


def _variables(colours: dict[str, dict[str, Any]]) -> str:
    """Return the palette's single colours as variables of CSS, for the light and the dark theme."""
    rules = {"light": ":root", "dark": ':root[data-theme="dark"]'}
    return "\n".join(
        f"{rules[theme]} {{ color-scheme: {theme}; "
        + " ".join(f"--{name}: {value};" for name, value in names.items() if isinstance(value, str))
        + " }"
        for theme, names in colours.items()
    )


def _text(name: str, text: str, more: str = "") -> str:
    """Return text as an element that a page holds but does not show."""
    return f'<script type="text/plain" id="{name}"{more}>{text}</script>'


def _inert(script: str) -> str:
    """Return a script as it may stand in a page."""
    return script.replace("</script", "<\\/script")


def main() -> int:
    """Build, and open the page if that is asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    options = parser.parse_args()
    try:
        page = build()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"{page.relative_to(ROOT)}: {page.stat().st_size:,} bytes; open it in any browser")
    if options.open:
        webbrowser.open(page.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
