"""Safety alerts: what raises one, who is told, that no blinding hides it and no group is named."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.health.services import Problem, answer
from studies.injuries.services import correct_injury, log_injury, report_injury
from studies.models import HealthWeek, Membership, Participant, SafetyAlert, Study
from studies.safety.services import acknowledge, receivers, send_alerts, set_rules
from tests.factory import Personas, make_participant, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)


def student(study: Study) -> Participant:
    row = make_participant(study)
    row.enrolled_at = timezone.now() - dt.timedelta(days=90)
    row.save()
    return row


def raised(study: Study) -> list[tuple[str, int, int]]:
    return list(SafetyAlert.objects.filter(study=study).order_by("pk").values_list("kind", "value", "limit"))


def test_pain_at_the_limit_alerts_and_below_it_does_not() -> None:
    study = make_study()
    row = student(study)
    report_injury(participant=row, occurred_on=ago(0), region="knee", pain=6)
    assert raised(study) == []
    report_injury(participant=row, occurred_on=ago(0), region="knee", pain=7)
    assert raised(study) == [("pain", 7, 7)]


def test_eight_days_lost_alert_when_they_are_known_and_once() -> None:
    study, by = make_study(), make_user()
    injury = log_injury(participant=student(study), occurred_on=ago(20), region="knee", by=by, days_lost=7)
    assert raised(study) == []
    correct_injury(injury=injury, by=by, seen_version=1, values={"days_lost": 8})
    correct_injury(injury=injury, by=by, seen_version=2, values={"days_lost": 12})
    assert raised(study) == [("days", 8, 8)]


def test_a_weekly_score_from_the_studys_own_limit_alerts() -> None:
    study, by = make_study(), make_user()
    set_rules(study=study, by=by, limits={"score_from": 25})
    row = student(study)
    week = HealthWeek.objects.create(study=study, starts_on=ago(9), opens_on=ago(3), due_on=ago(0))
    answer(week=week, participant=row, problem=Problem("injury", 1, 1, 0, 1, region="knee"))
    assert raised(study) == []
    answer(week=week, participant=row, problem=Problem("injury", 1, 1, 1, 1, region="ankle"))
    assert raised(study) == [("score", 32, 25)]


def test_the_stop_rule_counts_seven_days_with_both_ends_and_no_eighth() -> None:
    study, by = make_study(), make_user()
    rows = [student(study) for _student in range(4)]
    for row, days in zip(rows, (20, 17, 13), strict=False):
        log_injury(participant=row, occurred_on=ago(days), region="knee", by=by)
    assert raised(study) == []  # 20 and 13 days ago are eight days
    log_injury(participant=rows[3], occurred_on=ago(14), region="knee", by=by)
    assert raised(study) == [("week", 3, 3)]
    assert SafetyAlert.objects.get().participant is None


def test_the_stop_rule_counts_no_other_study_and_nothing_from_before_enrolment() -> None:
    study, other, by = make_study(), make_study(), make_user()
    late = make_participant(study)
    for _injury in range(3):
        report_injury(participant=late, occurred_on=ago(4), region="knee", pain=1)
        log_injury(participant=student(other), occurred_on=ago(4), region="knee", by=by)
    assert raised(study) == []
    assert [kind for kind, _value, _limit in raised(other)] == ["week"]


def test_the_stop_rule_alerts_again_only_after_somebody_saw_to_it() -> None:
    study, by = make_study(), make_user()
    for _injury in range(4):
        log_injury(participant=student(study), occurred_on=ago(1), region="knee", by=by)
    assert raised(study) == [("week", 3, 3)]
    acknowledge(alert=SafetyAlert.objects.get(), by=by, note="Bars checked")
    log_injury(participant=student(study), occurred_on=ago(1), region="knee", by=by)
    assert raised(study) == [("week", 3, 3), ("week", 5, 3)]


def test_an_alert_ends_with_a_note_and_once() -> None:
    study, by = make_study(), make_user()
    report_injury(participant=student(study), occurred_on=ago(0), region="knee", pain=9)
    alert = SafetyAlert.objects.get()
    with pytest.raises(StudyError, match="note_missing"):
        acknowledge(alert=alert, by=by, note="  ")
    acknowledge(alert=alert, by=by, note="Spoke with the student")
    with pytest.raises(StudyError, match="acknowledged_already"):
        acknowledge(alert=alert, by=by, note="Me too")
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.note) == (by, "Spoke with the student")


def test_owner_and_the_students_own_instructors_are_told_and_nobody_else() -> None:
    personas = make_personas()
    Participant.objects.filter(pk=personas.participant.pk).update(section="2A")
    others = {role: make_staff(personas.study, Membership.Role.INSTRUCTOR) for role in ("2A", "2B")}
    for section, user in others.items():
        Membership.objects.filter(user=user).update(sections=[section])
    report_injury(
        participant=Participant.objects.get(pk=personas.participant.pk), occurred_on=ago(0), region="knee", pain=10
    )
    told = set(receivers(SafetyAlert.objects.get()))
    assert told == {personas.owner, personas.instructor, others["2A"]}


def world_with_alert(*, arm: str) -> Personas:
    """A study with blinded staff, and strong pain of a student of an arm whose name nobody could mistake."""
    personas = make_personas()
    personas.study.arms.filter(key="a").update(name="Zebra coaching")
    personas.study.arms.filter(key="b").update(name="Quagga teaching")
    user = personas.student if arm == "a" else personas.classmate
    for staff in ("owner", "instructor", "assessor", "researcher"):
        who = getattr(personas, staff)
        who.email = f"{staff}@example.edu"
        who.save()
    row = Participant.objects.get(user=user, study=personas.study)
    report_injury(participant=row, occurred_on=ago(0), region="lower_back", pain=9)
    return personas


@pytest.mark.parametrize("arm", ["a", "b"])
def test_no_blinding_keeps_an_alert_from_the_instructor_and_it_names_no_group(client: Client, arm: str) -> None:
    personas = world_with_alert(arm=arm)
    assert personas.study.unblinded_at is None
    url = reverse("studies:alerts", args=[personas.study.pk])
    client.force_login(personas.instructor)
    assert url in client.get(reverse("home")).content.decode()
    assert "1 safety alert is open" in client.get(reverse("studies:detail", args=[personas.study.pk])).content.decode()
    text = client.get(url).content.decode()
    assert "Strong pain" in text
    assert "Zebra" not in text
    assert "Quagga" not in text
    assert send_alerts() == 1
    assert {message.to[0] for message in mail.outbox} == {"owner@example.edu", "instructor@example.edu"}
    for message in mail.outbox:
        words = f"{message.subject} {message.body}"
        assert url in words
        row = SafetyAlert.objects.get().participant
        assert row is not None
        for secret in ("Zebra", "Quagga", row.code, row.user.last_name, "lower"):
            assert secret not in words
    assert send_alerts() == 0


@pytest.mark.parametrize("role", ["assessor", "researcher", "officer", "student"])
def test_who_is_not_responsible_sees_no_banner(client: Client, role: str) -> None:
    personas = world_with_alert(arm="a")
    client.force_login(getattr(personas, role))
    assert "safety alert is open" not in client.get(reverse("home")).content.decode()
    assert client.get(reverse("studies:alerts", args=[personas.study.pk])).status_code == 403


def test_a_mail_that_fails_waits_for_the_next_round(settings: Any) -> None:
    personas = world_with_alert(arm="a")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = 9
    assert send_alerts() == 0
    assert SafetyAlert.objects.get(study=personas.study).mailed_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_alerts() == 1


def test_the_owner_sets_limits_and_an_instructor_does_not(client: Client) -> None:
    personas = make_personas()
    url = reverse("studies:alerts", args=[personas.study.pk])
    given = {"pain_from": 5, "score_from": 30, "days_lost_from": 4, "injuries_a_week": 2}
    client.force_login(personas.instructor)
    assert client.post(url, given).status_code == 403
    client.force_login(personas.owner)
    assert client.post(url, given | {"pain_from": 11}).status_code == 422
    assert client.post(url, given).status_code == 302
    report_injury(participant=personas.participant, occurred_on=ago(0), region="knee", pain=5)
    assert raised(personas.study) == [("pain", 5, 5)]


def test_the_pages_note_ends_the_banner(client: Client) -> None:
    personas = world_with_alert(arm="a")
    alert = SafetyAlert.objects.get()
    client.force_login(personas.instructor)
    url = reverse("studies:alert-acknowledge", args=[alert.pk])
    client.post(url, {"note": ""})
    assert "safety alert is open" in client.get(reverse("home")).content.decode()
    client.post(url, {"note": "Sent to the doctor"})
    assert "safety alert is open" not in client.get(reverse("home")).content.decode()
    listed = client.get(reverse("study-alerts", args=[personas.study.pk])).json()["results"]
    assert [(row["kind"], row["note"]) for row in listed] == [("pain", "Sent to the doctor")]
