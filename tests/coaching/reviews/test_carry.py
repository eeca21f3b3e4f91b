"""A film analysed again: earlier reviews are offered by the moment of the lockout, and confirmed with one press."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from coaching.access import record_look
from coaching.models import Assessment, RepetitionRecord, RepetitionReview
from coaching.reviews.carry import offer_of
from coaching.reviews.services import Opinion, ReviewRefused, add_repetition, carry_over, review_repetition
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db

# make_result's two repetitions have their lockouts at 2.5 and 6.5 s.
FIRST = Opinion("correct", (), 1.0, 2.5, 4.0, "Well done.")
SECOND = Opinion("incorrect", ("hips_first",), 5.0, 6.5, 8.0)


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def earlier(people: Personas) -> Assessment:
    return make_result(make_session(people.participant))


def again(earlier: Assessment, *lockouts: float) -> Assessment:
    """The film's new result, with repetitions at these lockouts only."""
    newer = make_result(earlier.run.session)
    newer.repetitions.all().delete()
    for number, at in enumerate(lockouts, start=1):
        RepetitionRecord.objects.create(assessment=newer, number=number, start_s=at - 1, lockout_s=at, end_s=at + 1)
    return newer


def say(assessment: Assessment, by: User, number: int, opinion: Opinion) -> RepetitionReview:
    return review_repetition(assessment=assessment, number=number, by=by, opinion=opinion)


def reviews_at(*lockouts: float) -> list[RepetitionReview]:
    return [RepetitionReview(number=i, lockout_s=at, decision="correct") for i, at in enumerate(lockouts, start=1)]


@pytest.mark.parametrize(
    ("earlier_s", "now_s", "pairs"),
    [
        ((2.5, 6.5), {1: 2.5, 2: 6.5}, [(1, 1), (2, 2)]),
        ((2.5, 6.5), {1: 0.8, 2: 2.7, 3: 6.4}, [(1, 2), (2, 3)]),  # the new analysis finds one more before them
        ((2.5,), {1: 3.09}, [(1, 1)]),
        ((2.5,), {1: 3.11}, []),
        ((2.5,), {1: 1.89}, []),
        ((2.0, 2.5), {1: 2.4}, [(2, 1)]),  # the nearer one, and each repetition once
        ((2.0, 2.5), {1: 2.4, 2: 2.9}, [(2, 1)]),  # 2.0 and 2.9 are 0.9 apart
        ((2.3, 2.5), {1: 2.4, 2: 2.7}, [(1, 1), (2, 2)]),
    ],
)
def test_repetitions_are_the_same_by_their_lockouts(
    earlier_s: tuple[float, ...], now_s: dict[int, float], pairs: list[tuple[int, int]]
) -> None:
    offer = offer_of(reviews_at(*earlier_s), now_s, [])
    assert [(review.number, number) for review, number in offer.same] == pairs
    assert [review.number for review in offer.alone] == [
        i for i in range(1, len(earlier_s) + 1) if i not in dict(pairs)
    ]


def test_what_was_said_already_is_not_offered_nor_what_was_added_and_taken_back() -> None:
    first, second = reviews_at(2.5, 6.5)
    taken_back = RepetitionReview(number=3, lockout_s=8.5, added=True, decision="not_a_repetition")
    mine = [RepetitionReview(number=1, lockout_s=2.4), RepetitionReview(number=2, lockout_s=6.6, added=True)]
    offer = offer_of([first, second, taken_back], {1: 2.5}, mine)
    assert (offer.same, offer.alone) == ((), ())


