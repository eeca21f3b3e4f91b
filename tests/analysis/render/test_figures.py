from __future__ import annotations

import dataclasses
import itertools
import re
import struct
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.render.document import document_of
from analysis.render.figures.draw import Pictures
from analysis.render.figures.style import COLOURS, MARKERS, centred, look, stacked
from analysis.reports import build_report
from analysis.results import AtTime
from studies.models import Measurement, TimePoint
from tests.analysis.render.made import group, outcome
from tests.analysis.render.made import report as made
from tests.factory import make_measurement, make_outcome, make_participant, make_study

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from analysis.render.document import Figure
    from analysis.results import OutcomeReport

A = [1, 2, 4, 7, 5, 5, 5]
B = [3, 5, 9, 9, 9, 1]


def figures(*outcomes: OutcomeReport, is_demonstration: bool = False) -> dict[str, Figure]:
    document = document_of(made(*outcomes, is_demonstration=is_demonstration))
    return {figure.key: figure for figure in document.figures}


def dots(svg: bytes) -> Counter[str]:
    """How many dots of students (those with a white edge) there are of each colour."""
    return Counter(re.findall(r"<use [^>]*style=\"fill: (#\w+);[^\"]*stroke: #ffffff", svg.decode()))


def over_time() -> OutcomeReport:
    times = (
        AtTime("before", "Before", (group("a", A), group("b", B))),
        AtTime("after", "After", (group("a", [x + 2 for x in A]), group("b", [4]))),
    )
    return dataclasses.replace(outcome("score", {"a": A, "b": B}), times=times)


@pytest.mark.parametrize(
    ("key", "counted"),
    [("score-raincloud", (7, 6)), ("score-estimation", (7, 6)), ("score-qq", (7, 6)), ("score-profile", (14, 7))],
)
def test_every_student_is_a_dot(key: str, counted: tuple[int, int]) -> None:
    found = dots(Pictures().svg(figures(over_time())[key]))
    assert found == {COLOURS[0].lower(): counted[0], COLOURS[1].lower(): counted[1]}


def test_every_student_of_a_large_class_is_a_dot_too() -> None:
    scores = [place % 11 for place in range(600)]
    found = figures(outcome("score", {"a": scores, "b": [x / 7 for x in range(500)]}))
    for kind in ("raincloud", "estimation"):
        assert dots(Pictures().svg(found[f"score-{kind}"])) == {COLOURS[0].lower(): 600, COLOURS[1].lower(): 500}


def test_a_picture_is_the_same_whichever_is_asked_for_first() -> None:
    figure = figures(outcome("score", {"a": A, "b": B}))["score-estimation"]
    one, other = Pictures(), Pictures()
    first = (one.svg(figure), one.png(figure))
    second = (other.png(figure), other.svg(figure))
    assert first == second[::-1]


def test_a_picture_says_in_words_what_it_shows() -> None:
    figure = figures(outcome("score", {"a": A, "b": B}, name="Score <&> $x$"))["score-raincloud"]
    root = ET.fromstring(Pictures().svg(figure))
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title") == figure.caption
    assert root.findtext(f"{space}desc") == figure.alt
    assert "Score <&> $x$" in figure.caption
    assert b"<dc:date>" not in Pictures().svg(figure)
    png = Pictures().png(figure)
    assert struct.unpack(">I", png[16:20]) == (1400,)
    assert figure.alt.encode("latin-1") in png


def test_each_group_has_a_shape_and_a_colour_of_its_own() -> None:
    assert len({look(place) for place in range(len(COLOURS) * len(MARKERS))}) == 42
    assert len({look(place)[1] for place in range(6)}) == 6


