"""The review forms on a result, what the student and the researcher read of them, and the queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from coaching.models import AnalysisRun, Assessment, RepetitionRecord, RepetitionReview
from coaching.reviews.services import Opinion, add_repetition, review_repetition
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_personas, make_staff

if TYPE_CHECKING:
    from django.test import Client

    from coaching.models import Session
    from studies.models import Participant, User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def assessment(people: Personas) -> Assessment:
    return make_result(make_session(people.participant))


def page_of(client: Client, user: User, session: Session) -> str:
    client.force_login(user)
    return client.get(reverse("coaching:session", args=[session.pk])).content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def answers(assessment: Assessment, **changes: Any) -> dict[str, Any]:
    about = {
        "assessment": assessment.pk,
        "decision": "incorrect",
        "faults": ["rounded_upper_back"],
        "note": "Chest up.",
    }
    return {**about, "start_s": "1.0", "lockout_s": "2.5", "end_s": "4.0", **changes}


def review_url(assessment: Assessment, number: int = 1) -> str:
    return reverse("coaching:review", args=[assessment.run.session_id, number])


def control_of(people: Personas) -> Participant:
    return people.study.participants.get(user=people.classmate)


def say(assessment: Assessment, by: User, number: int = 1, **changes: Any) -> RepetitionReview:
    values = {"decision": "incorrect", "faults": ("rounded_upper_back",), "note": "Chest up.", **changes}
    opinion = Opinion(**{"start_s": 1.0, "lockout_s": 2.5, "end_s": 4.0, **values})
    return review_repetition(assessment=assessment, number=number, by=by, opinion=opinion)


def test_the_form_offers_each_repetition_at_the_coachs_bounds_and_ticks_nothing(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    html = page_of(client, people.instructor, assessment.run.session)
    assert html.count('name="decision"') == 3 + 3 + 2, "two repetitions, and one to add, which can't be none"
    assert " checked" not in html.split('id="reviews"')[1]
    assert re.search(r'name="lockout_s" value="6\.5"', html)
    assert html.count("Not reviewed") == 2


def test_a_plain_post_keeps_the_review_and_leads_back_to_its_place(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    response = client.post(review_url(assessment), answers(assessment, start_s="1.25"))
    assert response.status_code == 302
    assert response["Location"] == reverse("coaching:session", args=[assessment.run.session_id]) + "#review-1"
    row = RepetitionReview.objects.get()
    assert (row.number, row.decision, row.faults, row.start_s) == (1, "incorrect", ["rounded_upper_back"], 1.25)
    assert row.reviewer == people.instructor
    html = page_of(client, people.instructor, assessment.run.session)
    assert html.split('id="reviews"')[1].count(" checked") == 2, "one decision and one fault, in the first form only"
    assert 'value="1.25"' in html


def test_htmx_gets_the_one_repetition_back_said_aloud(client: Client, people: Personas, assessment: Assessment) -> None:
    client.force_login(people.instructor)
    response = client.post(review_url(assessment, 2), answers(assessment, decision="correct", faults=[]), headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count("<details") == 1
    assert 'id="review-2"' in html
    assert 'data-announce="Your review of repetition 2 is saved."' in html


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_refused_review_says_why_in_its_own_form_and_keeps_what_was_typed(
    client: Client, people: Personas, assessment: Assessment, headers: dict[str, str]
) -> None:
    client.force_login(people.instructor)
    response = client.post(review_url(assessment), answers(assessment, lockout_s="4.5"), headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Lift-off comes before the lockout" in html
    assert 'value="4.5"' in html
    assert "Chest up." in html
    assert html.count("<form") == (1 if headers else 4 if "logout" in html else 3)
    assert not RepetitionReview.objects.exists()


def test_a_missed_repetition_is_added_and_htmx_gets_the_longer_list(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.owner)
    url = reverse("coaching:review-add", args=[assessment.run.session_id])
    times = {"start_s": "8.0", "lockout_s": "8.5", "end_s": "8.9"}
    html = client.post(url, answers(assessment, **times), headers=HTMX).content.decode()
    assert RepetitionReview.objects.get().number == 3
    assert [f'id="review-{name}"' in html for name in (1, 2, 3, 4, "add")] == [True, True, True, False, True]
    assert "Not found" in html


def test_a_form_of_an_older_result_is_told_to_reload(client: Client, people: Personas, assessment: Assessment) -> None:
    newer = make_result(assessment.run.session)
    say(newer, people.owner)
    client.force_login(people.instructor)
    response = client.post(review_url(assessment), answers(assessment))
    assert response.status_code == 422
    assert "analysed again in the meantime" in response.content.decode()
    foreign = make_result(make_session(control_of(people)))
    response = client.post(review_url(assessment), answers(foreign))
    assert response.status_code == 422
    assert not foreign.reviews.exists()


def test_earlier_reviews_of_an_instructor_are_kept_in_sight(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    say(assessment, people.instructor)
    say(assessment, people.instructor, decision="correct", faults=())
    html = words(page_of(client, people.instructor, assessment.run.session))
    assert "1 earlier version" in html
    assert "Incorrect · Upper back rounds" in html


def test_an_instructor_reads_anothers_word_after_giving_their_own(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    say(assessment, people.owner, note="Owner's word")
    session = assessment.run.session
    assert "Owner&#x27;s word" not in page_of(client, people.instructor, session)
    say(assessment, people.instructor, number=2, decision="correct", faults=(), note="")
    assert "Owner&#x27;s word" not in page_of(client, people.instructor, session), "another repetition"
    say(assessment, people.instructor, note="Mine")
    assert "Owner&#x27;s word" in page_of(client, people.instructor, session)


def test_the_student_reads_it_beside_the_coachs_verdict(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    say(assessment, people.instructor)
    html = page_of(client, people.student, assessment.run.session)
    first_row = words(html.split('data-rep="1"')[1].split("</tr>")[0])
    assert "Correct Your instructor says: Incorrect Upper back rounds Chest up." in first_row
    second_row = html.split('data-rep="2"')[1].split("</tr>")[0]
    assert "Your instructor says" not in second_row
    assert "<form" not in html.split('id="content"')[1], "and has no form to answer with"


def test_a_repetition_that_the_coach_missed_is_listed_for_the_student(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    opinion = Opinion("correct", (), 8.0, 8.5, 8.9, "Well done.")
    add_repetition(assessment=assessment, by=people.instructor, opinion=opinion)
    html = words(page_of(client, people.student, assessment.run.session))
    assert "Repetitions that your instructor added Repetition 3" in html
    assert "Well done." in html


def test_the_arm_without_ai_feedback_reads_the_instructor_and_nothing_of_the_coach(
    client: Client, people: Personas
) -> None:
    assessment = make_result(make_session(control_of(people)))
    say(assessment, people.instructor, number=1, decision="not_a_repetition", faults=(), note="Only the set-up")
    say(assessment, people.instructor, number=2, start_s=5.0, lockout_s=6.5, end_s=8.0)
    html = words(page_of(client, people.classmate, assessment.run.session))
    assert "Your instructor says Repetition 1" in html
    assert "Upper back rounds Chest up." in html
    assert "Only the set-up" not in html, "it would tell that the coach counted something"
    assert "Repetition 2" not in html, "the coach's number would tell how many it found"
    assert "Probability" not in html


def test_a_researcher_reads_the_decision_but_no_free_text_and_no_form(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    say(assessment, people.instructor)
    html = page_of(client, people.researcher, assessment.run.session)
    assert "The instructor says:" in html
    assert "Chest up." not in html
    assert 'name="decision"' not in html


def queue_of(client: Client, user: User, **query: str) -> list[str]:
    client.force_login(user)
    html = client.get(reverse("coaching:review-queue"), query).content.decode()
    return re.findall(r'<th scope="row">\s*<a href="/sessions/([0-9a-f-]{36})/', html)


def test_the_queue_starts_with_the_least_certain_verdict(client: Client, people: Personas) -> None:
    certainties = {0.9: (0.99, 0.9), 0.55: (0.97, 0.55), 0.3: (0.3,), None: (None,)}
    sessions = {}
    for least, values in certainties.items():
        session = make_session(people.participant)
        reps = make_result(session).repetitions.order_by("number")
        for rep, p in zip(reps, values, strict=False):
            RepetitionRecord.objects.filter(pk=rep.pk).update(p_correct=p)
        reps.filter(number__gt=len(values)).delete()
        sessions[least] = str(session.pk)
    assert queue_of(client, people.instructor) == [sessions[least] for least in (None, 0.55, 0.3, 0.9)]


def test_a_set_leaves_the_queue_when_every_repetition_is_reviewed(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    pk = str(assessment.run.session_id)
    say(assessment, people.owner, number=1)
    assert queue_of(client, people.instructor) == [pk]
    say(assessment, people.owner, number=2)
    assert queue_of(client, people.instructor) == []
    assert queue_of(client, people.instructor, by="me") == [pk], "for a second opinion"
    assert queue_of(client, people.owner, by="me") == []
    newer = make_result(assessment.run.session)
    assert queue_of(client, people.owner) == [pk], "analysed again: the new result is not reviewed"
    AnalysisRun.objects.filter(pk=newer.run_id).update(state=AnalysisRun.State.QUEUED)
    assert queue_of(client, people.owner) == [], "no result to review yet"


def test_the_queue_holds_the_sets_of_ones_own_students_only(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    assert queue_of(client, people.other_instructor) == []
    both = make_staff(people.other_study, "owner", user=people.researcher)
    assert queue_of(client, both) == [], "researcher here, owner elsewhere"
    assert queue_of(client, people.superuser) == [str(assessment.run.session_id)]


def test_the_queue_costs_the_same_for_one_set_and_for_many(
    client: Client, people: Personas, django_assert_num_queries: Any, assessment: Assessment
) -> None:
    queue_of(client, people.instructor)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        queue_of(client, people.instructor)
    for _ in range(5):
        make_result(make_session(people.participant))
    with CaptureQueriesContext(connection) as many:
        assert len(queue_of(client, people.instructor)) == 6
    assert len(one) == len(many)
