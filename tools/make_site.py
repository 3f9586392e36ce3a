"""Build the series as pages for any static host, ``build/site/``: nothing to install or to start.

    python -m tools.make_site

Each notebook becomes a page, as it was kept. Where one shows a panel whose experiment the
playground knows too, the playground stands in place of the picture, open at that experiment.
"""

from __future__ import annotations

import inspect
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

import nnlab
from nnlab.panel.controls import Control
from tools.make_app import panels_of
from tools.playground.build import ROOT, Refused, build
from tools.playground.facts import SETS

SITE = ROOT / "build" / "site"
START = "notebooks/00_start.html"
DOCS = ("glossary.md", "own_rules.md", "teaching.md")  # what notebooks link to
HEIGHT = 760  # of a playground's frame, CSS pixels
_MOST_UNITS, _MOST_HIDDEN, _MOST_SEED = 32, 5, 2**31 - 1  # as in playground/src/fields.js
_LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)\.(?:ipynb|md)(#[^)\s]*)?\)")
_TEMPLATE = """{%- extends 'lab/index.html.j2' -%}
{%- block input_group -%}
{%- if cell.metadata.get('jupyter', {}).get('source_hidden') -%}
<details><summary>code</summary>{{ super() }}</details>
{%- else -%}{{ super() }}{%- endif -%}
{%- endblock input_group -%}
{%- block html_head_css -%}
{{ super() }}<style>summary { font-family: var(--jp-ui-font-family); cursor: pointer; }</style>
{%- endblock -%}
{#- Scripts from elsewhere: for widgets, which have no kernel here, formulas and diagrams. -#}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}"""
_NO_WORDS = 'alt="No description has been provided for this image"'  # nbconvert's
# Before the name of a function, as tanh, unless a sign or "(" is there, and behind it unless "("
# is: TeX has a space there.
_AROUND_NAMES = re.compile(
    r"(?:(?<=</mi>|</mn>)|(?<=&#x00029;</mo>))(?=<mi>[a-z]{2,}</mi>)"
    r"|(?<=[a-z]{2}</mi>)(?=<m(?!o))"
)
_THIN_SPACE = '<mspace width="0.167em" />'
_AS_THEY_ARE = (
    *("activation", "batch_size", "normalization", "weight_decay", "dropout", "loss", "output"),
    *("tolerance", "max_updates", "init_seed", "shuffle", "order_seed"),
)


def main() -> None:
    """Write all pages, with the playground beside them; each lies where its source does."""
    shutil.rmtree(SITE, ignore_errors=True)
    (SITE / "play").mkdir(parents=True)
    shutil.copy(build(), SITE / "play" / "index.html")
    for path in sorted(ROOT.glob("notebooks/**/*.ipynb")) + [ROOT / "docs" / each for each in DOCS]:
        page = page_of(path)
        target = (SITE / path.relative_to(ROOT)).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        print(f"{target.relative_to(ROOT)}: {page.count('<iframe')} playgrounds")
    (SITE / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={START}">'
        f'<title>nnlab</title><a href="{START}">nnlab</a>\n',
        encoding="utf-8",
    )


def page_of(path: Path) -> str:
    """Return the page that is made of a notebook, or of a page in Markdown."""
    if path.suffix == ".md":
        text = nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"))
        notebook = nbformat.v4.new_notebook(cells=[text])
    else:
        notebook = nbformat.read(path, as_version=4)
        up = "../" * len(path.relative_to(ROOT).parent.parts)
        links = dict(panel_links(notebook, int(path.stem[:2])))
        for cell in notebook.cells:
            if cell.id in links:
                cell.outputs = [
                    *(each for each in cell.outputs if "image/png" not in each.get("data", {})),
                    _frame(f"{up}play/index.html#{links[cell.id]}"),
                ]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(r"](\1.html\2)", cell.source)
    exporter = HTMLExporter(
        raw_template=_TEMPLATE, exclude_input_prompt=True, exclude_output_prompt=True
    )
    exporter.register_filter("markdown2html", _html_of)
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    for cell in notebook.cells:
        for each in cell.get("outputs", []):
            if "image/png" in each.get("data", {}):  # for those who can't see it, its titles
                words = each.data["text/plain"].strip("<>")
                html = html.replace(_NO_WORDS, f'alt="{escape(words)}"', 1)
    return html


class _Renderer(IPythonRenderer):
    """Formulas as MathML, which browsers set by themselves; nbconvert would fetch MathJax."""

    def inline_math(self, body: str) -> str:
        return _AROUND_NAMES.sub(_THIN_SPACE, convert(body))

    def block_math(self, body: str) -> str:
        return _AROUND_NAMES.sub(_THIN_SPACE, convert(body, display="block"))


def _html_of(markdown: str) -> str:
    return MarkdownWithMath(renderer=_Renderer(escape=False)).render(markdown)


def _frame(address: str) -> nbformat.NotebookNode:
    style = f"width: 100%; height: {HEIGHT}px; border: 0"
    html = (
        f'<iframe src="{escape(address)}" loading="lazy" title="nnlab playground" style="{style}">'
        "</iframe>"
    )
    return nbformat.v4.new_output("display_data", {"text/html": html})


def panel_links(notebook: nbformat.NotebookNode, part: int) -> Iterator[tuple[str, str]]:
    """Yield, by its cell's id, the link of each panel that the playground can show."""
    short = panels_of(notebook)
    names: dict[str, Any] = {}
    with _without_a_display() as shown:
        for cell in short.cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
                if shown and (link := link_of(shown.pop(), max(part, 1))):
                    yield cell.id, link
                shown.clear()


@contextmanager
def _without_a_display() -> Iterator[list[nnlab.Experiment]]:
    """Let panels only say what they would show first, in the list that is given."""
    live: Callable[..., Any] = nnlab.live
    shown: list[nnlab.Experiment] = []
    not_controls = set(inspect.signature(live).parameters)

    def note(experiment: nnlab.Experiment, **fields: Any) -> None:
        for name, given in fields.items():
            if name not in not_controls:
                control = Control(experiment, name, given)
                experiment = control.apply(experiment, control.start)
        shown.append(experiment)

    nnlab.live = note  # type: ignore[attr-defined]
    try:
        yield shown
    finally:
        nnlab.live = live  # type: ignore[attr-defined]


def link_of(experiment: nnlab.Experiment, part: int) -> str | None:
    """Return what stands behind # in the playground's link to an experiment, if it has one."""
    rate, start, rule = experiment.learning_rate, experiment.start, experiment.update_rule
    hidden = experiment.layers[1:-1]
    known = (
        isinstance(rate, float),
        isinstance(start, nnlab.Initializer) and isinstance(start.name, str),
        isinstance(experiment.activation, str),
        isinstance(rule.name, str) and rule == nnlab.Optimizer(str(rule.name)),
        len(hidden) <= _MOST_HIDDEN and max(hidden, default=0) <= _MOST_UNITS,
        max(experiment.init_seed, experiment.order_seed) <= _MOST_SEED,
    )
    data = next((name for name, each in SETS.items() if _same(each, experiment.data)), None)
    if data is None or not all(known):
        return None
    assert isinstance(start, nnlab.Initializer)
    fields = {
        "learning_rate": rate,
        "init": start.name,
        "scale": start.scale,
        "hidden": "-".join(map(str, hidden)) or "none",
        "optimizer": rule.name,
        "data": data,
        **{name: getattr(experiment, name) for name in _AS_THEY_ARE},
    }
    said = {False: "false", True: "true", None: "none"}
    pairs = {
        name: said[value] if value is None or isinstance(value, bool) else value
        for name, value in fields.items()
    }
    return "&".join([f"part={part}", *(f"{name}={value}" for name, value in pairs.items())])


def _same(one: nnlab.Dataset, other: nnlab.Dataset) -> bool:
    """Whether their patterns are, to the last bit."""
    return np.array_equal(one.inputs, other.inputs) and np.array_equal(one.targets, other.targets)


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit(str(refusal))