def test_one_press_confirms_what_was_shown_as_new_rows_that_name_the_old_ones(
    client: Client, people: Personas, earlier: Assessment
) -> None:
    say(earlier, people.instructor, 1, SECOND)
    origins = [say(earlier, people.instructor, 1, FIRST), say(earlier, people.instructor, 2, SECOND)]
    newer = again(earlier, 0.9, 2.7, 6.4)
    before = list(earlier.reviews.values())
    client.force_login(people.instructor)
    page = client.get(reverse("coaching:session", args=[newer.run.session_id])).content.decode()
    assert not newer.reviews.exists(), "offered, not applied"
    assert "Confirm these 2 reviews for the new analysis" in page
    action = f'action="{reverse("coaching:review-carry", args=[newer.run.session_id])}"'
    form = page.split(action)[1].split("</form>")[0]
    shown = re.findall(r'name="(assessment|review)" value="(\d+)"', form)
    assert shown == [("assessment", str(newer.pk)), *(("review", str(row.pk)) for row in origins)]
    data = {"assessment": newer.pk, "review": [row.pk for row in origins]}
    for _press in (1, 2):
        answer = client.post(reverse("coaching:review-carry", args=[newer.run.session_id]), data)
        assert answer["Location"].endswith(f"/sessions/{newer.run.session_id}/#reviews")
    rows = list(newer.reviews.all())
    assert [(row.number, row.carried_from, row.decision, row.faults, row.note) for row in rows] == [
        (2, origins[0], "correct", [], "Well done."),
        (3, origins[1], "incorrect", ["hips_first"], ""),
    ]
    assert [(row.start_s, row.lockout_s, row.end_s) for row in rows] == [(1.0, 2.5, 4.0), (5.0, 6.5, 8.0)]
    assert list(earlier.reviews.values()) == before, "nothing of the old rows changes"
    page = client.get(reverse("coaching:session", args=[newer.run.session_id])).content.decode()
    assert "Confirm" not in page
    assert page.count("Taken over from your review of") == 2
    said = client.get(reverse("session-reviews", args=[newer.run.session_id])).json()
    assert [one["carried"] for one in said] == [True, True]


def test_a_row_is_as_blind_as_the_one_that_it_repeats(people: Personas, earlier: Assessment) -> None:
    blind = say(earlier, people.instructor, 1, Opinion("correct", (), 1.0, 2.5, 4.0, unseen=True))
    record_look(people.instructor, earlier.run.session, "session")
    seen = say(earlier, people.instructor, 2, Opinion("correct", (), 5.0, 6.5, 8.0, unseen=True))
    newer = again(earlier, 2.5, 6.5)
    rows = carry_over(assessment=newer, by=people.instructor, chosen=[blind.pk, seen.pk])
    assert [row.blind for row in rows] == [True, False]


def test_what_has_no_counterpart_is_listed_and_stays(client: Client, people: Personas, earlier: Assessment) -> None:
    say(earlier, people.instructor, 1, FIRST)
    say(earlier, people.instructor, 2, SECOND)
    missed = Opinion("incorrect", ("knees_in",), 8.1, 8.5, 8.9)
    add_repetition(assessment=earlier, by=people.instructor, opinion=missed)
    newer = again(earlier, 2.5)
    client.force_login(people.instructor)
    page = client.get(reverse("coaching:session", args=[newer.run.session_id])).content.decode()
    alone = " ".join(re.sub(r"<[^>]+>", " ", page.split("These have no counterpart")[1].split("</section>")[0]).split())
    assert "Incorrect · Hips rise first 0:05.0–0:08.0" in alone
    assert "Incorrect · Knees move in 0:08.1–0:08.9" in alone
    assert "Confirm this review for the new analysis" in page


def test_only_ones_own_words_and_only_what_was_shown_is_confirmed(people: Personas, earlier: Assessment) -> None:
    mine, theirs = say(earlier, people.instructor, 1, FIRST), say(earlier, people.owner, 2, SECOND)
    other = say(earlier, people.instructor, 2, SECOND)
    newer = again(earlier, 2.5, 6.5)
    rows = carry_over(assessment=newer, by=people.instructor, chosen=[mine.pk, theirs.pk])
    assert [(row.reviewer, row.carried_from) for row in rows] == [(people.instructor, mine)]
    assert newer.reviews.count() == 1
    with pytest.raises(ReviewRefused) as refused:
        carry_over(assessment=earlier, by=people.instructor, chosen=[other.pk])
    assert refused.value.code == "stale_result"


def test_who_has_not_opened_the_result_stays_on_the_blind_page(
    client: Client, people: Personas, earlier: Assessment
) -> None:
    origin = say(earlier, people.instructor, 1, Opinion("correct", (), 1.0, 2.5, 4.0, unseen=True))
    newer = again(earlier, 2.5, 6.5)
    client.force_login(people.instructor)
    place = reverse("coaching:blind", args=[newer.run.session_id])
    assert "Confirm this review for the new analysis" in client.get(place).content.decode()
    data = {"assessment": newer.pk, "review": [origin.pk]}
    assert client.post(reverse("coaching:review-carry", args=[newer.run.session_id]), data)["Location"] == place
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get(place).content.decode()).split())
    assert "Repetition 2 of 2" in page, "the first one is said"


def test_a_student_can_be_deleted_with_confirmed_reviews(people: Personas, earlier: Assessment) -> None:
    origin = say(earlier, people.instructor, 1, FIRST)
    carry_over(assessment=again(earlier, 2.5), by=people.instructor, chosen=[origin.pk])
    people.participant.delete()
    assert not RepetitionReview.objects.exists()
