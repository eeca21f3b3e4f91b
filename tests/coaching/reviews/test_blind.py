"""Reviews before the verdict: nothing of the coach's on their pages; the record of who looked says what was blind."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import URLPattern, reverse
from django.utils import timezone

from coaching.access import LOOKS, WITHOUT_RESULT, has_seen_result
from coaching.models import AnalysisRun, Assessment, RepetitionRecord, RepetitionReview
from coaching.reviews.services import Opinion, add_repetition, review_repetition
from coaching.urls import urlpatterns
from studies.models import AccessRecord
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from coaching.models import Session

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
OPENINGS = (
    "session",
    "progress",
    "overlay",
    "series",
    "document.json",
    "reps.csv",
    "api",
    "others",
    "posted form",
    "posted new one",
)


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def assessment(people: Personas) -> Assessment:
    return result_with_files(make_session(people.participant))


def result_with_files(session: Session) -> Assessment:
    assessment = make_result(session)
    for kind, suffix in (("overlay", "webm"), ("series", "json"), ("poster", "jpg")):
        setattr(assessment, kind, default_storage.save(f"{kind}/{session.pk.hex}.{suffix}", ContentFile(b"{}")))
    assessment.save()
    default_storage.save(session.video, ContentFile(b"the film"))
    return assessment


def url(name: str, assessment: Assessment, *more: object) -> str:
    return reverse(f"coaching:{name}", args=[assessment.run.session_id, *more])


def answers(assessment: Assessment, number: int = 1, **changes: Any) -> dict[str, Any]:
    start = 4.0 * number - 3
    times = {"start_s": start, "lockout_s": start + 1.5, "end_s": start + 3}
    return {"assessment": assessment.pk, "decision": "incorrect", "faults": ["hips_first"], **times, **changes}


def say_blind(client: Client, assessment: Assessment, number: int = 1, **changes: Any) -> RepetitionReview:
    response = client.post(url("blind-step", assessment, number), answers(assessment, number, **changes))
    assert response.status_code == 302, response.content.decode()
    return RepetitionReview.objects.latest("pk")


def open_result(client: Client, assessment: Assessment, how: str) -> int:
    """Ask for the result in one of the ways in which it is shown."""
    if how == "api":
        return client.get(reverse("session-detail", args=[assessment.run.session_id])).status_code
    if how == "others":
        return client.get(reverse("session-reviews", args=[assessment.run.session_id])).status_code
    if how == "posted form":
        return client.post(url("review", assessment, 1), {}).status_code
    if how == "posted new one":
        return client.post(url("review-add", assessment), {}, headers=HTMX).status_code
    if how == "progress":
        return client.get(reverse("coaching:progress", args=[assessment.run.session.participant_id])).status_code
    if how == "session":
        return client.get(url("session", assessment)).status_code
    return client.get(url("media", assessment, how)).status_code


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_what_is_said_before_the_result_was_opened_is_blind(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    client.get(reverse("coaching:session-list"))
    client.get(url("blind", assessment))
    client.get(url("media", assessment, "video"))
    kept = say_blind(client, assessment)
    assert (kept.blind, kept.number, kept.decision, kept.faults) == (True, 1, "incorrect", ["hips_first"])
    assert kept.reviewer == people.instructor


@pytest.mark.parametrize("how", OPENINGS)
def test_who_has_opened_the_result_in_any_way_is_not_blind_whatever_they_post(
    client: Client, people: Personas, assessment: Assessment, how: str
) -> None:
    client.force_login(people.instructor)
    assert open_result(client, assessment, how) in {200, 422}
    kept = say_blind(client, assessment, blind="1", unseen="1")
    assert kept.blind is False
    assert "counts as a review that is not blind" in client.get(url("blind", assessment)).content.decode()


def test_what_somebody_else_opened_and_another_set_leave_a_review_blind(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.owner)
    open_result(client, assessment, "session")
    client.force_login(people.instructor)
    open_result(client, result_with_files(make_session(people.participant)), "session")
    assert say_blind(client, assessment).blind is True


def test_a_review_from_the_results_page_or_the_api_is_not_blind_though_nothing_was_opened(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    body = answers(assessment) | {"number": 1, "blind": True, "unseen": True}
    said = client.post(
        reverse("session-reviews", args=[assessment.run.session_id]), body, content_type="application/json"
    )
    assert (said.status_code, said.json()["blind"]) == (201, False)
    client.post(url("review", assessment, 2), answers(assessment, 2) | {"blind": "on"})
    assert list(RepetitionReview.objects.values_list("number", "blind")) == [(1, False), (2, False)]


def test_the_reveal_ends_blindness_and_what_was_blind_stays_so(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    first = say_blind(client, assessment, 1)
    again = say_blind(client, assessment, 1, decision="correct", faults=[])
    assert again.blind is True, "nothing was opened in between"
    assert client.get(url("blind-verdict", assessment)).status_code == 302, "the second one is not said yet"
    assert not has_seen_result(people.instructor, assessment.run.session)
    say_blind(client, assessment, 2)
    page = words(client.get(url("blind-verdict", assessment)).content.decode())
    assert "You and the coach agree on 2 of 2 repetitions" in page
    assert "Incorrect Hips rise first Incorrect probability correct 0.12 Wide stance 0.88" in page
    assert has_seen_result(people.instructor, assessment.run.session)
    assert say_blind(client, assessment, 1).blind is False
    first.refresh_from_db()
    assert first.blind is True


def test_the_waiting_page_is_no_look_at_a_result_but_the_same_page_minutes_later_is(
    client: Client, people: Personas
) -> None:
    session = make_session(people.participant)
    run = AnalysisRun.objects.create(session=session, state=AnalysisRun.State.RUNNING)
    client.force_login(people.instructor)
    page = reverse("coaching:session", args=[session.pk])
    client.get(page)
    client.get(reverse("session-detail", args=[session.pk]))
    assert not has_seen_result(people.instructor, session)
    run.delete()
    assessment = make_result(session)
    assert say_blind(client, assessment, 1).blind is True
    client.get(page)  # within the quarter of an hour in which two looks are one
    assert say_blind(client, assessment, 2).blind is False


def test_a_look_of_long_ago_at_an_earlier_analysis_counts(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    open_result(client, assessment, "document.json")
    AccessRecord.objects.update(at=timezone.now() - dt.timedelta(days=100))
    newer = make_result(assessment.run.session)
    assert say_blind(client, newer).blind is False


def test_every_kind_of_file_but_the_film_and_the_still_is_a_look_at_the_result() -> None:
    """A new kind of file is not forgotten: a still of a fault would tell what the coach found."""
    named = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    (route,) = (str(pattern.pattern) for pattern in named if pattern.name == "media")
    (alternatives,) = re.findall(r"\(\?P<kind>([^)]+)\)", route)
    kinds = {kind.replace("\\", "") for kind in alternatives.split("|")}
    assert {"video", "overlay", "poster"} <= kinds
    shown = {kind for kind in kinds if LOOKS.get(kind) not in {None, *WITHOUT_RESULT}}
    assert shown == kinds - {"video", "poster"}, "the still of a list shows a skeleton at the first lockout, no fault"


def turn_around(assessment: Assessment) -> None:
    """Let the coach have said the opposite of everything about the same repetitions."""
    document = assessment.document
    for rep in document["reps"]:
        rep["verdict"] = "incorrect" if rep["verdict"] == "correct" else "correct"
        rep["p_correct"] = round(1 - rep["p_correct"], 3)
        rep["unjudged_reason"] = "changed"
        rep["confidence"] = 0.123
        rep["faults"] = [{**fault, "name": "bar_drift", "p": 0.77, "observable": True} for fault in rep["faults"]]
        RepetitionRecord.objects.filter(assessment=assessment, number=rep["index"]).update(
            verdict=rep["verdict"], p_correct=rep["p_correct"], faults=["bar_drift"], top_s=0.321
        )
    document |= {"view": "side", "feedback": [], "notices": [{"code": "other_person", "advice": "Somebody else."}]}
    document["stance"]["label"] = document["lean"]["label"] = "changed"
    document["model"]["version"] = "changed"
    assessment.view, assessment.model_sha256 = "side", "cd" * 32
    assessment.save()


def masked(response: Any) -> str:
    """Head and body of an answer without what is new at each request."""
    body = b"".join(response.streaming_content if response.streaming else [response.content]).decode()
    body = re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken&quot;:&quot;)"?[A-Za-z0-9]+', "", body)
    heads = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return "\n".join([*(f"{name}: {value}" for name, value in heads.items()), body])


def addresses(html: str) -> set[str]:
    """All that the page's content leads to with a GET: links, media, htmx."""
    found = re.findall(r'(?:\shref|\ssrc|\shx-get)="(/[^"]*)"', html.split('id="content"')[1])
    return {address.partition("#")[0] for address in found} - {"/static/img/icons.svg"}


