"""The instructor's feedback in both groups; a control student gets nothing of the coach's before the release."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from coaching.instruction.services import Cue, Words, feedback_to, give_feedback
from coaching.models.instruction import InstructorFeedback
from studies.errors import StudyError
from studies.models import AuditEntry, Participant, Study
from tests.coaching.films import make_result, make_session
from tests.coaching.ratings.dealt import points
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from django.test import Client

    from coaching.models import Session

pytestmark = pytest.mark.django_db

WORDS = Words("Bar stays close", [Cue("hips_first", "Chest up as the bar leaves the floor")], {}, Decimal("62.5"))


@pytest.fixture
def people() -> Personas:
    return make_personas()


def control(people: Personas) -> Participant:
    return Participant.objects.select_related("study", "arm", "user").get(user=people.classmate)


def filmed(participant: Participant) -> Session:
    session = make_session(participant)
    assessment = make_result(session)
    default_storage.save(session.video, ContentFile(b"film"))
    for kind, suffix in (("overlay", "webm"), ("poster", "jpg"), ("series", "json")):
        setattr(assessment, kind, default_storage.save(f"{kind}/{session.pk.hex}.{suffix}", ContentFile(b"AI made")))
    assessment.save()
    return session


def body(response: HttpResponseBase) -> str:
    streaming = getattr(response, "streaming_content", None)
    return b"".join(streaming).decode() if streaming else response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("arm", ["a", "b"])
def test_students_of_both_groups_read_what_the_instructor_wrote(client: Client, people: Personas, arm: str) -> None:
    participant = people.participant if arm == "a" else control(people)
    session = filmed(participant)
    client.force_login(people.instructor)
    address = reverse("coaching:instructor-film", args=[session.pk])
    given = {
        "good": "Bar stays close",
        "first_fault": "hips_first",
        "first_text": "Chest up as the bar leaves the floor",
        "next_load_kg": "62.5",
        **{f"points-{key}": value for key, value in points(2, 1, 2, 1, 2).items()},
    }
    assert client.post(address, given).status_code == 302
    client.force_login(participant.user)
    for page in (f"/sessions/{session.pk}/", f"/students/{participant.pk}/"):
        text = body(client.get(page))
        for said in ("From your instructor", "Bar stays close", "Hips rise first", "Chest up as", "8 of 10", "62.5"):
            assert said in text, f"{said} on {page}"
    [told] = client.get(f"/api/sessions/{session.pk}/instructor/").json()
    assert (told["total"], told["rubric"], told["cues"][0]["fault"]) == (8, 1, "hips_first")


def test_a_lesson_without_a_film_has_feedback_too_and_it_can_be_corrected(client: Client, people: Personas) -> None:
    student = control(people)
    client.force_login(people.instructor)
    address = reverse("coaching:instructor-lesson", args=[student.pk])
    today = timezone.localdate()
    assert client.post(address, {"lesson_on": today, "good": "First words"}).status_code == 302
    first = InstructorFeedback.objects.get()
    assert (first.session, first.lesson_on, first.total) == (None, today, None)
    again = client.post(f"{address}?correct={first.pk}", {"lesson_on": today, "good": "Better words", "seen": first.pk})
    assert again.status_code == 302
    client.force_login(student.user)
    text = body(client.get(f"/students/{student.pk}/"))
    assert "Better words" in text
    assert "First words" not in text
    assert InstructorFeedback.objects.count() == 2, "what was said before is kept"


def test_who_corrects_what_somebody_else_corrected_meanwhile_is_told(client: Client, people: Personas) -> None:
    session = filmed(people.participant)
    first = give_feedback(participant=people.participant, by=people.instructor, words=WORDS, session=session)
    client.force_login(people.instructor)
    address = reverse("coaching:instructor-film", args=[session.pk])
    assert client.post(address, {"good": "From the phone", "seen": first.pk}).status_code == 302
    late = client.post(address, {"good": "From the computer", "seen": first.pk})
    assert late.status_code == 422
    assert "Somebody changed this feedback" in body(late)
    assert [row.good for row in feedback_to(people.participant, limit=9)] == ["From the phone"]
    with pytest.raises(StudyError) as refused:
        give_feedback(participant=people.participant, by=people.instructor, words=WORDS, session=session, seen=first)
    assert refused.value.code == "changed_meanwhile"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (Words(), "nothing_said"),
        (Words(cues=[Cue(text="a"), Cue(text="b"), Cue(text="c")]), "too_many_cues"),
        (Words(cues=[Cue("made_up")]), "unknown_fault"),
        (Words(points={"back": 2}), "points_missing"),
        (Words("good", next_load_kg=Decimal(0)), "bad_load"),
        (Words("good", next_load_kg=Decimal(501)), "bad_load"),
    ],
)
def test_feedback_that_says_nothing_or_too_much_is_refused(people: Personas, words: Words, code: str) -> None:
    with pytest.raises(StudyError) as refused:
        give_feedback(participant=people.participant, by=people.instructor, words=words, lesson_on=dt.date(2026, 3, 2))
    assert refused.value.code == code
    assert not InstructorFeedback.objects.exists()


def test_a_lesson_in_the_future_is_refused(people: Personas) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(StudyError) as refused:
        give_feedback(participant=people.participant, by=people.instructor, words=WORDS, lesson_on=tomorrow)
    assert refused.value.code == "in_the_future"


def test_a_researcher_reads_no_feedback_and_the_audit_holds_none(client: Client, people: Personas) -> None:
    session = filmed(people.participant)
    give_feedback(participant=people.participant, by=people.instructor, words=WORDS, session=session)
    client.force_login(people.researcher)
    for page in (f"/sessions/{session.pk}/", f"/students/{people.participant.pk}/"):
        assert "Bar stays close" not in body(client.get(page))
    assert client.get(f"/api/sessions/{session.pk}/instructor/").status_code == 403
    entry = AuditEntry.objects.get(action="instructor's feedback")
    assert "Bar" not in str(entry.payload)


def test_the_instructors_form_shows_nothing_of_the_coachs(client: Client, people: Personas) -> None:
    session = filmed(people.participant)
    client.force_login(people.instructor)
    text = body(client.get(reverse("coaching:instructor-film", args=[session.pk])))
    assert "Bring your feet closer" not in text
    assert f"/sessions/{session.pk}/video" in text
    assert f"/sessions/{session.pk}/overlay" not in text
    assert f"/sessions/{session.pk}/poster" not in text


def addresses(session: Session) -> list[str]:
    """Every page, file and answer of the coach's that a student could ask for, and those that might leak it."""
    base, student = f"/sessions/{session.pk}", session.participant_id
    media = ("video", "overlay", "poster", "series", "document.json", "reps.csv")
    return [
        *(f"{base}/{kind}" for kind in media),
        *(f"{base}/", f"{base}/status/", "/sessions/", "/", f"/students/{student}/"),
        *(f"/sessions/students/{student}/progress/", f"/api/students/{student}/progress/"),
        *("/api/sessions/", f"/api/sessions/{session.pk}/", f"/api/sessions/{session.pk}/reviews/"),
        *(f"/api/sessions/{session.pk}/instructor/", f"/api/students/{student}/instructor/"),
    ]


