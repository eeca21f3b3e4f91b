"""Rating films by keyboard, settling, the instructor's words and a questionnaire on a phone, and how the pages look."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from coaching.instruction.services import Cue, Words, give_feedback
from coaching.models.ratings import RatedFilm, Rating, RatingTask
from coaching.ratings.rounds import Terms, deal
from coaching.ratings.services import rate
from studies.models import AnswerSheet, Measurement, Membership, Participant, Study, TimePoint
from studies.questionnaires.services import keep_answers, make_from_template, open_wave
from tests.browser.analysed import make_result
from tests.browser.chromium import inspect, show_in
from tests.coaching.ratings.dealt import points
from tests.factory import make_outcome, make_participant, make_personas, make_staff

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from studies.models import QuestionnaireWave, User
    from tests.browser.analysed import Analysed
    from tests.browser.chromium import Complaints
    from tests.browser.conftest import SignIn
    from tests.factory import Personas

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

DAY = dt.timedelta(days=1)


def dealt(people: Personas, analysed: Analysed, *, films: int) -> User:
    """Films of today dealt to the personas' assessor and a second one, who is returned."""
    for _film in range(films):
        make_result(make_participant(people.study), analysed)
    second = make_staff(people.study, Membership.Role.ASSESSOR)
    today = timezone.localdate()
    after = TimePoint.objects.create(
        study=people.study, key="after", name="After", opens_on=today - DAY, closes_on=today + DAY
    )
    terms = Terms(outcome=make_outcome(people.study, "accuracy", name="Training accuracy"))
    deal(time_point=after, by=people.owner, raters=[people.assessor, second], terms=terms)
    return second


def is_ready(page: Page) -> None:
    page.locator("[data-rating][data-ready]").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_queue_of_films_is_rated_with_number_keys_and_enter(sign_in: SignIn, analysed: Analysed, width: int) -> None:
    people = make_personas()
    dealt(people, analysed, films=2)
    page = sign_in(people.assessor)
    show_in(page, "light", width)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.get_by_role("link", name="Rate films").click()
    page.get_by_role("link", name="Begin").click()
    for film in (1, 2):
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Film {film} of 2")
        is_ready(page)
        page.wait_for_function("() => document.querySelector('video').readyState >= 2")
        for key in ("2", "1", "0", "2"):
            page.keyboard.press(key)
        expect(page.locator("[data-total]")).to_have_text("–")
        page.keyboard.press("1")
        expect(page.locator("[data-total]")).to_have_text("6")
        page.keyboard.press("Enter")
    page.get_by_text("You have rated every film").wait_for()
    assert list(Rating.objects.values_list("total", "blind")) == [(6, True), (6, True)]
    sets = {str(pk) for pk in RatedFilm.objects.values_list("session", flat=True)}
    assert not [url for url in asked if any(pk in url for pk in sets)], "no address of a set was asked for"


