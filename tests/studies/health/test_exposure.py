"""Training: lessons with attendance, films that add to a day, the calendar, the CSV. Nothing is counted twice."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.exposure.calendar import month_grid, month_of
from studies.exposure.services import Attended, correct_lesson, count_upload, log_lesson
from studies.models import AuditEntry, CountedFilm, Lesson, Participant, TrainingSession
from studies.selectors import arms_of_class, class_with_totals, participants_with_totals
from tests.factory import make_class, make_participant, make_personas, make_study, make_training_session, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from studies.models import Study

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 3, 5)


def code_of(service: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(StudyError) as caught:
        service(**given)
    return caught.value.code


def totals(row: Participant) -> tuple[int, int, int]:
    found = participants_with_totals(Participant.objects.all()).get(pk=row.pk)
    return found.lessons, found.minutes, found.repetitions  # type: ignore[attr-defined]


def lesson_of(study: Study, rows: list[Attended], **given: Any) -> Lesson:
    values: dict[str, Any] = {"study": study, "by": make_user(), "held_on": DAY, "minutes": 90, "rows": rows} | given
    return log_lesson(**values)


# Lessons


def test_who_was_missing_has_a_row_and_no_hour() -> None:
    study = make_study()
    here, late, absent, excused = make_class(study, 4)
    rows = [
        Attended(here, sets=3, repetitions=15, load_kg=Decimal("60.0")),
        Attended(late, minutes=40),
        Attended(absent, attendance="absent", minutes=90, repetitions=9),
        Attended(excused, attendance="excused"),
    ]
    lesson = lesson_of(study, rows)
    stored = {row.participant_id: (row.attendance, row.minutes, row.repetitions) for row in lesson.rows.all()}
    assert stored == {
        here.pk: ("present", 90, 15),
        late.pk: ("present", 40, 0),
        absent.pk: ("absent", 0, 0),
        excused.pk: ("excused", 0, 0),
    }
    assert [totals(row) for row in (here, late, absent)] == [(1, 90, 15), (1, 40, 0), (0, 0, 0)]


@pytest.mark.parametrize(
    ("row", "given", "code"),
    [
        ({"attendance": "asleep"}, {}, "bad_attendance"),
        ({"sets": -1}, {}, "bad_amount"),
        ({"load_kg": Decimal(-1)}, {}, "bad_amount"),
        ({"minutes": 1441}, {}, "bad_minutes"),
        ({}, {"minutes": 0}, "bad_minutes"),
        ({}, {"held_on": dt.date(2999, 1, 1)}, "in_the_future"),
        ({}, {"rows": []}, "nobody_chosen"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused_whole(row: dict[str, Any], given: dict[str, Any], code: str) -> None:
    study = make_study()
    one, two = make_class(study, 2)
    rows = given.pop("rows", [Attended(one), Attended(two, **row)])
    assert code_of(lesson_of, study=study, rows=rows, **given) == code
    assert (Lesson.objects.count(), TrainingSession.objects.count()) == (0, 0)


def test_a_second_lesson_of_a_day_is_asked_about_and_another_section_is_not() -> None:
    study = make_study()
    one, two = make_class(study, 2)
    lesson_of(study, [Attended(one)])
    lesson_of(study, [Attended(two)])
    assert code_of(lesson_of, study=study, rows=[Attended(one)]) == "lesson_twice"
    lesson_of(study, [Attended(one)], another=True)
    assert totals(one) == (2, 180, 0)


def test_a_student_of_another_study_is_in_no_lesson() -> None:
    assert code_of(lesson_of, study=make_study(), rows=[Attended(make_participant(make_study()))]) == "not_here"


def test_a_correction_by_an_old_page_overwrites_nothing() -> None:
    study, by = make_study(), make_user()
    row = make_participant(study)
    lesson = lesson_of(study, [Attended(row)])
    given: dict[str, Any] = {"lesson": lesson, "by": by, "held_on": DAY, "minutes": 60}
    correct_lesson(seen_version=1, rows=[Attended(row, attendance="absent")], **given)
    assert code_of(correct_lesson, seen_version=1, rows=[Attended(row)], **given) == "changed_meanwhile"
    assert totals(row) == (0, 0, 0)
    correct_lesson(seen_version=2, rows=[Attended(row)], **given)
    assert totals(row) == (1, 60, 0)
    assert AuditEntry.objects.filter(action="lesson changed").count() == 2


# Films


def film(row: Participant, key: str, repetitions: int, **given: Any) -> TrainingSession | None:
    return count_upload(participant=row, film=key, held_on=DAY, repetitions=repetitions, **given)


def test_films_of_a_day_without_a_lesson_make_one_row_without_minutes() -> None:
    row = make_participant(make_study())
    film(row, "a", 5, load_kg=Decimal("60.0"))
    film(row, "b", 6, load_kg=Decimal("80.0"))
    made = TrainingSession.objects.get()
    assert (made.source, made.minutes, made.sets, made.repetitions) == ("upload", 0, 2, 11)
    assert made.load_kg == Decimal("80.0")
    assert totals(row) == (0, 0, 11)


def test_a_film_that_is_analysed_again_is_counted_anew_and_not_twice() -> None:
    row = make_participant(make_study())
    film(row, "a", 5)
    film(row, "a", 4)
    made = TrainingSession.objects.get()
    assert (made.sets, made.repetitions, CountedFilm.objects.count()) == (1, 4, 1)
    film(row, "a", 0)
    made.refresh_from_db()
    assert (made.sets, made.repetitions, CountedFilm.objects.count()) == (0, 0, 0)


def test_films_of_a_lessons_sets_are_not_added_to_what_was_entered() -> None:
    study = make_study()
    row = make_participant(study)
    lesson = lesson_of(study, [Attended(row, sets=4, repetitions=20, load_kg=Decimal("70.0"))])
    for key in "abc":
        film(row, key, 5, load_kg=Decimal("90.0"))
    made = TrainingSession.objects.get()
    assert (made.sets, made.repetitions, made.load_kg) == (4, 20, Decimal("70.0"))
    for key in "de":
        film(row, key, 5)
    made.refresh_from_db()
    assert (made.sets, made.repetitions) == (5, 25)
    assert totals(row) == (1, 90, 25)
    rows = [Attended(row, sets=6, repetitions=24)]
    correct_lesson(lesson=lesson, by=make_user(), seen_version=1, held_on=DAY, minutes=90, rows=rows)
    made.refresh_from_db()
    assert (made.sets, made.repetitions, made.load_kg) == (6, 25, Decimal("90.0"))


def test_a_lesson_logged_after_its_films_takes_them_over() -> None:
    study = make_study()
    here, missing = make_class(study, 2)
    for row in (here, missing):
        film(row, f"film of {row.pk}", 8)
    lesson_of(study, [Attended(here), Attended(missing, attendance="absent")])
    assert totals(here) == (1, 90, 8)
    assert here.training_sessions.count() == 1
    # Who was missing trained at another time of the day: the film stays a row of its own.
    assert totals(missing) == (0, 0, 8)


def test_the_totals_of_arms_count_lessons_and_not_days_of_films() -> None:
    study = make_study()
    arm = study.arms.get(key="a")
    row = make_participant(study, arm=arm)
    make_training_session(row)
    count_upload(participant=row, film="x", held_on=dt.date(2024, 3, 6), repetitions=5)
    rows = class_with_totals(Participant.objects.filter(study=study))
    found = next(one for one in arms_of_class(make_user(is_superuser=True), study, rows) if one.arm.pk == arm.pk)
    assert (found.lessons, found.minutes) == (1, 90)


# The calendar


@pytest.mark.parametrize(
    ("text", "first"),
    [("2024-02", (2024, 2)), ("2024-13", (2024, 3)), ("24-02", (2024, 3)), ("9999-12", (2024, 3)), ("", (2024, 3))],
)
def test_a_month_that_cannot_be_is_the_usual_one(text: str, first: tuple[int, int]) -> None:
    found = month_of(text, default=DAY)
    assert (found.year, found.month, found.day) == (*first, 1)


def test_the_grid_holds_each_day_once_with_its_sums_and_the_month_its_own() -> None:
    """February of 2024 begins on a Thursday and ends on one: 1 February to 29, in five weeks."""
    study = make_study()
    one, two = make_class(study, 2)
    lesson_of(study, [Attended(one, repetitions=5), Attended(two, attendance="absent")], held_on=dt.date(2024, 2, 29))
    lesson_of(study, [Attended(one)], held_on=dt.date(2024, 3, 1))
    month = month_grid(TrainingSession.objects.all(), dt.date(2024, 2, 1))
    days = {day.date: day for week in month.weeks for day in week}
    assert len(month.weeks) == 5
    assert all(len(week) == 7 for week in month.weeks)
    leap = days[dt.date(2024, 2, 29)]
    assert (leap.present, leap.missing, leap.minutes, leap.repetitions) == (1, 1, 90, 5)
    assert days[dt.date(2024, 3, 1)].in_month is False
    assert month.total.minutes == 90
    assert (month.previous, month.following) == ("2024-01", "2024-03")
    assert month_grid(TrainingSession.objects.none(), dt.date(2024, 12, 1)).following == "2025-01"


# Pages


def test_a_lesson_is_logged_and_corrected_on_its_page(client: Client) -> None:
    personas = make_personas()
    mine, other = personas.participant, Participant.objects.get(user=personas.classmate)
    client.force_login(personas.instructor)
    url = reverse("studies:lesson-add", args=[personas.study.pk])
    assert personas.student.last_name in client.get(url).content.decode()
    given = {"held_on": "2024-03-05", "minutes": 75, f"attendance_{other.pk}": "absent"}
    given |= {f"attendance_{mine.pk}": "present", f"repetitions_{mine.pk}": "12", f"load_kg_{mine.pk}": "62.5"}
    assert client.post(url, given).status_code == 302
    assert (totals(mine), totals(other)) == ((1, 75, 12), (0, 0, 0))
    again = client.post(url, given)
    assert again.status_code == 422
    assert "second lesson" in again.content.decode()
    lesson = Lesson.objects.get()
    page = reverse("studies:lesson", args=[personas.study.pk, lesson.pk])
    text = client.get(page).content.decode()
    assert 'value="12"' in text
    assert 'value="62.5"' in text
    assert client.post(page, given | {"seen_version": 1, f"minutes_{mine.pk}": "30"}).status_code == 302
    assert totals(mine) == (1, 30, 12)
    assert client.post(page, given | {"seen_version": 1}).status_code == 422


def test_a_lesson_is_found_only_under_its_own_study(client: Client) -> None:
    personas = make_personas()
    stranger = lesson_of(personas.other_study, [Attended(make_participant(personas.other_study))])
    client.force_login(personas.instructor)
    url = reverse("studies:lesson", args=[personas.study.pk, stranger.pk])
    assert client.get(url).status_code == 404


def test_the_csv_holds_missing_students_and_films_by_code(client: Client) -> None:
    personas = make_personas()
    mine, other = personas.participant, Participant.objects.get(user=personas.classmate)
    lesson_of(personas.study, [Attended(mine, sets=2), Attended(other, attendance="excused")])
    film(mine, "a", 7)
    client.force_login(personas.researcher)
    response = client.get(reverse("studies:exposure", args=[personas.study.pk]))
    text = response.content.decode()
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text))}
    assert {key: rows[mine.code][key] for key in ("attendance", "minutes", "sets", "repetitions", "films")} == {
        "attendance": "present",
        "minutes": "90",
        "sets": "2",
        "repetitions": "7",
        "films": "1",
    }
    assert (rows[other.code]["attendance"], rows[other.code]["minutes"]) == ("excused", "0")
    assert personas.student.last_name not in text
    assert AuditEntry.objects.filter(kind="exported", action="training (CSV)").count() == 1


def test_calendars_cost_the_same_for_any_class(client: Client, django_assert_max_num_queries: Any) -> None:
    personas = make_personas()
    for row in make_class(personas.study, 15):  # and the two that are there
        make_training_session(row, held_on=timezone.localdate())
    client.force_login(personas.owner)
    with django_assert_max_num_queries(12):
        text = client.get(reverse("studies:calendar", args=[personas.study.pk])).content.decode()
    assert "17 students" in " ".join(text.split())
    client.force_login(personas.student)
    own = reverse("studies:student-calendar", args=[personas.participant.pk])
    assert client.get(own, {"month": "2024-02"}).content.decode().count("<td") == 35


def test_programs_log_a_lesson_and_read_training(client: Client) -> None:
    personas = make_personas()
    client.force_login(personas.instructor)
    url = reverse("study-lessons", args=[personas.study.pk])
    students = [{"student": personas.participant.code, "repetitions": 10}]
    given = {"held_on": "2024-03-05", "minutes": 60, "students": students}
    assert client.post(url, given, content_type="application/json").status_code == 201
    assert client.post(url, given, content_type="application/json").json()["code"] == "lesson_twice"
    unknown = given | {"students": [{"student": "NOBODY"}]}
    assert client.post(url, unknown, content_type="application/json").status_code == 400
    found = client.get(reverse("study-training", args=[personas.study.pk])).json()["results"]
    assert [(row["code"], row["minutes"], row["repetitions"]) for row in found] == [(personas.participant.code, 60, 10)]
