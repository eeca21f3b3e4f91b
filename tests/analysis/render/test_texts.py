"""LaTeX, Markdown, CSV and HTML: whatever a name holds, it is shown and never obeyed."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.render.edition import edition_of
from analysis.render.html import html
from analysis.render.latex import escaped as tex
from analysis.render.latex import latex
from analysis.render.markdown import escaped as md
from analysis.render.markdown import markdown
from analysis.render.tidy import tables_csv
from tests.analysis.render.made import outcome, rendered
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from analysis.results import Report

TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}
SHARP = st.text(alphabet=st.sampled_from(list("\\{}$&#%_^~<>|\"`'-[]*!+=.()1 aé−²&;:/@\n")), max_size=30)
"""Mostly the characters that mean something to one of the formats."""

_TEX_SHOWN = {
    **{rf"\{mark}": mark for mark in "{}$&#%_"},
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\textquotedbl{}": '"',
    r"\textasciigrave{}": "`",
    r"'{}": "'",
    r"-{}": "-",
    **{rf"{{{mark}}}": mark for mark in "[]*"},
    r"\textminus{}": "−",
    r"\textsuperscript{2}": "²",
}
_TEX_TOKEN = re.compile(
    "|".join(re.escape(token) for token in sorted(_TEX_SHOWN, key=len, reverse=True)) + r"|(.)", re.S
)


@settings(max_examples=300, deadline=None)
@given(SHARP)
def test_latex_shows_a_text_as_it_is(text: str) -> None:
    """Read token by token: nothing is left of the special characters but what prints them."""
    shown = []
    for found in _TEX_TOKEN.finditer(tex(text)):
        assert found[1] is None or found[1] not in "\\{}$&#%_^~<>|\"`'-[]*", tex(text)
        shown.append(found[1] or _TEX_SHOWN[found[0]])
    assert "".join(shown) == " ".join(text.split())


@settings(max_examples=300, deadline=None)
@given(SHARP)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    """Read by a CommonMark parser with GitHub's tables: one paragraph, and the same letters in it."""
    parser = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(f"{md(text)}\n")
    wanted = " ".join(text.split())
    assert [token.type for token in tokens] == (["paragraph_open", "inline", "paragraph_close"] if wanted else [])
    inline = tokens[1].children if wanted else []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == wanted


@settings(max_examples=60, deadline=None)
@given(SHARP)
def test_a_name_in_a_markdown_table_keeps_to_its_cell(name: str) -> None:
    parser = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    found = outcome("score", TWO, name="Score", arm_names={"a": name, "b": "B"})
    tokens = parser.parse(markdown(edition_of(made(found))).decode())
    rows: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append(0)
        rows[-1:] = [rows[-1] + (token.type in ("th_open", "td_open"))] if rows else []
    assert rows[:3] == [3, 3, 3]  # the raincloud's table: group, student, value
    assert {1, 2, 3, 4, 5, 11} >= set(rows)


@settings(max_examples=60, deadline=None)
@given(SHARP)
def test_a_name_in_a_latex_table_keeps_to_its_cell(name: str) -> None:
    source = latex(edition_of(made(outcome("score", TWO, name=name, arm_names={"a": name, "b": name})))).decode()
    for environment in ("document", "figure", "longtable"):
        assert source.count(rf"\begin{{{environment}}}") == source.count(rf"\end{{{environment}}}")
    plain = re.sub(r"\\[{}\\]", "", source)
    assert plain.count("{") == plain.count("}")
    for table in re.findall(r"\\begin\{longtable\}\[l\]\{([^\n]*)\}\n(.*?)\\end\{longtable\}", source, re.S):
        wide = len(re.sub(r">\{[^}]*\}|(?<=p)\{[^}]*\}", "", table[0]))
        lines = [line for line in table[1].split("\n") if re.search(r" \\\\(\\cmidrule|$)", line)]
        assert {_columns(line) for line in lines} == {wide}


def _columns(line: str) -> int:
    cells = re.split(r"(?<!\\)&", line)
    spans = (re.match(r"\s*\\multicolumn\{(\d+)\}", cell) for cell in cells)
    return sum(int(span[1]) if span else 1 for span in spans)


@pytest.mark.django_db
def test_latex_has_the_papers_rows_between_booktabs_rules(report: Report) -> None:
    source = rendered(report, "tex", "paper").decode()
    assert r"Within Groups & 96.720 & 48 & 2.015 &  &  \\" in source
    assert r"Between Groups & 364.500 & 1 & 364.500 & 180.893 & 6.7e-{}18\textsuperscript{a} \\" in source
    assert r"\multicolumn{7}{c}{t-{}test for Equality of Means} \\\cmidrule(lr){3-4}\cmidrule(lr){5-11}" in source
    assert (
        source.count(r"\toprule")
        == 2 * source.count(r"\bottomrule\endlastfoot")
        == 2 * source.count(r"\begin{longtable}")
    )
    assert "Demonstration data" in source


@settings(max_examples=60, deadline=None)
@given(st.sampled_from("=+-@\t\r"), SHARP)
def test_no_text_becomes_a_formula_in_a_csv(first: str, rest: str) -> None:
    name = first + rest
    report = made(outcome("score", TWO, name=name, unit=name, arm_names={"a": name, "b": "B"}))
    for row in csv.reader(io.StringIO(tables_csv(edition_of(report)).decode(), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
            assert not cell.startswith("-") or float(cell) < 0


@pytest.mark.django_db
def test_the_csv_of_tables_has_the_print_and_the_number_of_every_cell(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(rendered(report, "csv").decode())))
    (df,) = (
        row
        for row in rows
        if row["row"] == "Training accuracy / Equal variances not assumed" and row["column"].endswith("Means: df")
    )
    welch = report.outcomes[0].welch
    assert welch is not None
    assert (df["text"], float(df["value"]), df["planned"]) == ("36.299", welch.df, "yes")
    assert {row["source"] for row in rows} == {"Demonstration data, not recorded from students"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@settings(max_examples=6, deadline=None)
@given(st.one_of(SHARP, st.just("</title><script>alert(1)</script>"), st.just('" onerror="x')))
def test_a_name_in_the_html_is_text(name: str) -> None:
    reader = _Reader()
    reader.feed(
        html(edition_of(made(outcome("score", TWO, name=name, arm_names={"a": name, "b": "B"}), study=name))).decode()
    )
    assert reader.open == []
    used = {attribute for _tag, attributes in reader.tags for attribute in attributes}
    assert used <= {
        *("lang", "charset", "name", "content", "http-equiv", "class", "src", "alt", "scope", "colspan", "rowspan"),
        *("tabindex", "role", "aria-label"),
    }
    assert "script" not in {tag for tag, _attributes in reader.tags}
    assert name in reader.text


@pytest.mark.django_db
def test_the_html_fetches_nothing_and_every_picture_has_words(report: Report) -> None:
    reader = _Reader()
    reader.feed(rendered(report, "html").decode())
    pictures = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert len(pictures) == 5
    assert all((picture["src"] or "").startswith("data:image/svg+xml;base64,") for picture in pictures)
    assert all(len(picture["alt"] or "") > 40 for picture in pictures)
    assert not {tag for tag, _attributes in reader.tags} & {"script", "link", "iframe", "object"}
    policy = next(attributes["content"] for tag, attributes in reader.tags if "http-equiv" in attributes)
    assert (policy or "").startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert reader.tags[0] == ("html", {"lang": "en"})
    assert sum(tag == "h1" for tag, _attributes in reader.tags) == 1
