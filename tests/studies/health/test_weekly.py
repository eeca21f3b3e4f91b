"""The weekly questions: scores, weeks that open, answers, response rates, reminders."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.health.scoring import WrongAnswers, score
from studies.health.services import Problem, answer, open_weeks, send_reminders, week_rows
from studies.models import HealthAnswer, HealthProblem, HealthReminder, HealthWeek, Injury, Participant, Study
from tests.factory import make_participant, make_personas, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

MONDAY = dt.date(2026, 3, 2)
SUNDAY = MONDAY + dt.timedelta(days=6)


# Scores


@pytest.mark.parametrize(
    ("answers", "severity", "substantial"),
    [
        ((0,), 0, False),
        ((3,), 100, True),
        ((1, 0, 0, 0), 8, False),
        ((1, 1, 1, 1), 32, False),
        ((2, 1, 1, 3), 17 + 8 + 8 + 25, False),
        ((1, 2, 0, 0), 25, True),
        ((1, 0, 2, 0), 25, True),
        ((2, 3, 3, 3), 17 + 25 + 25 + 25, True),
    ],
)
def test_scores_are_those_of_the_update_of_2020(answers: tuple[int, ...], severity: int, substantial: bool) -> None:
    """Clarsen et al. 2020: 0-8-17-25 for each answer; the first answer 0 ends it, 3 is 100 at once."""
    found = score(*answers)
    assert (found.severity, found.substantial) == (severity, substantial)


def test_answers_that_the_first_makes_redundant_are_dropped() -> None:
    assert score(3, 0, 0, 0).training is None
    assert score(0, 3, 3, 3).severity == 0


def test_worse_answers_never_score_less_and_all_lie_between_0_and_100() -> None:
    severities = {rest: score(1, *rest).severity for rest in itertools.product(range(4), repeat=3)}
    for rest, severity in severities.items():
        assert 8 <= severity <= score(2, *rest).severity <= 100
        for place in range(3):
            if rest[place] < 3:
                worse = (*rest[:place], rest[place] + 1, *rest[place + 1 :])
                assert severities[worse] > severity


@pytest.mark.parametrize("answers", [(4,), (-1,), (1,), (1, 0, 0), (2, 0, 0, 4)])
def test_a_missing_or_impossible_answer_makes_no_score(answers: tuple[int, ...]) -> None:
    with pytest.raises(WrongAnswers):
        score(*answers)


# Weeks

pytestmark = pytest.mark.django_db


def running(**given: Any) -> Study:
    study = make_study()
    study.starts_on, study.ends_on = dt.date(2026, 2, 9), dt.date(2026, 6, 30)
    for name, value in given.items():
        setattr(study, name, value)
    study.save()
    return study


def enrolled(study: Study, *, on: dt.date = dt.date(2026, 2, 9), email: str = "") -> Participant:
    row = make_participant(study)
    row.enrolled_at = timezone.make_aware(dt.datetime.combine(on, dt.time(12)))
    row.save()
    row.user.email = email
    row.user.save()
    return row


def code_of(service: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(StudyError) as caught:
        service(**given)
    return caught.value.code


@pytest.mark.parametrize(
    ("after", "opens"), [(-1, False), (0, True), (3, True), (4, False)], ids=["saturday", "sunday", "last", "over"]
)
def test_a_week_opens_on_its_sunday_and_only_while_it_can_be_answered_in_time(after: int, opens: bool) -> None:
    study = running()
    open_weeks(SUNDAY + dt.timedelta(days=after))
    open_weeks(SUNDAY + dt.timedelta(days=after))
    found = list(study.health_weeks.values_list("starts_on", "opens_on", "due_on"))
    assert found == ([(MONDAY, SUNDAY, SUNDAY + dt.timedelta(days=3))] if opens else [])


@pytest.mark.parametrize(
    ("starts", "ends", "opens"),
    [
        (None, None, False),
        (MONDAY, None, True),
        (SUNDAY, None, True),
        (SUNDAY + dt.timedelta(days=1), None, False),
        (dt.date(2026, 1, 5), MONDAY, True),
        (dt.date(2026, 1, 5), MONDAY - dt.timedelta(days=1), False),
    ],
)
def test_only_a_week_that_the_study_reaches_into_is_asked_about(
    starts: dt.date | None, ends: dt.date | None, opens: bool
) -> None:
    study = running(starts_on=starts, ends_on=ends)
    open_weeks(SUNDAY)
    assert study.health_weeks.exists() is opens


def this_week(study: Study) -> HealthWeek:
    """One that is open today, in time."""
    today = timezone.localdate()
    monday = today - dt.timedelta(days=6)
    return HealthWeek.objects.create(study=study, starts_on=monday, opens_on=today, due_on=today + dt.timedelta(days=3))


def long_ago(study: Study) -> HealthWeek:
    return HealthWeek.objects.create(
        study=study, starts_on=MONDAY, opens_on=SUNDAY, due_on=SUNDAY + dt.timedelta(days=3)
    )


KNEE = Problem(kind="injury", participation=2, training=2, performance=1, symptoms=1, region="knee")


def test_an_answer_after_the_last_day_is_kept_and_marked_late() -> None:
    study = running()
    row = enrolled(study)
    assert answer(week=this_week(study), participant=row, problem=None).late is False
    assert answer(week=long_ago(study), participant=row, problem=None).late is True


def test_several_problems_of_one_week_are_kept_and_nothing_is_said_twice() -> None:
    study = running()
    row, week = enrolled(study), this_week(study)
    answer(week=week, participant=row, problem=KNEE)
    answer(week=week, participant=row, problem=Problem(kind="illness", participation=3, region="knee"))
    stored = list(HealthProblem.objects.values_list("kind", "region", "severity", "substantial", "training"))
    assert stored == [("injury", "knee", 17 + 17 + 8 + 8, True, 2), ("illness", "", 100, True, None)]
    assert code_of(answer, week=week, participant=row, problem=None) == "answered_already"
    assert HealthAnswer.objects.count() == 1


def test_who_said_that_nothing_was_wrong_does_not_add_a_problem_afterwards() -> None:
    study = running()
    row, week = enrolled(study), this_week(study)
    answer(week=week, participant=row, problem=None)
    assert code_of(answer, week=week, participant=row, problem=KNEE) == "answered_already"


def test_a_refused_answer_leaves_no_answer() -> None:
    study = running()
    row, week = enrolled(study), this_week(study)
    given: dict[str, Any] = {"week": week, "participant": row}
    assert code_of(answer, problem=Problem("injury", 1, region="knee"), **given) == "answers_missing"
    assert code_of(answer, problem=Problem("injury", 3), **given) == "bad_region"
    assert code_of(answer, problem=Problem("curse", 3), **given) == "bad_kind"
    late_comer = enrolled(study, on=timezone.localdate() + dt.timedelta(days=1))
    assert code_of(answer, week=week, participant=late_comer, problem=None) == "not_asked"
    assert HealthAnswer.objects.count() == 0


def test_the_response_rate_counts_whom_the_week_was_for() -> None:
    """Four in the study by the week's Sunday, one excluded, one of the next Monday: two of three answered."""
    study = running()
    rows = [enrolled(study, on=SUNDAY) for _student in range(4)]
    rows.append(enrolled(study, on=SUNDAY + dt.timedelta(days=1)))
    rows[3].eligibility = "excluded"
    rows[3].save()
    week = long_ago(study)
    answer(week=week, participant=rows[0], problem=KNEE)
    answer(week=week, participant=rows[0], problem=Problem("illness", 1, 0, 0, 0))
    answer(week=week, participant=rows[1], problem=None)
    (found,) = week_rows(study, study.participants.all())
    assert (found.asked, found.answered, found.late) == (3, 2, 2)
    assert found.response_rate == pytest.approx(2 / 3)
    assert (found.with_problem, found.substantial, found.mean_severity) == (1, 1, 25.0)


