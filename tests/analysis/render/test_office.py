"""Word and Excel files, opened again by the libraries that others read them with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.render.edition import edition_of
from analysis.render.word import word
from analysis.render.workbook import number_format, workbook
from tests.analysis.render.made import outcome, rendered
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from analysis.results import Report

TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}


def opened(report: Report, skin: str = "default") -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(edition_of(report, skin=skin))))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_words_tables_are_real_ones_with_the_papers_digits(report: Report) -> None:
    found = docx.Document(io.BytesIO(rendered(report, "docx", "paper")))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in found.tables]
    first = next(table for table in tables if table[0][2].startswith("Levene"))
    assert first[3] == [
        *("Training accuracy", "Equal variances assumed", "9.271", ".004", "7.303", "48", ".000"),
        *("2.520", ".345", "1.826", "3.214"),
    ]
    assert first[4] == [
        *("Training accuracy", "Equal variances not assumed", "", "", "7.303", "36.299", ".000"),
        *("2.520", ".345", "1.820", "3.220"),
    ]
    second = next(table for table in tables if "Sum of Squares" in table[0])
    assert second[1] == ["Between Groups", "364.500", "1", "364.500", "180.893", "6.7e-18a"]
    assert second[3][:3] == ["Total", "461.220", "49"]


@pytest.mark.django_db
def test_words_tables_have_apas_three_rules_and_heads_that_repeat(report: Report) -> None:
    found = docx.Document(io.BytesIO(rendered(report, "docx")))
    table = next(table for table in found.tables if table.cell(0, 1).text == "Sum of Squares")

    def rules(row: int) -> set[str]:
        borders = table.rows[row].cells[1]._tc.tcPr.find(qn("w:tcBorders"))  # type: ignore[union-attr]
        return set() if borders is None else {line.tag.split("}")[1] for line in borders}

    assert [rules(row) for row in range(4)] == [{"top", "bottom"}, set(), set(), {"bottom"}]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None  # type: ignore[union-attr]
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None  # type: ignore[union-attr]


@pytest.mark.django_db
def test_words_pictures_have_their_text_and_the_file_its_label(report: Report) -> None:
    found = docx.Document(io.BytesIO(rendered(report, "docx")))
    told = [shape._inline.docPr.get("descr") for shape in found.inline_shapes]
    assert len(told) == 5
    assert "AI coaching: n = 25, mean 8.32, from 7 to 10" in (told[0] or "")
    assert found.sections[0].header.paragraphs[0].text.startswith("Demonstration data")
    assert found.core_properties.title == report.study
    assert found.core_properties.modified.isoformat() == "2026-11-28T12:00:00+00:00"


def test_symbols_are_italic_in_word() -> None:
    found = docx.Document(io.BytesIO(word(edition_of(made(outcome("score", TWO))))))
    said = next(paragraph for paragraph in found.paragraphs if "Welch's t(" in paragraph.text)
    assert [run.text for run in said.runs if run.italic] == ["n", "M", "SD", "n", "M", "SD", "t", "p", "d", "g"]


@pytest.mark.django_db
def test_excels_numbers_have_sixteen_digits_and_print_as_the_report_does(report: Report) -> None:
    sheet = opened(report)["2 t-test"]
    welch = report.outcomes[0].welch
    assert welch is not None
    row = [sheet.cell(7, column) for column in range(5, 12)]
    numbers = (welch.t, welch.df, welch.p, welch.mean_difference, welch.se, welch.ci_low, welch.ci_high)
    assert [cell.value for cell in row] == pytest.approx(numbers, rel=1e-15)
    assert [cell.number_format for cell in row] == [
        "0.000",
        "0.000",
        '[<0.001]"< .001";.000',
        "0.000",
        ".000",
        *["0.000"] * 2,
    ]
    assert sheet["A1"].value == "Table 1. Independent Samples Test results: Training accuracy"
    assert sheet["A2"].value == "Demonstration data, not recorded from students"


@pytest.mark.django_db
def test_excels_data_sheet_has_every_student(report: Report) -> None:
    rows = list(opened(report)["Data"].iter_rows(min_row=2, values_only=True))
    values = [value for found in report.outcomes for group in found.groups for value in group.values]
    assert [row[4] for row in rows] == values
    assert all(isinstance(row[4], (int, float)) for row in rows)
    assert {row[6] for row in rows} == {"Demonstration data, not recorded from students"}


@settings(max_examples=10, deadline=None)
@given(st.sampled_from("=+-@\t\r'"), st.text(max_size=60))
def test_no_text_becomes_a_formula_in_excel(first: str, rest: str) -> None:
    name = first + rest
    book = opened(made(outcome("score", TWO, name=name, arm_names={"a": name, "b": "B"}), study=name))
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type in ("s", "n"), cell.value
            assert cell.data_type == "n" or cell.quotePrefix


@pytest.mark.parametrize(
    ("text", "expected"),
    [(".345", ".000"), ("-.250", ".000"), ("36.299", "0.000"), ("48", "0"), ("95%", "0%"), ("99.9%", "0.0%")],
)
def test_a_numbers_format_follows_its_print(text: str, expected: str) -> None:
    assert number_format(text) == expected


def test_two_outcomes_of_one_long_name_get_a_sheet_each() -> None:
    key = "a" * 60
    names = opened(made(outcome(key, TWO), outcome(key.upper(), TWO))).sheetnames
    assert len({name.lower() for name in names}) == len(names)
    assert max(len(name) for name in names) <= 31


def test_cells_that_are_copied_are_those_that_word_would_be_given_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    report = made(outcome("score", {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}, name="Höhe <b> & so weiter"))
    copied = word(edition_of(report))
    monkeypatch.setattr("analysis.render.word._is_plain", lambda _cell: False)
    assert word(edition_of(report)) == copied
