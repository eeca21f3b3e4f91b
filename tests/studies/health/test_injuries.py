"""Injuries: what may be entered, what is refused and why, and the trail of every change."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.injuries.picker import find_student
from studies.injuries.presentation import changes_in_words
from studies.injuries.services import correct_injury, log_injury, report_injury, strike_injury
from studies.models import AccessRecord, AuditEntry, Injury, Participant, SafetyAlert
from studies.selectors import participants_with_totals
from tests.factory import Personas, make_participant, make_personas, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db


def student(*, days_in: int = 60) -> Participant:
    """Somebody who has been in a study for so many days."""
    row = make_participant(make_study())
    row.enrolled_at = timezone.now() - dt.timedelta(days=days_in)
    row.save()
    return row


def ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)


def code_of(service: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(StudyError) as caught:
        service(**given)
    return caught.value.code


def logged(row: Participant, **given: Any) -> Injury:
    values: dict[str, Any] = {"occurred_on": ago(10), "region": "knee", "by": make_user()} | given
    return log_injury(participant=row, **values)


def counted(row: Participant) -> int:
    found = participants_with_totals(Participant.objects.all()).get(pk=row.pk)
    return found.injury_count  # type: ignore[attr-defined, no-any-return]


def test_an_injury_before_enrolment_is_refused_on_the_last_day_before_it() -> None:
    row, by = student(days_in=5), make_user()
    assert code_of(log_injury, participant=row, occurred_on=ago(6), region="knee", by=by) == "before_enrolment"
    assert log_injury(participant=row, occurred_on=ago(5), region="knee", by=by).before_enrolment is False
    assert row.injuries.count() == 1


def test_a_students_own_report_from_before_enrolment_is_kept_and_counts_in_no_rate() -> None:
    row = student(days_in=5)
    report_injury(participant=row, occurred_on=ago(20), region="lower_back", pain=3)
    assert row.injuries.get().before_enrolment is True
    assert counted(row) == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"side": "inside"}, "bad_choice"),
        ({"onset": "magic"}, "bad_choice"),
        ({"tissue": "soul"}, "bad_choice"),
        ({"pain": 11}, "bad_pain"),
        ({"pain": -1}, "bad_pain"),
        ({"days_lost": -1}, "bad_days"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], code: str) -> None:
    row = student()
    assert code_of(logged, row=row, **given) == code
    assert row.injuries.count() == 0


def test_days_lost_follow_from_the_return() -> None:
    """Hurt on day 10, full training again on day 4: the days 9 to 5 were lost."""
    row = student()
    assert logged(row, days_lost=None, returned_on=ago(4)).days_lost == 5
    assert logged(row, region="head", days_lost=None, returned_on=ago(10)).days_lost == 0
    assert logged(row, region="neck", days_lost=None).days_lost == 0
    assert code_of(logged, row=row, days_lost=6, returned_on=ago(4)) == "bad_days"
    assert code_of(logged, row=row, returned_on=ago(11)) == "bad_return"
    assert code_of(logged, row=row, returned_on=ago(-1)) == "bad_return"


@pytest.mark.parametrize(
    ("days", "bin_of_it"), [(0, "0"), (1, "1-7"), (7, "1-7"), (8, "8-28"), (28, "8-28"), (29, ">28")]
)
def test_the_bins_of_time_loss_are_those_of_the_consensus(days: int, bin_of_it: str) -> None:
    assert Injury(days_lost=days).time_loss == bin_of_it


def test_the_same_region_within_three_days_is_asked_about_once() -> None:
    row, by = student(), make_user()
    log_injury(participant=row, occurred_on=ago(10), region="knee", by=by)
    near: dict[str, Any] = {"participant": row, "region": "knee", "by": by, "check_twice": True}
    assert code_of(log_injury, occurred_on=ago(7), **near) == "perhaps_twice"
    assert code_of(log_injury, occurred_on=ago(13), **near) == "perhaps_twice"
    log_injury(occurred_on=ago(6), **near)
    log_injury(**(near | {"occurred_on": ago(10), "region": "ankle"}))
    log_injury(**(near | {"occurred_on": ago(10), "check_twice": False}))
    assert row.injuries.count() == 4


def test_a_struck_out_injury_is_no_reason_to_ask() -> None:
    row = student()
    injury = logged(row)
    strike_injury(injury=injury, by=make_user(), seen_version=1, reason="It was somebody else.")
    assert logged(row, check_twice=True).pk != injury.pk


def test_two_people_who_change_one_entry_overwrite_nothing() -> None:
    injury, one, two = logged(student()), make_user(), make_user()
    correct_injury(injury=injury, by=one, seen_version=1, values={"days_lost": 4})
    given: dict[str, Any] = {"injury": injury, "by": two, "seen_version": 1, "values": {"days_lost": 9}}
    assert code_of(correct_injury, **given) == "changed_meanwhile"
    injury.refresh_from_db()
    assert (injury.days_lost, injury.version) == (4, 2)


def test_what_was_entered_is_corrected_with_a_reason_and_how_it_goes_on_without() -> None:
    injury, by = logged(student()), make_user()
    given: dict[str, Any] = {"injury": injury, "by": by}
    correct_injury(seen_version=1, values={"days_lost": 2, "status": "closed", "returned_on": ago(7)}, **given)
    assert code_of(correct_injury, seen_version=2, values={"region": "ankle"}, **given) == "reason_missing"
    correct_injury(seen_version=2, values={"region": "ankle"}, reason="Wrong line", **given)
    injury.refresh_from_db()
    assert (injury.region, injury.status, injury.version) == ("ankle", "closed", 3)


def test_the_trail_holds_coded_values_and_of_texts_the_name_alone() -> None:
    injury, by = logged(student(), note="Fell over Bolat's dumbbell"), make_user()
    values = {"side": "left", "note": "Bolat is sorry", "form_related": True, "form_reason": "round back"}
    correct_injury(injury=injury, by=by, seen_version=1, values=values, reason="Film seen")
    change = injury.changes.get()
    assert (change.before, change.after) == ({"side": "", "form_related": None}, {"side": "left", "form_related": True})
    assert change.texts == ["form_reason", "note"]
    assert "Bolat" not in str(change.__dict__)
    entry = AuditEntry.objects.get(action="injury changed")
    assert entry.payload == {"injury": injury.pk, "fields": ["side", "form_related", "form_reason", "note"]}
    lines = {line.name: (line.before, line.after, line.is_text) for line in changes_in_words(injury)[0].lines}
    assert lines["Side"] == ("not known", "Left", False)
    assert lines["Note"] == ("", "", True)


def test_a_save_without_a_change_makes_no_version() -> None:
    injury = logged(student())
    correct_injury(injury=injury, by=make_user(), seen_version=1, values={"region": "knee", "days_lost": 0})
    injury.refresh_from_db()
    assert (injury.version, injury.changes.count()) == (1, 0)


def test_who_judged_the_cause_is_kept_and_taken_back_with_the_judgement() -> None:
    injury, judge = logged(student()), make_user()
    judged = Injury.objects.exclude(judged_at=None).values_list("judged_by", flat=True)
    assert list(judged) == []
    correct_injury(injury=injury, by=judge, seen_version=1, values={"form_related": False})
    assert list(judged.all()) == [judge.pk]
    correct_injury(injury=injury, by=make_user(), seen_version=2, values={"form_related": None})
    assert list(judged.all()) == []


def test_a_mistake_is_struck_out_with_a_reason_counts_nowhere_and_is_not_changed_any_more() -> None:
    row = student()
    injury, by = logged(row), make_user()
    assert code_of(strike_injury, injury=injury, by=by, seen_version=1, reason=" ") == "reason_missing"
    strike_injury(injury=injury, by=by, seen_version=1, reason="Another student")
    assert counted(row) == 0
    assert Injury.objects.get().struck_reason == "Another student"
    assert code_of(correct_injury, injury=injury, by=by, seen_version=2, values={"days_lost": 1}) == "struck_out"
    assert code_of(strike_injury, injury=injury, by=by, seen_version=2, reason="x") == "struck_out"


# Pages

QUICK = {"region": "knee", "side": "left", "onset": "acute_sudden", "days_lost": "0", "form_related": ""}


def test_a_few_letters_find_the_student(client: Client) -> None:
    personas = make_personas()
    personas.student.first_name, personas.student.last_name = "Iván", "Núñez"
    personas.student.save()
    client.force_login(personas.instructor)
    url = reverse("studies:injury-quick", args=[personas.study.pk])
    given = QUICK | {"student": "nun", "occurred_on": ago(0).isoformat()}
    assert client.post(url, given).status_code == 302
    injury = Injury.objects.get()
    assert (injury.participant, injury.side, injury.onset) == (personas.participant, "left", "acute_sudden")
    again = client.post(url, given)
    assert again.status_code == 422
    assert "within 3 days" in again.content.decode()
    assert client.post(url, given | {"another": "on"}).status_code == 302
    assert Injury.objects.count() == 2


def test_an_ambiguous_or_unknown_name_logs_nothing() -> None:
    study = make_study()
    one = make_participant(study, user=make_user(first_name="Alma", last_name="Bekova"), code="KB7")
    two = make_participant(study, user=make_user(first_name="Alma", last_name="Castro"), code="QB9")
    rows = [one, two]
    assert find_student("alma", rows) == [one, two]
    assert find_student("Alma Cas", rows) == [two]
    assert find_student("kb7", rows) == [one]
    assert find_student("Alma Castro (QB9)", rows) == [two]
    assert find_student("lma", rows) == []
    assert find_student(" ", rows) == []


def test_a_student_of_another_study_is_not_found_by_typing(client: Client) -> None:
    personas = make_personas()
    stranger = make_participant(personas.other_study)
    client.force_login(personas.instructor)
    url = reverse("studies:injury-quick", args=[personas.study.pk])
    given = QUICK | {"student": stranger.code, "occurred_on": ago(0).isoformat()}
    assert client.post(url, given).status_code == 422
    assert Injury.objects.count() == 0


def test_a_student_says_that_something_hurts_in_every_state_of_the_study(client: Client) -> None:
    """Excluded, in no group, in the group without the coach, in a study that is over."""
    personas = make_personas()
    personas.study.ends_on = dt.date(2020, 1, 1)
    personas.study.save()
    control = Participant.objects.get(user=personas.classmate)
    Participant.objects.filter(pk=personas.participant.pk).update(eligibility="excluded", arm=None, allocation=None)
    for user, row in ((personas.student, personas.participant), (personas.classmate, control)):
        client.force_login(user)
        url = reverse("studies:hurt", args=[row.pk])
        assert url in client.get(reverse("home")).content.decode()
        assert url in client.get(reverse("studies:participant", args=[row.pk])).content.decode()
        given = {"region": "lower_back", "pain": "4", "occurred_on": ago(0).isoformat()}
        assert client.post(url, given).status_code == 302
        injury = Injury.objects.get(participant=row)
        assert (injury.source, injury.pain, injury.form_related) == ("student", 4, None)


def test_the_page_of_an_entry_hides_texts_and_people_from_a_researcher(client: Client) -> None:
    personas = make_personas()
    injury = log_injury(
        participant=personas.participant,
        occurred_on=ago(0),
        region="knee",
        by=personas.instructor,
        form_related=True,
        form_reason="Bolat saw it",
        note="Bolat's dumbbell",
    )
    strike_injury(injury=injury, by=personas.instructor, seen_version=1, reason="Bolat said so")
    url = reverse("studies:injury", args=[injury.pk])
    client.force_login(personas.researcher)
    text = client.get(url).content.decode()
    assert personas.participant.code in text
    assert "Bolat" not in text
    assert personas.instructor.last_name not in text
    assert AccessRecord.objects.filter(user=personas.researcher, what="injury", object_id=injury.pk).count() == 1
    client.force_login(personas.owner)
    assert client.get(url).content.decode().count("Bolat") == 4  # judgement, note, strike, trail


def test_an_older_coarse_region_stays_when_something_else_is_saved(client: Client) -> None:
    personas: Personas = make_personas()
    injury = Injury.objects.create(participant=personas.participant, occurred_on=ago(0), region="lower_leg")
    client.force_login(personas.instructor)
    url = reverse("studies:injury", args=[injury.pk])
    given = {"region": "lower_leg", "occurred_on": ago(0).isoformat(), "days_lost": "0", "status": "open"}
    assert client.post(url, given | {"seen_version": 1, "pain": "2"}).status_code == 302
    injury.refresh_from_db()
    assert (injury.region, injury.pain, injury.version) == ("lower_leg", 2, 2)
    quick = client.get(reverse("studies:injury-quick", args=[personas.study.pk])).content.decode()
    assert 'value="lower_leg"' not in quick


def test_the_log_of_the_class_leaves_one_record_a_student_and_constant_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    personas = make_personas()
    rows = [make_participant(personas.study) for _student in range(12)]
    for row in rows:
        logged(row, occurred_on=ago(0))
    client.force_login(personas.instructor)
    url = reverse("studies:injuries", args=[personas.study.pk])
    client.get(url)
    assert AccessRecord.objects.filter(what="injuries of the class").count() == 12
    with django_assert_max_num_queries(14):
        assert client.get(f"{url}?state=open").content.decode().count("/injuries/") > 12


def test_programs_log_read_and_change_an_injury(client: Client) -> None:
    personas = make_personas()
    client.force_login(personas.instructor)
    url = reverse("study-injuries", args=[personas.study.pk])
    given = {"student": personas.participant.code, "occurred_on": ago(0).isoformat(), "region": "wrist", "pain": 8}
    made = client.post(url, given, content_type="application/json")
    assert made.status_code == 201
    assert SafetyAlert.objects.get().value == 8
    twice = client.post(url, given, content_type="application/json")
    assert (twice.status_code, twice.json()["code"]) == (422, "perhaps_twice")
    one = reverse("injury-detail", args=[made.json()["id"]])
    change = {"seen_version": 1, "values": {"days_lost": 3, "injury_state": "closed"}}
    saved = client.post(one, change, content_type="application/json").json()
    assert (saved["days_lost"], saved["injury_state"], saved["time_loss"], saved["version"]) == (3, "closed", "1-7", 2)
    late = client.post(one, change, content_type="application/json")
    assert late.json()["code"] == "changed_meanwhile"
    client.force_login(personas.researcher)
    found = client.get(url).json()
    assert found["count"] == 1
    assert found["results"][0]["note"] is None