def test_data_that_were_not_recorded_say_so_in_the_picture() -> None:
    values = {"a": A, "b": B}
    said = figures(outcome("score", values), is_demonstration=True)["score-qq"]
    silent = figures(outcome("score", values))["score-qq"]
    assert said.source == "Demonstration data, not recorded from students"
    assert len(Pictures().svg(said)) > len(Pictures().svg(silent)) + 2000  # the letters' outlines


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-50, 50).map(lambda x: round(x, 1)), min_size=1, max_size=60), st.floats(0.05, 5))
def test_stacked_dots_keep_their_value_and_none_touches_another(values: list[float], width: float) -> None:
    found = stacked(values, width=width, step=0.04, room=100.0)  # room for all: nothing is squeezed
    assert sorted(value for value, _depth in found.dots) == sorted(values)
    assert found.shrink == 1.0
    levels: dict[float, list[float]] = {}
    for value, depth in found.dots:
        levels.setdefault(depth, []).append(value)
    for level in levels.values():
        assert all(after - before >= width for before, after in itertools.pairwise(level))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=300), st.floats(0.02, 0.3))
def test_a_crowd_stays_in_its_room_and_nearer_to_its_own_value(scores: list[int], width: float) -> None:
    found = stacked([float(score) for score in scores], width=width, step=0.04, room=0.26)
    assert Counter(round(value) for value, _depth in found.dots) == Counter(scores)
    assert all(0 <= depth <= 0.26 + 1e-9 for _value, depth in found.dots)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=60))
def test_rows_are_centred_and_keep_their_values(values: list[float]) -> None:
    found = centred(values, width=2.0, step=0.05, room=0.7)
    assert sorted(value for value, _offset in found.dots) == sorted(values)
    assert sum(offset for _value, offset in found.dots) == pytest.approx(0, abs=1e-9)
    assert max(abs(offset) for _value, offset in found.dots) <= 0.35 + 1e-9


def test_the_profiles_table_has_the_means_and_every_value_at_each_time() -> None:
    table = figures(over_time())["score-profile"].table
    rows = [([cell.text for cell in row.headers], row.values[0].value) for row in table.body]
    assert rows[0][0] == ["Before", "A", "Mean"]
    assert rows[0][1] == pytest.approx(29 / 7)
    assert len(rows) == (3 + 7) + (3 + 6) + (3 + 7) + 1  # one value has no mean
    assert rows[-1] == (["After", "B", "Pb0000"], 4)


def test_an_outcome_without_values_or_spread_has_no_figure_that_needs_them() -> None:
    found = dataclasses.replace(
        outcome("score", {"a": A, "b": B}),
        groups=(group("a", [2, 2, 2]), group("b", [])), student=None, welch=None, effects=(), levene=(),
    )  # fmt: skip
    assert list(figures(found)) == ["score-raincloud"]
    assert dots(Pictures().svg(figures(found)["score-raincloud"])) == {COLOURS[0].lower(): 3}
    assert list(figures(dataclasses.replace(found, groups=(group("a", []), group("b", []))))) == []


@pytest.mark.django_db
def test_a_study_with_times_has_the_course_and_tests_the_main_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    study = make_study()
    score, single = make_outcome(study, "score"), make_outcome(study, "single")
    times = [
        TimePoint.objects.create(study=study, key=key, name=key.title(), position=place)
        for place, key in enumerate(("before", "after", "never"))
    ]
    score.main_time_point = times[1]
    score.save()
    for arm in study.arms.all():
        for place in range(4):
            student = make_participant(study, arm=arm)
            make_measurement(single, student, place)
            for time, value in zip(times, (place, place * 2 + 1), strict=False):
                Measurement.objects.create(outcome=score, participant=student, time_point=time, value=value)
    with django_assert_num_queries(2 + 2 + 1 + 3):
        report = build_report(study)
    first, second = report.outcomes
    assert [(time.key, [group.mean for group in time.groups]) for time in first.times] == [
        ("before", [1.5, 1.5]),
        ("after", [4.0, 4.0]),
    ]
    assert [group.mean for group in first.groups] == [4.0, 4.0]
    assert second.times == ()
    assert [figure.key for figure in document_of(report).figures if "profile" in figure.key] == ["score-profile"]
