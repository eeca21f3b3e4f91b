"""Every format that a frozen report is offered in, by name: what a page, the API and the command choose from.

Renderers load when they are first used: a page that lists the formats loads neither matplotlib nor Typst.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from django.utils.text import slugify

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.format import Skin
    from analysis.render.edition import Edition
    from analysis.results import Report


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. All of them hold students' values under their codes, so each download is written down.

    `maker` is "module:function" of `analysis.render`; the function takes an `Edition` and gives bytes.
    """

    key: str
    name: str
    suffix: str
    content_type: str
    maker: str

    def make(self, edition: Edition) -> bytes:
        """The file's bytes; made once for an edition, however often it is asked for."""
        if self.key not in edition.made:
            module, function = self.maker.split(":")
            maker: Callable[[Edition], bytes] = getattr(import_module(f"analysis.render.{module}"), function)
            edition.made[self.key] = maker(edition)
        return edition.made[self.key]


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS: dict[str, Format] = {
    found.key: found
    for found in (
        Format("html", "HTML", "html", "text/html; charset=utf-8", "html:html"),
        Format("pdf", "PDF", "pdf", "application/pdf", "pdf:pdf"),
        Format("docx", "Word", "docx", f"{_OFFICE}.wordprocessingml.document", "word:word"),
        Format("xlsx", "Excel", "xlsx", f"{_OFFICE}.spreadsheetml.sheet", "workbook:workbook"),
        Format("csv", "CSV, tables", "csv", "text/csv; charset=utf-8", "tidy:tables_csv"),
        Format("data", "CSV, data", "data.csv", "text/csv; charset=utf-8", "plain:data"),
        Format("json", "JSON", "json", "application/json", "plain:snapshot"),
        Format("tex", "LaTeX", "tex", "application/x-tex", "latex:latex"),
        Format("md", "Markdown", "md", "text/markdown; charset=utf-8", "markdown:markdown"),
        Format("sav", "SPSS", "sav", "application/x-spss-sav", "sav:sav"),
        Format("bundle", "ZIP", "zip", "application/zip", "bundle.pack:bundle"),
    )
}


def render(report: Report, key: str, *, skin: Skin = "default") -> bytes:
    """The report in one format. Raises KeyError for a format that there is not."""
    from analysis.render.edition import edition_of

    return FORMATS[key].make(edition_of(report, skin=skin))


def file_name(report: Report, key: str) -> str:
    """A name that keeps the label of data that were not recorded: "deadlift-with-an-ai-coach-demonstration.docx"."""
    label = "-demonstration" if report.is_demonstration else ""
    title = slugify(report.study)[:50].rstrip("-") or "study"
    return f"{title}{label}.{FORMATS[key].suffix}"
