from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.datasets import Exclusion
from analysis.render.document import Figure, Heading, Paragraph, document_of
from analysis.rich import plain, words
from analysis.tables import Table
from tests.analysis.render.made import outcome
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from analysis.results import Report

TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}


@pytest.mark.django_db
def test_the_demonstration_says_so_before_its_first_figure(report: Report) -> None:
    document = document_of(report)
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.kind == "warning"
    assert plain(first.runs) == "Demonstration data, not recorded from students."
    assert all(figure.source == document.label for figure in document.figures)
    assert all(report.data_note in table.notes for table in document.tables if table.key != "provenance")


def test_recorded_data_are_called_nothing() -> None:
    document = document_of(made(outcome("score", TWO)))
    assert document.label == ""
    assert {figure.source for figure in document.figures} == {""}


@pytest.mark.django_db
def test_words_come_before_pictures_and_pictures_before_tables(report: Report) -> None:
    kinds = [
        type(block)
        for block in document_of(report).blocks
        if isinstance(block, Heading | Figure | Table) or (isinstance(block, Paragraph) and block.kind == "text")
    ]
    start = kinds.index(Heading)
    outcome_kinds = kinds[start : kinds.index(Heading, start + 1)]
    assert list(dict.fromkeys(outcome_kinds)) == [Heading, Paragraph, Figure, Table]


@pytest.mark.django_db
def test_figures_are_counted_from_one_over_all_outcomes(report: Report) -> None:
    figures = document_of(report).figures
    assert [figure.number for figure in figures] == [1, 2, 3, 4, 5]
    assert [figure.key for figure in figures] == [
        "training_accuracy-raincloud",
        "training_accuracy-estimation",
        "training_accuracy-qq",
        "injury_rate-raincloud",
        "injury_rate-qq",
    ]


def test_outcomes_with_the_same_effect_are_laid_side_by_side() -> None:
    document = document_of(made(outcome("strength", TWO), outcome("speed", {"a": [2, 3, 9, 1], "b": [1, 2, 2, 3]})))
    (forest,) = (figure for figure in document.figures if figure.key == "forest")
    assert [row.headers[0].text for row in forest.table.body] == ["Strength", "Speed"]
    assert forest.table.body[0].values[0].text == "-.921"
    assert "Strength −0.92 [" in forest.alt


def test_a_figures_table_has_every_student_by_code() -> None:
    (cloud, *_) = document_of(made(outcome("score", TWO))).figures
    assert [row.headers[1].text for row in cloud.table.body] == [
        f"P{arm}000{place}" for arm in "ab" for place in range(4)
    ]
    assert [row.values[0].value for row in cloud.table.body] == [1, 2, 4, 7, 3, 5, 9, 9]


def test_students_who_were_left_out_are_listed_with_the_reason() -> None:
    rows = (Exclusion("P9", "b", "no_value"), Exclusion("P8", "", "no_arm"))
    (table,) = (t for t in document_of(made(outcome("score", TWO, exclusions=rows))).tables if t.key == "left-out")
    assert [[cell.text for cell in (*row.headers, *row.values)] for row in table.body] == [
        ["P9", "B", "no value measured"],
        ["P8", "", "not assigned to a group"],
    ]


def test_the_papers_skin_prints_a_tiny_p_as_zeros_and_keeps_the_number() -> None:
    far = {"a": [1, 2, 3, 4], "b": [101, 102, 103, 105]}
    cells = {}
    for skin in ("default", "paper"):
        (table,) = (t for t in document_of(made(outcome("score", far)), skin).tables if t.key == "t-test")
        cells[skin] = table.body[0].values[4]
    assert (cells["default"].text, cells["paper"].text) == ("< .001", ".000")
    assert cells["default"].value == cells["paper"].value
    assert 0 < (cells["paper"].value or 0) < 1e-6


def test_characters_that_no_file_holds_are_replaced_once_for_all() -> None:
    document = document_of(made(outcome("score", TWO, name="Bar\x00speed\x1b\ud800"), study="A\x08B"))
    assert document.title == "A\ufffdB"
    (heading, *_) = (block for block in document.blocks if isinstance(block, Heading))
    assert heading.text == "Bar\ufffdspeed\ufffd\ufffd"


def test_a_study_without_outcomes_has_a_document_too() -> None:
    texts = [plain(block.runs) for block in document_of(made()).blocks if isinstance(block, Paragraph)]
    assert texts == ["This study has no outcomes yet."]


def test_notices_stand_first_and_further_parts_before_the_provenance() -> None:
    further = (Heading(1, "Deviations"), Paragraph(words("None\x00.")))
    document = document_of(made(outcome("score", TWO)), notices=["Withdrawn."], further=further)
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    assert (plain(first.runs), first.kind) == ("Withdrawn.", "warning")
    heads = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert heads == ["Score", "Deviations", "Where these numbers come from"]
    assert any(isinstance(block, Paragraph) and plain(block.runs) == "None\ufffd." for block in document.blocks)
