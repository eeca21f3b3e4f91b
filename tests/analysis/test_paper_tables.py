"""The first acceptance test: the paper's Tables 1 and 2 from the study's rows, to every printed digit."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from analysis.reports import build_report
from analysis.tables import MARK, independent_samples, main_tables, one_way_anova
from studies.models import Study
from tests.factory import make_study

if TYPE_CHECKING:
    from analysis.format import Skin
    from analysis.tables import Table

pytestmark = pytest.mark.django_db


def _figures(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.values] for row in table.body]


def _tables(study: Study, skin: Skin) -> tuple[Table, Table]:
    accuracy, injuries = build_report(study).outcomes
    return independent_samples(accuracy, skin=skin, number=1), one_way_anova(injuries, skin=skin, number=2)


def test_table_1_equals_the_papers_to_every_digit(demo: Study) -> None:
    table, _other = _tables(demo, "paper")
    assert _figures(table) == [
        ["9.271", ".004", "7.303", "48", ".000", "2.520", ".345", "1.826", "3.214"],
        ["", "", "7.303", "36.299", ".000", "2.520", ".345", "1.820", "3.220"],
    ]


def test_table_2_equals_the_papers_to_every_digit_but_its_p(demo: Study) -> None:
    _other, table = _tables(demo, "paper")
    assert _figures(table) == [
        ["364.500", "1", "364.500", "180.893", "6.7e-18"],
        ["96.720", "48", "2.015", "", ""],
        ["461.220", "49", "", "", ""],
    ]
    assert [row.headers[0].text for row in table.body] == ["Between Groups", "Within Groups", "Total"]


def test_table_2_says_why_the_printed_p_is_not_its_own(demo: Study) -> None:
    _other, table = _tables(demo, "paper")
    assert table.body[0].values[-1].mark == MARK
    assert table.notes[0] == (
        "a The paper prints .003 here, which can't belong to F(1, 48) = 180.893: that has p = 6.7e-18. "
        "A p of .003 would need F ≈ 9.78."
    )


def test_the_default_skin_differs_in_the_tiny_p_alone(demo: Study) -> None:
    paper, default = _tables(demo, "paper")[0], _tables(demo, "default")[0]
    changed = [
        (a, b)
        for old, new in zip(_figures(paper), _figures(default), strict=True)
        for a, b in zip(old, new, strict=True)
        if a != b
    ]
    assert changed == [(".000", "< .001")] * 2


def test_the_caption_is_made_from_the_outcomes_name(demo: Study) -> None:
    demo.outcomes.filter(key="training_accuracy").update(name="Deadlift form")
    table, _other = _tables(demo, "paper")
    assert table.caption == "Table 1. Independent Samples Test results: Deadlift form"
    assert table.body[0].headers[0].text == "Deadlift form"


def test_the_planned_row_is_marked_whatever_levene_says(demo: Study) -> None:
    table, _other = _tables(demo, "default")
    assert [row.planned for row in table.body] == [False, True]
    demo.outcomes.filter(key="training_accuracy").update(planned_test="student")
    table, _other = _tables(demo, "default")
    assert [row.planned for row in table.body] == [True, False]
    assert "“Equal variances assumed” (Student's t-test)" in table.notes[0]


def test_the_head_spans_as_in_spss(demo: Study) -> None:
    table, _other = _tables(demo, "paper")
    for row in range(len(table.head)):
        above = sum(cell.colspan for r, cells in enumerate(table.head) for cell in cells if r <= row < r + cell.rowspan)
        assert above == 11
    assert [(cell.text, cell.colspan) for cell in table.head[0]] == [
        ("", 2),
        ("Levene's Test for Equality of Variances", 2),
        ("t-test for Equality of Means", 7),
    ]


def test_every_table_carries_the_label_of_reconstructed_data(demo: Study) -> None:
    report = build_report(demo)
    for number, outcome in enumerate(report.outcomes, start=1):
        for table in main_tables(outcome, skin="default", number=number, data_note=report.data_note):
            assert any("not the authors' data" in note for note in table.notes)


def _printed(*arguments: object) -> str:
    out = io.StringIO()
    call_command("paper_tables", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_both_tables_with_their_label_and_the_note(demo: Study) -> None:
    text = _printed()
    lines = [line.split() for line in text.splitlines()]
    pooled = ["9.271", ".004", "7.303", "48", ".000", "2.520", ".345", "1.826", "3.214"]
    assert ["Training", "accuracy", "Equal", "variances", *pooled] in lines
    assert ["Equal", "variances", "7.303", "36.299", ".000", "2.520", ".345", "1.820", "3.220"] in lines
    assert ["Between", "Groups", "364.500", "1", "364.500", "180.893", "6.7e-18", "a"] in lines
    assert ["Within", "Groups", "96.720", "48", "2.015"] in lines
    assert ["Total", "461.220", "49"] in lines
    assert "Table 1. Independent Samples Test results: Training accuracy" in text
    assert "Table 2. One-Way ANOVA results: Injury rate" in text
    assert text.count("not the\nauthors' data") + text.count("not the authors' data") >= 2
    assert "16 of 16 printed figures of the paper's Table 1 are equal to every digit." in text
    assert "9 of 10 printed figures of the paper's Table 2 are equal to every digit." in text
    assert max(len(line) for line in text.splitlines()) <= 125


def test_the_commands_default_skin_prints_no_zero_p(demo: Study) -> None:
    text = _printed("--skin", "default")
    assert "< .001" in text
    assert " .000" not in text


def test_the_command_says_what_to_do_without_a_demonstration_study() -> None:
    Study.objects.update(is_demonstration=False)
    with pytest.raises(CommandError, match="load_demo_study"):
        _printed()


def test_the_command_prints_a_study_of_ones_choice() -> None:
    study = make_study("Squats")
    assert "This study has no outcomes yet." in _printed("--study", study.pk)
    with pytest.raises(CommandError, match="no study 999999"):
        _printed("--study", 999999)
