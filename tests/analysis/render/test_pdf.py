from __future__ import annotations

import io
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from analysis.render.edition import edition_of
from analysis.render.formats import render
from analysis.render.pdf import described, pdf
from tests.analysis.render.made import outcome, rendered
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.results import Report

TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}


def texts(value: Any) -> list[str]:
    """Every text in a JSON value, but the pictures."""
    if isinstance(value, dict):
        return [text for key, part in value.items() if key != "svg" for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.django_db
def test_what_typst_prints_has_the_papers_digits(report: Report) -> None:
    told = texts(described(edition_of(report, skin="paper")))
    for figure in (
        "9.271",
        "7.303",
        "36.299",
        "2.520",
        ".345",
        "1.820",
        "3.220",
        "364.500",
        "96.720",
        "180.893",
        "6.7e-18",
    ):
        assert figure in told
    assert "Demonstration data, not recorded from students" in told


@pytest.mark.django_db
def test_the_pdf_is_tagged_accessible_and_the_same_each_time(report: Report) -> None:
    found = rendered(report, "pdf")
    assert found.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in found
    assert b"/MarkInfo" in found
    assert b"<pdfuaid:part>1</pdfuaid:part>" in found
    assert render(report, "pdf") == found


@pytest.mark.django_db
def test_a_reader_library_finds_pages_metadata_and_numbers(report: Report) -> None:
    reader = pytest.importorskip("pypdf").PdfReader(io.BytesIO(rendered(report, "pdf")))
    assert reader.metadata.title == report.study
    assert reader.metadata.creation_date.isoformat() == "2026-11-28T12:00:00+00:00"
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) == 5
    assert all("Demonstration data" in page for page in pages)
    assert "t(36.30) = 7.30" in " ".join(" ".join(pages).split())
    assert report.provenance.data_sha256 in "".join(pages).replace("\n", "")


@pytest.mark.django_db
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler's pdftotext")
def test_popplers_text_has_the_row_of_table_1(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(rendered(report, "pdf"))
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if "36.299" in line and "3.220" in line)
    assert line.split()[-7:] == ["7.303", "36.299", "<", ".001", "2.520", ".345", "1.820", "3.220"][-7:]


@pytest.mark.parametrize(
    "name", ["#let x = 1", "*a* _b_ $c$ `d`", '"] #panic("x")', "@ref <label> // /* \\", "= [x] {y}"]
)
def test_a_name_is_never_read_as_markup(name: str) -> None:
    report = made(outcome("score", TWO, name=name, arm_names={"a": name, "b": name[::-1]}), study=name)
    assert pdf(edition_of(report)).startswith(b"%PDF")
    assert name in texts(described(edition_of(report)))


def test_letters_of_all_four_languages_are_in_the_fonts() -> None:
    """Typst warns of a missing glyph nowhere, so the fonts themselves are asked."""
    font_tools = pytest.importorskip("fontTools.ttLib")
    from analysis.render.pdf import FONTS

    known = font_tools.TTFont(FONTS / "DejaVuSans.ttf").getBestCmap()
    assert not {letter for letter in "ñ¿áÁüЁёЖщӘәҒғҚқҢңӨөҰұҮүҺһІіη²ωε−≈“”·…" if ord(letter) not in known}
