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
    """`holds_values`: each student's values are in the file under their code, so a download is written down.

    `maker` is "module:function" of `analysis.render`; the function takes an `Edition` and gives bytes.
    """

    key: str
    name: str
    suffix: str
    content_type: str
    maker: str
    holds_values: bool

    def make(self, edition: Edition) -> bytes:
        module, function = self.maker.split(":")
        made: Callable[[Edition], bytes] = getattr(import_module(f"analysis.render.{module}"), function)
        return made(edition)


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS: dict[str, Format] = {
    found.key: found
    for found in (
        Format("html", "HTML", "html", "text/html; charset=utf-8", "html:html", holds_values=True),
        Format("pdf", "PDF", "pdf", "application/pdf", "pdf:pdf", holds_values=True),
        Format("docx", "Word", "docx", f"{_OFFICE}.wordprocessingml.document", "word:word", holds_values=True),
        Format("xlsx", "Excel", "xlsx", f"{_OFFICE}.spreadsheetml.sheet", "workbook:workbook", holds_values=True),
        Format("csv", "CSV, tables", "csv", "text/csv; charset=utf-8", "tidy:tables_csv", holds_values=True),
        Format("data", "CSV, data", "data.csv", "text/csv; charset=utf-8", "plain:data", holds_values=True),
        Format("json", "JSON", "json", "application/json", "plain:snapshot", holds_values=True),
        Format("tex", "LaTeX", "tex", "application/x-tex", "latex:latex", holds_values=True),
        Format("md", "Markdown", "md", "text/markdown; charset=utf-8", "markdown:markdown", holds_values=True),
        Format("sav", "SPSS", "sav", "application/x-spss-sav", "sav:sav", holds_values=True),
        Format("bundle", "ZIP", "zip", "application/zip", "bundle:bundle", holds_values=True),
    )
}


def render(report: Report, key: str, *, skin: Skin = "default") -> bytes:
    """The report in one format. Raises KeyError for a format that there is not."""
    from analysis.render.edition import edition_of

    return FORMATS[key].make(edition_of(report, skin=skin))


def file_name(report: Report, key: str) -> str:
    """A name that keeps the label of reconstructed data: "deadlift-with-an-ai-coach-reconstruction.docx"."""
    label = "-reconstruction" if report.is_demonstration else ""
    title = slugify(report.study)[:50].rstrip("-") or "study"
    return f"{title}{label}.{FORMATS[key].suffix}"