def test_reminders_go_once_at_the_opening_and_once_on_the_last_day_to_those_who_have_not_answered() -> None:
    study = running()
    silent = enrolled(study, email="silent@example.edu")
    quick = enrolled(study, email="quick@example.edu")
    enrolled(study)  # without an address
    week = this_week(study)
    answer(week=week, participant=quick, problem=None)
    assert send_reminders(week.opens_on) == 1
    assert send_reminders(week.opens_on) == 0
    assert send_reminders(week.due_on) == 1
    assert send_reminders(week.due_on + dt.timedelta(days=1)) == 0
    assert [message.to for message in mail.outbox] == [["silent@example.edu"]] * 2
    assert f"/students/{silent.pk}/weeks/{week.pk}/" in mail.outbox[0].body
    assert set(HealthReminder.objects.values_list("participant", "number")) == {(silent.pk, 1), (silent.pk, 2)}


def test_a_mail_that_fails_is_tried_again(settings: Any) -> None:
    study = running()
    enrolled(study, email="silent@example.edu")
    week = this_week(study)
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 9
    settings.EMAIL_HOST = "127.0.0.1"
    assert send_reminders(week.opens_on) == 0
    assert HealthReminder.objects.count() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_reminders(week.opens_on) == 1


# Pages


def test_the_student_answers_from_home_and_the_reminder_goes(client: Client) -> None:
    personas = make_personas()
    week = this_week(personas.study)
    url = reverse("studies:health", args=[personas.participant.pk, week.pk])
    client.force_login(personas.student)
    assert url in client.get(reverse("home")).content.decode()
    assert client.post(url, {"participation": "1", "kind": "injury", "region": "knee"}).status_code == 422
    full = {"participation": "1", "training": "0", "performance": "0", "symptoms": "1", "kind": "injury"}
    response = client.post(url, full | {"region": "knee", "side": "left"}, follow=True)
    assert "Another problem" in response.content.decode()
    assert HealthProblem.objects.get().severity == 16
    assert url not in client.get(reverse("home")).content.decode()