AI_WORDS = ("Bring your feet closer", "wide_stance", "Wide stance", "AI made", "incorrect", "p_correct", "1 of 2")


def test_a_control_student_gets_nothing_of_the_coachs_until_the_release(client: Client, people: Personas) -> None:
    """The film is analysed all the same; page, title, file and API say nothing of it before `feedback_released_at`."""
    student = control(people)
    session = filmed(student)
    give_feedback(participant=student, by=people.instructor, words=WORDS, session=session)
    client.force_login(student.user)
    seen = {}
    for address in addresses(session):
        response = client.get(address)
        seen[address] = response.status_code
        if response.status_code == 200:
            text = body(response)
            assert [word for word in AI_WORDS if word in text] == [], address
    assert seen[f"/sessions/{session.pk}/video"] == 200, "the student's own film is theirs"
    assert {seen[f"/sessions/{session.pk}/{kind}"] for kind in ("overlay", "poster", "series", "document.json")} == {
        403
    }
    page = body(client.get(f"/sessions/{session.pk}/"))
    assert "Your set is recorded" in page
    assert "not shown before" in page, "the page says that the coach's feedback comes later"
    assert "Bar stays close" in page, "and what the instructor wrote is there now"
    Study.objects.filter(pk=student.study_id).update(feedback_released_at=timezone.now() - dt.timedelta(minutes=1))
    page = body(client.get(f"/sessions/{session.pk}/"))
    assert "Bring your feet closer" in page
    assert "Bar stays close" in page
    assert client.get(f"/sessions/{session.pk}/overlay").status_code == 200
    assert client.get(f"/api/sessions/{session.pk}/").json()["document"]["reps"][1]["verdict"] == "incorrect"


def test_the_same_words_are_found_where_the_coach_may_speak(client: Client, people: Personas) -> None:
    """What the test above looks for is there to be found."""
    session = filmed(people.participant)
    client.force_login(people.student)
    found = "".join(body(response) for response in map(client.get, addresses(session)) if response.status_code == 200)
    assert [word for word in AI_WORDS if word not in found and word != "1 of 2"] == []