def crawl(client: Client, assessment: Assessment) -> dict[str, str]:
    """The blind page and all that it leads to, and so on; refused posts and htmx' parts too. Never the reveal."""
    client.cookies.pop("csrftoken", None)
    seen: dict[str, str] = {}
    waiting = {url("blind", assessment)}
    while waiting:
        address = waiting.pop()
        seen[address] = masked(client.get(address))
        if "text/html" not in seen[address]:
            continue
        seen[f"{address} htmx"] = masked(client.get(address, headers=HTMX))
        if "/blind/" in address:
            assert url("blind-verdict", assessment) not in addresses(seen[address])
            waiting |= addresses(seen[address]) - seen.keys()
    for name, more in (("blind-step", [1]), ("blind-step", [2]), ("blind-add", [])):
        wrong = answers(assessment, lockout_s=0.5)
        for headers in ({}, HTMX):
            seen[f"post {name} {more} {headers}"] = masked(
                client.post(url(name, assessment, *more), wrong, headers=headers)
            )
    return seen


def test_no_page_of_a_blind_review_changes_with_what_the_coach_said(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    """The same film and bounds, the opposite verdicts, faults, figures and view: each answer stays the same."""
    review_repetition(
        assessment=assessment, number=1, by=people.owner, opinion=Opinion("correct", (), 1, 2.5, 4, "Owner's word")
    )
    client.force_login(people.instructor)
    before = crawl(client, assessment)
    assert {f"/sessions/{assessment.run.session_id}/video", url("blind-step", assessment, 2)} <= before.keys()
    assert reverse("coaching:review-queue") in before
    text = "".join(before.values())
    assert "Owner" not in "".join(page for address, page in before.items() if "/blind/" in address)
    assert not re.search(
        r"ETag|overlay|poster|series|document\.json|reps\.csv|0\.93|0\.12|Bring your feet closer", text
    )
    assert not has_seen_result(people.instructor, assessment.run.session)
    turn_around(assessment)
    RepetitionReview.objects.update(decision="incorrect", faults=["bar_drift"], note="Something else", blind=True)
    after = crawl(client, assessment)
    assert before.keys() == after.keys()
    assert [address for address in before if before[address] != after[address]] == []
    assert not has_seen_result(people.instructor, assessment.run.session)
    page = client.get(url("session", assessment)).content.decode()
    assert "0.88" in page, "where the verdict is shown the change does show"


def test_what_is_saved_with_htmx_answers_with_the_next_step_and_nothing_of_the_coachs(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    html = client.post(url("blind-step", assessment, 1), answers(assessment), headers=HTMX).content.decode()
    assert "<html" not in html
    assert 'data-announce="Your review of repetition 1 is saved."' in html
    assert "Repetition 2 of 2" in words(html)
    assert html.count(" checked") == 0
    last = client.post(
        url("blind-step", assessment, 2), answers(assessment, 2, decision="not_a_repetition", faults=[]), headers=HTMX
    )
    html = last.content.decode()
    assert "You have judged every repetition in the list" in html
    assert url("blind-verdict", assessment) in html
    assert "0.12" not in html
    assert "Wide stance" not in html.split('id="blind-add"')[0]
    assert [row.blind for row in RepetitionReview.objects.all()] == [True, True]


def test_a_missed_repetition_is_added_blind_and_speaks_of_the_same_number_as_a_colleagues(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    missed: dict[str, Any] = {"start_s": 8.1, "lockout_s": 8.5, "end_s": 8.9, "decision": "correct", "faults": []}
    opinion = Opinion("incorrect", (), 8.1, 8.6, 8.9)
    add_repetition(assessment=assessment, by=people.owner, opinion=opinion)
    client.force_login(people.instructor)
    page = client.get(url("blind", assessment)).content.decode()
    assert "Repetition 1 of 2" in words(page), "what a colleague added is not in the list"
    assert client.get(url("blind-step", assessment, 3)).status_code == 404
    assert client.post(url("blind-add", assessment), answers(assessment, **missed)).status_code == 302
    kept = RepetitionReview.objects.get(reviewer=people.instructor)
    assert (kept.number, kept.added, kept.blind) == (3, True, True)
    assert "Repetition 1 of 3" in words(client.get(url("blind", assessment)).content.decode())
    say_blind(client, assessment, 1)
    say_blind(client, assessment, 2)
    row = words(client.get(url("blind-verdict", assessment)).content.decode()).split("Whole")[0]
    assert "Correct Not found" in row


def test_what_cannot_be_kept_says_why_on_the_blind_page_and_keeps_what_was_typed(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    for headers in ({}, HTMX):
        sent = answers(assessment, 2, lockout_s=99, note="Chest up.")
        answer = client.post(url("blind-step", assessment, 2), sent, headers=headers)
        html = answer.content.decode()
        assert (answer.status_code, "Lift-off comes before the lockout" in html) == (422, True)
        assert "Repetition 2 of 2" in words(html)
        assert 'value="99' in html
        assert "Chest up." in html
    assert not RepetitionReview.objects.exists()


def test_a_form_of_a_result_that_was_replaced_meanwhile_is_not_kept(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    make_result(assessment.run.session)
    answer = client.post(url("blind-step", assessment, 1), answers(assessment))
    assert (answer.status_code, "analysed again in the meantime" in answer.content.decode()) == (422, True)
    assert client.post(url("blind-step", assessment, 1), answers(assessment), headers=HTMX)["HX-Refresh"] == "true"
    assert not RepetitionReview.objects.exists()


def test_lists_do_not_tell_a_reviewer_the_verdicts_before_the_result_was_opened(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    places = [reverse("coaching:session-list"), reverse("home"), reverse("coaching:review-queue")]
    client.force_login(people.instructor)
    for place in places:
        html = client.get(place).content.decode()
        assert "1 of 2 correct" not in html
        assert url("blind", assessment) in html, "each leads to the review first"
    open_result(client, assessment, "session")
    assert "1 of 2 correct" in client.get(places[0]).content.decode()
    queue = client.get(places[2]).content.decode()
    assert url("blind", assessment) not in queue
    assert f"{url('session', assessment)}#reviews" in queue
    for who in (people.researcher, people.student):
        client.force_login(who)
        html = client.get(places[0]).content.decode()
        assert "1 of 2 correct" in html, "who does not review sees what they saw before"
        assert "blind" not in html


def test_the_arm_without_ai_feedback_sees_no_more_than_before(client: Client, people: Personas) -> None:
    control = people.study.participants.get(user=people.classmate)
    assessment = result_with_files(make_session(control))
    client.force_login(people.instructor)
    say_blind(client, assessment, 2)
    client.force_login(people.classmate)
    for name in ("blind", "blind-verdict"):
        assert client.get(url(name, assessment)).status_code == 403
    page = client.get(url("session", assessment)).content.decode().split('id="content"')[1]
    assert "Hips rise first" in page
    assert "before you had seen" not in page
    assert "blind" not in page
    (said,) = client.get(reverse("session-reviews", args=[assessment.run.session_id])).json()
    assert (said["number"], said["added"], said["blind"], said["carried"]) == (1, False, None, None)
    assert "Ready to review" not in client.get(reverse("coaching:session-list")).content.decode()


def test_the_student_reads_that_somebody_reviewed_the_set(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.instructor)
    client.get(url("blind", assessment))
    client.force_login(people.student)
    page = client.get(reverse("studies:participant", args=[people.participant.pk])).content.decode()
    assert "a set, to review it" in words(page)


def test_opening_a_review_in_the_admin_is_a_look_and_its_list_says_no_decision(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    opinion = Opinion("incorrect", ("hips_first",), 1, 2.5, 4)
    said = review_repetition(assessment=assessment, number=1, by=people.owner, opinion=opinion)
    client.force_login(people.superuser)
    table = client.get("/admin/coaching/repetitionreview/").content.decode()
    assert "ncorrect" not in table
    assert not has_seen_result(people.superuser, assessment.run.session)
    client.get(f"/admin/coaching/repetitionreview/{said.pk}/change/")
    assert has_seen_result(people.superuser, assessment.run.session)
