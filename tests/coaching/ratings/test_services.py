"""From two raters' points to a value of the study, and every way in which it must not get there."""

from __future__ import annotations

import pytest

from coaching.access import record_look
from coaching.models.ratings import RatedFilm, Rating, RatingRound
from coaching.ratings.rounds import Terms
from coaching.ratings.services import rate, settle, write_again
from studies.errors import StudyError
from studies.models import AuditEntry, Measurement, Membership
from tests.coaching.ratings.dealt import OPENS, Dealt, make_dealt, points
from tests.factory import make_staff

pytestmark = pytest.mark.django_db

State, How = RatedFilm.State, RatedFilm.How


def test_two_raters_who_agree_make_the_value_of_the_outcome_at_that_time() -> None:
    dealt = make_dealt()
    film = dealt.both_rate("S00", (2, 2, 1, 1, 2), (2, 1, 1, 1, 2))
    assert (film.state, film.how, film.score) == (State.SCORED, How.MEAN, 7.5)
    value = Measurement.objects.get()
    assert (value.outcome, value.time_point, value.value) == (dealt.outcome, dealt.time_point, 7.5)
    assert (value.participant.code, value.measured_on) == ("S00", OPENS)
    entry = AuditEntry.objects.filter(action="score derived").get()
    assert (entry.subject, entry.payload["score"], entry.payload["written"]) == ("S00", 7.5, True)


def test_the_same_total_from_both_is_a_whole_score() -> None:
    film = make_dealt().both_rate("S00", (2, 2, 1, 1, 2), (2, 1, 2, 1, 2))
    assert (film.how, film.score) == (How.SAME, 8.0)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ((2, 2, 2, 2, 2), (1, 1, 2, 2, 2), "totals differ by 2"),
        ((2, 0, 1, 1, 1), (0, 1, 1, 1, 1), "one criterion differs by 2 while the totals differ by 1"),
    ],
)
def test_raters_who_differ_by_more_than_the_tolerance_write_nothing(
    first: tuple[int, ...], second: tuple[int, ...], why: str
) -> None:
    film = make_dealt().both_rate("S00", first, second)
    assert (film.state, film.score) == (State.DISPUTED, None), why
    assert not Measurement.objects.exists()


def test_where_whole_points_are_asked_for_any_difference_is_settled() -> None:
    dealt = make_dealt(terms=Terms(rule=RatingRound.Rule.WHOLE))
    assert dealt.both_rate("S00", (2, 2, 2, 2, 2), (2, 2, 2, 2, 1)).state == State.DISPUTED
    assert dealt.both_rate("S01", (2, 2, 2, 2, 1), (2, 2, 2, 1, 2)).score == 9.0


def test_a_rating_may_be_revised_until_the_other_is_in_and_then_never() -> None:
    dealt = make_dealt()
    film = dealt.film("S00")
    one, other = dealt.raters
    mine = dealt.task(one, film)
    rate(task=mine, by=one, points=points(0, 0, 0, 0, 0))
    rate(task=mine, by=one, points=points(2, 2, 2, 2, 2))
    rate(task=dealt.task(other, film), by=other, points=points(2, 2, 2, 2, 2))
    assert [rating.total for rating in mine.ratings.all()] == [0, 10], "the first word is kept"
    for rater in dealt.raters:
        with pytest.raises(StudyError) as refused:
            rate(task=dealt.task(rater, film), by=rater, points=points(1, 1, 1, 1, 1))
        assert refused.value.code == "locked"
    assert Rating.objects.count() == 3
    assert Measurement.objects.get().value == 10.0


@pytest.mark.parametrize(
    ("given", "reason", "code"),
    [
        ({"back": 1}, "", "points_missing"),
        (points(2, 2, 2, 2, 3), "", "points_out_of_range"),
        (points(2, 2, 2, 2, -1), "", "points_out_of_range"),
        ({**points(2, 2, 2, 2, 2), "lockout": 1.5}, "", "points_out_of_range"),
        ({**points(2, 2, 2, 2, 2), "lockout": True}, "", "points_out_of_range"),
        ({}, "", "points_missing"),
        (points(1, 1, 1, 1, 1), "too dark", "points_and_reason"),
    ],
)
def test_points_that_the_rubric_does_not_describe_are_refused(given: dict[str, object], reason: str, code: str) -> None:
    dealt = make_dealt()
    task = dealt.task(dealt.raters[0], dealt.film("S00"))
    with pytest.raises(StudyError) as refused:
        rate(task=task, by=dealt.raters[0], points=given, cannot_rate=reason)
    assert refused.value.code == code
    assert not Rating.objects.exists()


def cannot(dealt: Dealt, code: str, *raters: int) -> RatedFilm:
    film = dealt.film(code)
    for at, rater in enumerate(dealt.raters):
        if at in raters:
            rate(task=dealt.task(rater, film), by=rater, points={}, cannot_rate="Feet out of the picture")
        else:
            rate(task=dealt.task(rater, film), by=rater, points=points(1, 1, 1, 1, 1))
    film.refresh_from_db()
    return film


