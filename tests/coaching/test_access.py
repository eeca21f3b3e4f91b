"""Who sees what of a film and its result: every role at every door, and the study's arms."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from coaching.access import can_upload_for, record_look, sees_ai_feedback, sees_film, session_for
from coaching.models import Assessment, Session
from studies.models import AccessRecord, Participant
from tests.coaching.films import make_result, make_session
from tests.factory import PASSWORD, Personas, make_participant, make_personas, make_staff

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db

EVERYBODY = (
    "student",
    "classmate",
    "owner",
    "instructor",
    "researcher",
    "other_student",
    "other_instructor",
    "superuser",
)
FILM_KINDS = ("video", "overlay", "poster")
AI_KINDS = ("overlay", "poster", "series", "document.json", "reps.csv")
ALL_KINDS = ("video", *AI_KINDS)


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def session(people: Personas) -> Session:
    return filmed(people.participant)


def filmed(participant: Participant) -> Session:
    """A session with a result, and files behind every name."""
    session = make_session(participant)
    assessment = make_result(session)
    default_storage.save(session.video, ContentFile(b"film"))
    for kind, suffix in (("overlay", "webm"), ("poster", "jpg"), ("series", "json")):
        name = f"{kind}/{session.pk.hex}.{suffix}"
        setattr(assessment, kind, default_storage.save(name, ContentFile(kind.encode())))
    assessment.save()
    return session


def signed_in(client: Client, user: User) -> Client:
    assert client.login(username=user.username, password=PASSWORD)
    return client


def status_of(client: Client, session: Session, kind: str) -> int:
    return client.get(reverse("coaching:media", args=[session.pk, kind])).status_code


MAY_KNOW = {"student", "owner", "instructor", "researcher", "superuser"}


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_student_and_the_studys_staff_may_know_a_session(people: Personas, session: Session, who: str) -> None:
    user = getattr(people, who)
    if who in MAY_KNOW:
        assert session_for(user, session.pk) == session
    else:
        with pytest.raises(Http404):
            session_for(user, session.pk)
    assert Session.objects.visible_to(user).filter(pk=session.pk).exists() is (who in MAY_KNOW)


@pytest.mark.parametrize("who", sorted(MAY_KNOW))
def test_a_researcher_reads_but_does_not_write(people: Personas, session: Session, who: str) -> None:
    user = getattr(people, who)
    if who == "researcher":
        with pytest.raises(PermissionDenied):
            session_for(user, session.pk, write=True)
    else:
        assert session_for(user, session.pk, write=True) == session
    assert sees_film(user, session) is (who != "researcher")


@pytest.mark.parametrize("who", sorted(MAY_KNOW))
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_films_are_for_those_who_may_know_the_face(
    client: Client, people: Personas, session: Session, who: str, kind: str
) -> None:
    expected = 403 if who == "researcher" and kind in FILM_KINDS else 200
    assert status_of(signed_in(client, getattr(people, who)), session, kind) == expected


@pytest.mark.parametrize("who", ["classmate", "other_student", "other_instructor"])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_stranger_is_not_told_that_the_session_exists(
    client: Client, people: Personas, session: Session, who: str, kind: str
) -> None:
    assert status_of(signed_in(client, getattr(people, who)), session, kind) == 404


def test_a_visitor_is_sent_to_sign_in(client: Client, session: Session) -> None:
    answer = client.get(reverse("coaching:media", args=[session.pk, "video"]))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("login"))


# The control arm


@pytest.fixture
def control(people: Personas) -> Session:
    return filmed(Participant.objects.get(user=people.classmate))


@pytest.mark.parametrize("kind", AI_KINDS)
def test_a_student_of_the_control_arm_gets_nothing_that_the_coach_made(
    client: Client, people: Personas, control: Session, kind: str
) -> None:
    assert status_of(signed_in(client, people.classmate), control, kind) == 403


def test_a_student_of_the_control_arm_still_has_the_own_film(
    client: Client, people: Personas, control: Session
) -> None:
    assert status_of(signed_in(client, people.classmate), control, "video") == 200


@pytest.mark.parametrize("who", ["owner", "instructor", "researcher"])
def test_staff_see_the_feedback_of_both_arms(people: Personas, session: Session, control: Session, who: str) -> None:
    user = getattr(people, who)
    assert sees_ai_feedback(user, session)
    assert sees_ai_feedback(user, control)


def test_the_control_arms_page_shows_no_verdict_fault_or_cue(
    client: Client, people: Personas, control: Session
) -> None:
    page = signed_in(client, people.classmate).get(reverse("coaching:session", args=[control.pk])).content.decode()
    for leak in ("incorrect", "Incorrect", "Bring your feet closer", "wide_stance", "Wide stance", "0.93", "0.12"):
        assert leak not in page, leak


def test_the_control_arms_list_does_not_tell_a_judged_film_from_a_refused_one(
    client: Client, people: Personas, control: Session
) -> None:
    signed_in(client, people.classmate)

    def list_page() -> str:
        page = client.get(reverse("coaching:session-list")).content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)

    judged = list_page()
    Assessment.objects.update(refused_code="no_person")
    assert list_page() == judged


def test_released_feedback_is_the_control_arms_too(client: Client, people: Personas, control: Session) -> None:
    control.participant.study.feedback_released_at = timezone.now() + dt.timedelta(hours=1)
    control.participant.study.save()
    assert status_of(signed_in(client, people.classmate), control, "overlay") == 403
    control.participant.study.feedback_released_at = timezone.now() - dt.timedelta(seconds=1)
    control.participant.study.save()
    assert status_of(client, control, "overlay") == 200


def test_a_student_without_an_arm_gets_no_feedback(people: Personas) -> None:
    participant = make_participant(people.study)
    assert not sees_ai_feedback(participant.user, make_session(participant))


# Uploading for somebody


def test_who_may_upload_for_whom(people: Personas) -> None:
    everyone = set(Participant.objects.filter(study=people.study))
    assert set(can_upload_for(people.student)) == {people.participant}
    assert set(can_upload_for(people.instructor)) == everyone
    assert set(can_upload_for(people.owner)) == everyone
    assert set(can_upload_for(people.researcher)) == set()


def test_an_instructor_of_one_study_who_takes_part_in_another_uploads_for_both(people: Personas) -> None:
    own = make_participant(people.other_study, user=people.instructor)
    assert own in set(can_upload_for(people.instructor))


def test_a_researcher_of_one_study_still_uploads_their_own_films_elsewhere(people: Personas) -> None:
    own = make_participant(people.other_study, user=people.researcher)
    assert list(can_upload_for(people.researcher)) == [own]


def test_two_roles_in_two_studies_do_not_mix(people: Personas, session: Session) -> None:
    make_staff(people.other_study, "researcher", user=people.instructor)
    other = filmed(Participant.objects.get(user=people.other_student))
    assert sees_film(people.instructor, session)
    assert not sees_film(people.instructor, other)


# The record of who looked


def test_a_look_by_staff_is_recorded_once_a_visit_and_not_once_a_slice(
    client: Client, people: Personas, session: Session
) -> None:
    signed_in(client, people.instructor)
    url = reverse("coaching:media", args=[session.pk, "overlay"])
    for first in range(3):
        client.get(url, headers={"Range": f"bytes={first}-"})
    record = AccessRecord.objects.get()
    assert (record.user, record.participant) == (people.instructor, people.participant)
    assert (record.what, record.object_id) == ("overlay", str(session.pk))


def test_a_second_visit_is_a_second_record(client: Client, people: Personas, session: Session) -> None:
    signed_in(client, people.instructor)
    url = reverse("coaching:media", args=[session.pk, "video"])
    client.get(url)
    AccessRecord.objects.update(at=timezone.now() - dt.timedelta(hours=2))
    client.get(url)
    assert AccessRecord.objects.count() == 2


@pytest.mark.parametrize(("minutes", "records"), [(14, 1), (16, 2)])
def test_fifteen_minutes_are_one_visit(
    client: Client, people: Personas, session: Session, minutes: int, records: int
) -> None:
    signed_in(client, people.instructor)
    status_of(client, session, "video")
    AccessRecord.objects.update(at=timezone.now() - dt.timedelta(minutes=minutes))
    status_of(client, session, "video")
    assert AccessRecord.objects.count() == records


def test_a_list_of_sets_with_its_stills_is_no_look_at_a_film(
    client: Client, people: Personas, session: Session, control: Session
) -> None:
    signed_in(client, people.instructor)
    page = client.get(reverse("coaching:session-list")).content.decode()
    stills = re.findall(r'src="(/sessions/[^"]+/poster)"', page)
    assert len(stills) == 2
    for still in stills:
        assert client.get(still).status_code == 200
    assert not AccessRecord.objects.exists()


def test_the_page_with_its_curves_the_film_and_each_download_are_one_record_each(
    client: Client, people: Personas, session: Session
) -> None:
    signed_in(client, people.owner)
    for _time in range(2):
        client.get(reverse("coaching:session", args=[session.pk]))
        client.get(f"/api/sessions/{session.pk}/")
        for kind in ALL_KINDS:
            assert status_of(client, session, kind) == 200
    looks = sorted(AccessRecord.objects.values_list("what", flat=True))
    assert looks == ["document.json", "overlay", "reps.csv", "session", "video"]
    assert set(AccessRecord.objects.values_list("object_id", "participant")) == {
        (str(session.pk), people.participant.pk)
    }


def test_the_curves_alone_are_a_look_at_the_result(client: Client, people: Personas, session: Session) -> None:
    status_of(signed_in(client, people.researcher), session, "series")
    assert AccessRecord.objects.get().what == "session"


def test_two_people_and_two_sets_are_records_of_their_own(
    client: Client, people: Personas, session: Session, control: Session
) -> None:
    for user in (people.owner, people.instructor):
        signed_in(client, user)
        for row in (session, control):
            status_of(client, row, "video")
    assert AccessRecord.objects.count() == 4


def test_what_was_not_there_was_not_looked_at(client: Client, people: Personas, session: Session) -> None:
    signed_in(client, people.owner)
    default_storage.delete(session.video)
    assert status_of(client, session, "video") == 404
    beyond = client.get(reverse("coaching:media", args=[session.pk, "overlay"]), headers={"Range": "bytes=9999-"})
    assert beyond.status_code == 416
    assert not AccessRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_slices_that_are_asked_for_at_the_same_moment_are_one_look() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("threads share no in-memory database; SQLite writes one at a time anyway")
    people = make_personas()
    session = filmed(people.participant)

    def look() -> None:
        record_look(people.instructor, session, "video")
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AccessRecord.objects.count() == 1


def test_looking_at_oneself_leaves_no_record(client: Client, people: Personas, session: Session) -> None:
    signed_in(client, people.student)
    client.get(reverse("coaching:session", args=[session.pk]))
    status_of(client, session, "video")
    assert not AccessRecord.objects.exists()


def test_a_refused_look_is_not_recorded_as_one(client: Client, people: Personas, session: Session) -> None:
    status_of(signed_in(client, people.researcher), session, "video")
    assert not AccessRecord.objects.exists()


def test_a_researcher_reads_no_name_on_any_page(client: Client, people: Personas, session: Session) -> None:
    Session.objects.update(original_name="aigerim.mp4", note="Aigerim, tendinitis")
    signed_in(client, people.researcher)
    pages = [reverse("coaching:session-list"), reverse("coaching:session", args=[session.pk]), "/api/sessions/"]
    for url in [*pages, f"/api/sessions/{session.pk}/", reverse("coaching:media", args=[session.pk, "reps.csv"])]:
        text = client.get(url).content.decode()
        for secret in (
            people.student.last_name,
            people.student.first_name,
            people.student.username,
            "aigerim",
            "tendinitis",
        ):
            assert secret.lower() not in text.lower(), (url, secret)
