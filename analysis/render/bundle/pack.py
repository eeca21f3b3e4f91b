"""The bundle: everything that a stranger needs to check a report, in one zip with the sums of its files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.export import COLUMNS, safe_cell
from analysis.render.archive import packed
from analysis.render.bundle.readme import readme
from analysis.render.bundle.specification import expected_of, specification_of
from analysis.render.bundle.syntax import SCRIPTS, r_script, spss_effects, spss_syntax
from analysis.render.dictionary import codebook_of
from analysis.render.formats import FORMATS, file_name
from analysis.render.tidy import table_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analysis.render.dictionary import Codebook
    from analysis.render.edition import Edition
    from analysis.results import Report

RENDERED = {
    "report.html": "html",
    "report.pdf": "pdf",
    "report.docx": "docx",
    "report.xlsx": "xlsx",
    "report.tex": "tex",
    "report.md": "md",
    "report.json": "json",
    "tables.csv": "csv",
    "data.csv": "data",
    "data.sav": "sav",
}
SUMS = "SHA256SUMS"


def bundle(edition: Edition) -> bytes:
    """A zip with one folder; the same bytes from the same report. `check.py` in it tells whether all is well."""
    files = dict(_files(edition))
    files["README.md"] = readme(edition.report, edition.document.label, sorted(files)).encode()
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    folder = Path(file_name(edition.report, "bundle")).stem
    return packed((f"{folder}/{name}", content) for name, content in [*sorted(files.items()), (SUMS, sums.encode())])


def _files(edition: Edition) -> Iterator[tuple[str, bytes]]:
    report = edition.report
    for name, key in RENDERED.items():
        yield name, FORMATS[key].make(edition)
    source = edition.document.label or "recorded"
    for figure in edition.document.figures:
        yield f"figures/{figure.key}.svg", edition.pictures.svg(figure)
        yield f"figures/{figure.key}.png", edition.pictures.png(figure)
        yield f"figures/{figure.key}.csv", table_csv(figure.table, source=source)
    book, asked, expected = codebook_of(report), specification_of(report), expected_of(report)
    yield "dictionary.json", _json(asdict(book))
    yield "dictionary.csv", _dictionary_csv(book)
    yield "specification.json", _json(asked.values())
    yield "expected.json", _json(expected)
    yield "expected.csv", _expected_csv(expected)
    for name in ("recompute.py", "check.py"):
        yield name, (SCRIPTS / name).read_bytes()
    yield "recompute.R", r_script(asked).encode()
    yield "recompute.sps", ("\ufeff" + spss_syntax(asked)).encode()
    yield "effects.sps", ("\ufeff" + spss_effects(asked)).encode()
    yield "requirements.txt", _requirements(report).encode()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def _requirements(report: Report) -> str:
    """The versions that made the report's numbers."""
    made = report.provenance
    return f"# Python {made.python}\nnumpy=={made.numpy}\nscipy=={made.scipy}\n"


def _expected_csv(expected: dict[str, float]) -> bytes:
    return _csv(("name", "value"), ((name, repr(value)) for name, value in expected.items()))


def _dictionary_csv(book: Codebook) -> bytes:
    """Both data files, a row for each column: data.csv's first, then data.sav's."""
    about = {
        "outcome": "key of the outcome",
        "unit": "unit of the value",
        "participant": "pseudonymous code of the student",
        "arm": "key of the group",
        "value": "the value, with all its digits; empty where there is none",
        "excluded_because": "no_arm: not assigned to a group; no_value: not measured; not_finite: no finite number",
        "source": "recorded, or reconstruction: whole numbers found by search that give printed statistics back",
    }
    rows = [("data.csv", name, about[name], "", "", "", "") for name in COLUMNS]
    for variable in book.variables:
        labels = "; ".join(f"{code} = {text}" for code, text in variable.labels)
        missing = "; ".join(f"{code} = {text}" for code, text in variable.missing)
        rows.append(("data.sav", variable.name, variable.label, variable.unit, variable.measure, labels, missing))
    return _csv(("file", "variable", "label", "unit", "measure", "labels", "missing"), rows)


def _csv(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([cell if _is_code(cell) else safe_cell(cell) for cell in row])
    return out.getvalue().encode()


def _is_code(cell: str) -> bool:
    """A number, or codes such as "-9001 = no value measured", is no formula."""
    return cell.removeprefix("-")[:1].isdigit()