def test_a_film_that_neither_can_rate_has_no_score_and_one_that_only_one_can_is_settled() -> None:
    dealt = make_dealt()
    assert cannot(dealt, "S00", 0, 1).state == State.UNRATEABLE
    assert cannot(dealt, "S01", 0).state == State.DISPUTED
    assert not Measurement.objects.exists()


def test_a_third_rater_settles_with_a_reason_and_once() -> None:
    dealt = make_dealt()
    film = dealt.both_rate("S00", (2, 2, 2, 2, 2), (0, 0, 0, 0, 0))
    third = make_staff(dealt.study, Membership.Role.ASSESSOR)
    with pytest.raises(StudyError) as refused:
        settle(film=film, by=third, points=points(1, 1, 1, 1, 1), reason=" ")
    assert refused.value.code == "reason_missing"
    settle(film=film, by=third, points=points(1, 1, 1, 1, 2), reason="The back gives way late.")
    film.refresh_from_db()
    assert (film.state, film.how, film.score) == (State.SCORED, How.THIRD, 6.0)
    assert Measurement.objects.get().value == 6.0
    with pytest.raises(StudyError) as again:
        settle(film=film, by=third, points=points(2, 2, 2, 2, 2), reason="Anew.")
    assert again.value.code == "not_disputed"


def test_one_of_the_two_settles_as_consensus() -> None:
    dealt = make_dealt()
    film = dealt.both_rate("S00", (2, 2, 2, 2, 2), (0, 0, 0, 0, 0))
    settle(film=film, by=dealt.raters[0], points={}, reason="We both see no feet.", cannot_rate=True)
    film.refresh_from_db()
    assert (film.state, film.how, film.score) == (State.UNRATEABLE, How.CONSENSUS, None)
    assert not Measurement.objects.exists()


def test_a_value_that_is_there_is_not_overwritten_without_a_reason() -> None:
    dealt = make_dealt()
    film = dealt.film("S00")
    there = Measurement.objects.create(
        outcome=dealt.outcome, participant=film.participant, time_point=dealt.time_point, value=4.0
    )
    film = dealt.both_rate("S00", (2, 2, 2, 2, 2), (2, 2, 2, 2, 2))
    there.refresh_from_db()
    assert (film.state, film.score, there.value) == (State.DIFFERS, 10.0, 4.0)
    with pytest.raises(StudyError) as refused:
        write_again(film=film, by=dealt.owner, reason="")
    assert refused.value.code == "reason_missing"
    write_again(film=film, by=dealt.owner, reason="The 4 was typed before the films were rated.")
    there.refresh_from_db()
    film.refresh_from_db()
    assert (film.state, there.value) == (State.SCORED, 10.0)
    entry = AuditEntry.objects.filter(action="value replaced by the raters' score").get()
    assert (entry.payload["old"], entry.payload["new"]) == (4.0, 10.0)
    with pytest.raises(StudyError) as again:
        write_again(film=film, by=dealt.owner, reason="Once more.")
    assert again.value.code == "nothing_differs"


def test_a_value_at_another_time_is_left_alone() -> None:
    dealt = make_dealt()
    film = dealt.film("S00")
    Measurement.objects.create(outcome=dealt.outcome, participant=film.participant, value=4.0)
    assert dealt.both_rate("S00", (2, 2, 2, 2, 2), (2, 2, 2, 2, 2)).state == State.SCORED
    assert sorted(Measurement.objects.values_list("value", flat=True)) == [4.0, 10.0]


def test_a_rating_is_blind_only_of_an_assessor_who_has_not_seen_the_result() -> None:
    dealt = make_dealt(terms=Terms(unblinded_allowed=True))
    film = dealt.film("S00")
    one, other = dealt.raters
    assert rate(task=dealt.task(one, film), by=one, points=points(1, 1, 1, 1, 1)).blind
    record_look(other, film.session, "session")
    assert not rate(task=dealt.task(other, film), by=other, points=points(1, 1, 1, 1, 1)).blind
    Membership.objects.filter(user=one).update(role=Membership.Role.INSTRUCTOR)
    film = dealt.film("S01")
    assert not rate(task=dealt.task(one, film), by=one, points=points(1, 1, 1, 1, 1)).blind


def test_no_points_and_no_names_are_in_the_audit_before_both_have_rated() -> None:
    dealt = make_dealt()
    film = dealt.film("S00")
    rate(task=dealt.task(dealt.raters[0], film), by=dealt.raters[0], points=points(2, 2, 2, 2, 1), note="Good lift")
    entry = AuditEntry.objects.filter(action="film rated").get()
    assert set(entry.payload) == {"task", "revision", "blind"}
    assert entry.subject == ""