def test_staff_see_who_is_missing_and_make_an_injury_of_a_problem_once(client: Client) -> None:
    personas = make_personas()
    week = this_week(personas.study)
    made = answer(week=week, participant=personas.participant, problem=KNEE)
    client.force_login(personas.instructor)
    url = reverse("studies:health-week", args=[personas.study.pk, week.pk])
    text = client.get(url).content.decode()
    assert personas.classmate.last_name in text
    problem = made.problems.get()
    log = reverse("studies:problem-injury", args=[problem.pk])
    today = timezone.localdate().isoformat()
    client.post(log, {"occurred_on": today})
    client.post(log, {"occurred_on": today})
    injury = Injury.objects.get()
    assert (injury.region, injury.source) == ("knee", "ostrc")
    client.force_login(personas.researcher)
    text = client.get(url).content.decode()
    assert personas.participant.code in text
    assert personas.student.last_name not in text


def test_one_student_does_not_answer_for_another(client: Client) -> None:
    personas = make_personas()
    week = this_week(personas.study)
    for user in (personas.classmate, personas.instructor, personas.other_student):
        client.force_login(user)
        url = reverse("studies:health", args=[personas.participant.pk, week.pk])
        assert client.post(url, {"participation": "0"}).status_code in {403, 404}
    assert HealthAnswer.objects.count() == 0


def test_programs_answer_and_read_response_rates(client: Client) -> None:
    personas = make_personas()
    week = this_week(personas.study)
    client.force_login(personas.student)
    url = reverse("weekly-answer", args=[personas.participant.pk, week.pk])
    assert client.post(url, {"participation": 0}, content_type="application/json").status_code == 204
    assert client.post(url, {"participation": 0}, content_type="application/json").json()["code"] == "answered_already"
    client.force_login(personas.researcher)
    (row,) = client.get(reverse("study-weeks", args=[personas.study.pk])).json()
    assert (row["asked"], row["answered"], row["response_rate"], row["mean_severity"]) == (2, 1, 0.5, 0.0)


def test_the_beat_opens_weeks_and_mails_what_waits() -> None:
    """What Celery calls finds its work in the rows."""
    from studies.tasks import safety_alerts, weekly_questions

    study = running(starts_on=timezone.localdate() - dt.timedelta(days=28), ends_on=None)
    enrolled(study, on=timezone.localdate() - dt.timedelta(days=28), email="silent@example.edu")
    make_user()
    weekly_questions()
    safety_alerts()
    opened = study.health_weeks.count()
    assert len(mail.outbox) == opened == HealthReminder.objects.count()
    assert opened == (0 if timezone.localdate().weekday() in {3, 4, 5} else 1)
