"""Who is eligible and why not; values at the start, of which nobody's are overwritten unseen."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.models import AccessRecord, Baseline, ScreeningEntry
from studies.screening import log_not_enrolled, save_baseline, screen
from tests.factory import Personas, make_class, make_participant, make_personas, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def code_of(act: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


def test_confirming_and_excluding_are_logged_with_the_reason() -> None:
    study, by = make_study(), make_user()
    one, two = make_class(study, 2)
    screen(participants=[one, two], by=by, eligible=True)
    screen(participants=[two], by=by, eligible=False, reason="injury")
    two.refresh_from_db()
    assert two.eligibility == "excluded"
    log = study.screening.order_by("pk").values_list("participant__pk", "outcome", "reason", "screened_by__pk")
    assert list(log) == [
        (one.pk, "eligible", "", by.pk),
        (two.pk, "eligible", "", by.pk),
        (two.pk, "excluded", "injury", by.pk),
    ]


def test_excluding_needs_a_reason_and_comes_before_the_group() -> None:
    study, by = make_study(), make_user()
    waiting, drawn = make_participant(study), make_participant(study, arm=study.arms.get(key="a"))
    assert code_of(screen, participants=[waiting], by=by, eligible=False) == "reason_missing"
    assert code_of(screen, participants=[waiting], by=by, eligible=False, reason="other") == "reason_missing"
    assert code_of(screen, participants=[waiting, drawn], by=by, eligible=False, reason="age") == "has_group"
    assert code_of(screen, participants=[], by=by, eligible=True) == "nobody_chosen"
    waiting.refresh_from_db()
    assert waiting.eligibility == "eligible"
    assert ScreeningEntry.objects.count() == 0


def test_who_is_not_in_the_study_is_counted_without_a_name() -> None:
    study, by = make_study(), make_user()
    log_not_enrolled(study=study, by=by, outcome="declined")
    log_not_enrolled(study=study, by=by, outcome="excluded", reason="illness", note=" heart ")
    assert code_of(log_not_enrolled, study=study, by=by, outcome="eligible") == "bad_outcome"
    assert code_of(log_not_enrolled, study=study, by=by, outcome="excluded") == "reason_missing"
    rows = study.screening.order_by("pk").values_list("outcome", "reason", "note")
    assert list(rows) == [("declined", "", ""), ("excluded", "illness", "heart")]
    assert not study.screening.exclude(participant=None).exists()


def test_the_page_confirms_who_joined_and_counts_the_others(client: Client) -> None:
    personas = make_personas()
    joined = make_participant(personas.study)
    joined.eligibility = "unconfirmed"
    joined.save()
    url = reverse("studies:screening", args=[personas.study.pk])
    client.force_login(personas.instructor)
    assert "To be confirmed" in client.get(url).content.decode()
    given = {"students": [joined.pk], "eligible": "yes"}
    assert client.post(url, given).status_code == 302
    joined.refresh_from_db()
    assert joined.eligibility == "eligible"
    response = client.post(url, {"students": [joined.pk], "eligible": "no"})
    assert response.status_code == 422
    assert "Choose the reason" in response.content.decode()
    assert client.post(url, {"outcome": "declined", "note": "of Bolat's team"}).status_code == 302
    text = client.get(url).content.decode()
    assert "Did not want to take part" in text
    assert "Bolat" in text
    client.force_login(personas.researcher)
    text = client.get(url).content.decode()
    assert joined.code in text
    assert joined.user.last_name not in text
    assert "Bolat" not in text


def test_a_student_of_another_study_cannot_be_screened_here(client: Client) -> None:
    personas = make_personas()
    stranger = make_participant(personas.other_study)
    client.force_login(personas.instructor)
    url = reverse("studies:screening", args=[personas.study.pk])
    assert client.post(url, {"students": [stranger.pk], "eligible": "yes"}).status_code == 422


# Values at the start


def values(**changed: object) -> dict[str, object]:
    return {"sex": "f", "age_years": 19, "mass_kg": 61, "measured_on": dt.date(2024, 9, 1)} | changed


def test_two_people_who_edit_at_once_overwrite_nothing() -> None:
    participant, one, two = make_participant(make_study()), make_user(), make_user()
    assert save_baseline(participant=participant, by=one, seen_version=0, values=values()).version == 1
    assert (
        code_of(save_baseline, participant=participant, by=two, seen_version=0, values=values(mass_kg=99))
        == "changed_meanwhile"
    )
    stored = Baseline.objects.get()
    assert stored.mass_kg == 61
    assert stored.changed_by == one
    assert save_baseline(participant=participant, by=two, seen_version=1, values=values(mass_kg=62)).version == 2


def test_a_measurement_of_tomorrow_is_refused() -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    participant = make_participant(make_study())
    given = {"participant": participant, "by": make_user(), "seen_version": 0}
    assert code_of(save_baseline, **given, values=values(measured_on=tomorrow)) == "in_the_future"
    assert Baseline.objects.count() == 0


def test_year_and_section_are_completed_there() -> None:
    """What a design needs and a pasted list did not have."""
    participant, by = make_participant(make_study(), year_of_study=2), make_user()
    assert (
        code_of(save_baseline, participant=participant, by=by, seen_version=0, values={}, year_of_study=9) == "bad_year"
    )
    save_baseline(participant=participant, by=by, seen_version=0, values={}, year_of_study=3, section=" 2A ")
    participant.refresh_from_db()
    assert (participant.year_of_study, participant.section) == (3, "2A")
    save_baseline(participant=participant, by=by, seen_version=1, values={})
    participant.refresh_from_db()
    assert (participant.year_of_study, participant.section) == (3, "2A")


FORM = {"year_of_study": 3, "section": "2A", "sex": "f", "age_years": 19, "mass_kg": "61.5", "seen_version": 0}


def test_the_page_saves_shows_and_tells_of_another_hand(client: Client) -> None:
    personas = make_personas()
    url = reverse("studies:baseline", args=[personas.participant.pk])
    client.force_login(personas.instructor)
    assert client.post(url, FORM).status_code == 302
    client.force_login(personas.owner)
    response = client.post(url, FORM | {"mass_kg": "99"})
    text = response.content.decode()
    assert response.status_code == 422
    assert f"Saved by {personas.instructor.get_full_name()}" in " ".join(text.split())
    assert "61.5" in text  # what the other saved
    assert 'value="99"' in text  # and one's own, still in the field
    client.force_login(personas.student)
    own = client.get(reverse("studies:participant", args=[personas.participant.pk])).content.decode()
    assert "61.5" in own
    assert "year 3" in " ".join(own.split())


@pytest.mark.parametrize(("field", "value"), [("height_cm", "1.75"), ("age_years", "5"), ("mass_kg", "61.55")])
def test_a_value_that_cannot_be_is_refused(client: Client, field: str, value: str) -> None:
    personas = make_personas()
    client.force_login(personas.owner)
    url = reverse("studies:baseline", args=[personas.participant.pk])
    assert client.post(url, FORM | {field: value}).status_code == 422
    assert Baseline.objects.count() == 0


def test_opening_the_values_is_recorded(client: Client) -> None:
    personas: Personas = make_personas()
    client.force_login(personas.owner)
    client.get(reverse("studies:baseline", args=[personas.participant.pk]))
    assert AccessRecord.objects.filter(user=personas.owner, what="values at the start").count() == 1