def test_a_film_is_rated_without_scripts(browser_without_scripts: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    dealt(people, analysed, films=1)
    page = browser_without_scripts(people.assessor)
    page.goto(f"/sessions/ratings/{RatingTask.objects.get(rater=people.assessor).pk}/")
    for criterion in page.locator("[data-criterion]").all():
        criterion.get_by_role("radio").last.check()
    page.get_by_role("button", name="Save and go on").click()
    assert Rating.objects.get().total == 10


def test_the_pages_of_ratings_are_accessible_and_fit(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    second = dealt(people, analysed, films=5)
    tasks = list(RatingTask.objects.filter(rater=people.assessor).order_by("position"))
    given = ((2, 2, 2, 2, 2), (2, 1, 2, 1, 1), (1, 1, 1, 2, 0), (2, 2, 2, 2, 2))
    other = ((2, 2, 2, 2, 1), (2, 1, 2, 1, 1), (1, 1, 1, 1, 1), (0, 0, 1, 0, 1))
    film = tasks[0].film
    outcome = people.study.outcomes.get()
    Measurement.objects.create(outcome=outcome, participant=film.participant, time_point=film.round.time_point, value=3)
    for task, mine, theirs in zip(tasks, given, other, strict=False):
        rate(task=task, by=people.assessor, points=points(*mine))
        rate(task=RatingTask.objects.get(film=task.film, rater=second), by=second, points=points(*theirs))
    disputed = RatedFilm.objects.get(state=RatedFilm.State.DISPUTED)
    page = sign_in(people.assessor)
    wrong: list[str] = []
    for name, address in (
        ("rating-home", "/"),
        ("rating-queue", "/sessions/ratings/"),
        ("rating-task", f"/sessions/ratings/{tasks[4].pk}/"),
        ("rating-locked", f"/sessions/ratings/{tasks[0].pk}/"),
        ("rating-settle", f"/sessions/ratings/differences/{disputed.pk}/"),
    ):
        page.goto(address)
        page.wait_for_load_state()
        wrong += inspect(page, name)
    page = sign_in(people.owner)
    for name, address in (
        ("rating-rounds", f"/sessions/studies/{people.study.pk}/ratings/"),
        ("rating-rubric", f"/sessions/studies/{people.study.pk}/rubric/"),
        ("rating-agreement", f"/studies/{people.study.pk}/raters/"),
    ):
        page.goto(address)
        page.wait_for_load_state()
        wrong += inspect(page, name)
    assert not wrong, "\n".join(wrong)


def test_the_instructors_pages_are_accessible_and_fit(sign_in: SignIn, analysed: Analysed) -> None:
    people = make_personas()
    control = Participant.objects.get(user=people.classmate)
    session = make_result(control, analysed)
    words = Words("The bar stays close.", [Cue("hips_first", "Push the floor away"), Cue(text="Breathe first")])
    give_feedback(participant=control, by=people.instructor, words=words, session=session)
    give_feedback(
        participant=control, by=people.instructor, words=Words("Calm set-up."), lesson_on=timezone.localdate()
    )
    wrong: list[str] = []
    page = sign_in(people.instructor)
    page.goto(f"/sessions/{session.pk}/instructor/")
    is_ready(page)
    wrong += inspect(page, "instructor-film")
    page.goto(f"/students/{control.pk}/")
    page.get_by_role("link", name="Write feedback on a lesson").click()
    wrong += inspect(page, "instructor-lesson")
    page = sign_in(people.classmate)
    page.goto(f"/sessions/{session.pk}/")
    wrong += inspect(page, "instructor-told")
    page.goto(f"/students/{control.pk}/")
    wrong += inspect(page, "instructor-student")
    assert not wrong, "\n".join(wrong)


def asked(people: Personas, template: str) -> QuestionnaireWave:
    made = make_from_template(study=people.study, by=people.owner, template=template)
    at = TimePoint.objects.create(study=people.study, key="after", name="After")
    today = timezone.localdate()
    return open_wave(questionnaire=made, by=people.owner, time_point=at, opens_on=today - DAY, closes_on=today + DAY)


def test_a_student_answers_on_a_phone_with_the_keyboard(sign_in: SignIn) -> None:
    people = make_personas()
    asked(people, "satisfaction")
    page = sign_in(people.student)
    show_in(page, "light", 390)
    page.goto("/")
    page.get_by_role("link", name="Answer").click()
    for fieldset in page.locator("fieldset").all():
        fieldset.get_by_role("radio", name="3").focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Save and go on later").press("Enter")
    page.get_by_text("Your answers so far are saved").wait_for()
    assert AnswerSheet.objects.get().answers == dict.fromkeys(("q1", "q2", "q3", "q4", "q5"), 4)
    page.get_by_role("button", name="Send").press("Enter")
    page.get_by_text("Thank you. Your answers are sent.").wait_for()
    assert AnswerSheet.objects.get().completed_at is not None


def test_the_pages_of_questionnaires_are_accessible_and_fit(sign_in: SignIn, complaints: Complaints) -> None:
    people = make_personas()
    wave = asked(people, "motivation")
    for n in range(6):
        raw = {f"q{item}": str(1 + (n + item * item) % 7) for item in range(1, 13)}
        keep_answers(wave=wave, participant=make_participant(people.study), raw=raw, seen_edition=0, complete=True)
    make_outcome(people.study, "interest", name="Interest")
    wrong: list[str] = []
    page = sign_in(people.student)
    page.goto(f"/students/{people.participant.pk}/questionnaires/{wave.pk}/")
    wrong += inspect(page, "questionnaire-answer")
    page.get_by_role("button", name="Send").click()
    wrong += inspect(page, "questionnaire-refused")
    complaints.found = [said for said in complaints.found if "422" not in said]  # the refusal that was looked at
    page = sign_in(people.owner)
    base = f"/studies/{people.study.pk}"
    pages = {
        "questionnaires": f"{base}/questionnaires/",
        "questionnaire-builder": f"{base}/questionnaires/{wave.questionnaire_id}/",
        "questionnaire-wave-running": f"{base}/windows/{wave.pk}/",
    }
    for name, address in pages.items():
        page.goto(address)
        wrong += inspect(page, name)
    Study.objects.filter(pk=people.study.pk).update(ends_on=timezone.localdate() - DAY)
    for name, address in (
        ("questionnaire-wave", f"{base}/windows/{wave.pk}/"),
        ("questionnaire-reliability", f"{base}/windows/{wave.pk}/reliability/"),
    ):
        page.goto(address)
        wrong += inspect(page, name)
    assert not wrong, "\n".join(wrong)
