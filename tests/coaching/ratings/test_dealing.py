"""Who rates what and in which order: from the seed alone, balanced, and a rater can't tell one film from another."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from coaching.models.ratings import RatedFilm, RatingTask
from coaching.ratings.dealing import order_of, pairs_of
from coaching.ratings.rounds import Terms, deal, films_of, hand_over, save_rubric
from coaching.ratings.rubrics import checked, default_criteria
from coaching.ratings.services import rate
from studies.errors import StudyError
from studies.models import AuditEntry, Membership, Participant
from tests.coaching.films import make_session
from tests.coaching.ratings.dealt import CLOSES, OPENS, film_at, make_dealt, make_time, points
from tests.factory import make_participant, make_staff, make_study

FILMS = [f"S{number:02d}" for number in range(50)]


def test_two_raters_rate_every_film_and_each_in_an_order_of_their_own() -> None:
    pairs = pairs_of(FILMS, [7, 3], seed=1, batch=1)
    assert {tuple(sorted(pair)) for pair in pairs.values()} == {(3, 7)}
    first, second = (order_of(FILMS, rater, seed=1, batch=1) for rater in (3, 7))
    assert sorted(first) == sorted(second) == FILMS
    assert first != second
    assert first != FILMS


@pytest.mark.parametrize("raters", [3, 4, 5])
def test_with_more_raters_nobody_has_more_than_one_film_more_than_another(raters: int) -> None:
    for seed in range(20):
        pairs = pairs_of(FILMS, range(raters), seed=seed, batch=1)
        assert all(one != other for one, other in pairs.values())
        load = Counter(rater for pair in pairs.values() for rater in pair)
        assert max(load.values()) - min(load.values()) <= 1


def test_the_deal_is_a_function_of_the_seed() -> None:
    """These pairs and orders must never change: a study's record names the seed and the algorithm only."""
    shuffled, raters = ["c", "a", "b", "d"], [30, 10, 20]
    pairs = pairs_of(shuffled, raters, seed=42, batch=1)
    assert pairs == pairs_of(sorted(shuffled), sorted(raters), seed=42, batch=1)
    assert pairs != pairs_of(shuffled, raters, seed=42, batch=2)
    assert pairs == {"c": (10, 30), "a": (20, 10), "b": (20, 30), "d": (10, 20)}
    assert order_of(shuffled, 10, seed=42, batch=1) == ["d", "b", "c", "a"]


def test_one_rater_is_refused() -> None:
    with pytest.raises(ValueError, match="two raters"):
        pairs_of(FILMS, [1, 1], seed=1, batch=1)


@pytest.mark.django_db
def test_one_film_of_each_student_in_the_window_is_dealt() -> None:
    study = make_study()
    time_point = make_time(study)
    inside, outside, excluded, unstripped = (make_participant(study) for _ in range(4))
    early, late = film_at(inside, OPENS), film_at(inside, CLOSES, hour=23)
    film_at(outside, OPENS - dt.timedelta(days=1))
    film_at(excluded, OPENS)
    Participant.objects.filter(pk=excluded.pk).update(eligibility=Participant.Eligibility.EXCLUDED)
    raw = film_at(unstripped, OPENS)
    type(raw).objects.filter(pk=raw.pk).update(stored_sha256="")
    refused = film_at(outside, OPENS)
    type(refused).objects.filter(pk=refused.pk).update(rejected_code="not_a_video")
    assert films_of(time_point, which="last") == [late]
    assert films_of(time_point, which="first") == [early]


@pytest.mark.django_db
def test_late_films_are_dealt_after_those_before_by_the_rules_of_the_first_deal() -> None:
    dealt = make_dealt(3)
    film_at(make_participant(dealt.study, code="S99"), CLOSES)
    again = deal(
        time_point=dealt.time_point, by=dealt.owner, raters=dealt.raters, terms=Terms(rule="whole", tolerance_total=9)
    )
    assert again == dealt.round
    assert (again.rule, again.tolerance_total, again.outcome) == ("mean", 1, dealt.outcome)
    for rater in dealt.raters:
        tasks = RatingTask.objects.filter(rater=rater).order_by("position")
        assert [task.position for task in tasks] == [1, 2, 3, 4]
        assert [task.film.participant.code for task in tasks][3] == "S99"
    entry = AuditEntry.objects.filter(action="films dealt").first()
    assert entry is not None
    assert (entry.payload["batch"], entry.payload["codes"]) == (2, ["S99"])
    with pytest.raises(StudyError) as refused:
        deal(time_point=dealt.time_point, by=dealt.owner, raters=dealt.raters, terms=Terms())
    assert refused.value.code == "no_films"


@pytest.mark.django_db
def test_who_knows_the_groups_rates_only_where_the_round_allows_it() -> None:
    study = make_study()
    time_point = make_time(study)
    owner = make_staff(study, Membership.Role.OWNER)
    assessor = make_staff(study, Membership.Role.ASSESSOR)
    researcher = make_staff(study, Membership.Role.RESEARCHER)
    film_at(make_participant(study), OPENS)
    for raters, terms, code in (
        ([owner, assessor], Terms(), "not_a_rater"),
        ([researcher, assessor], Terms(unblinded_allowed=True), "not_a_rater"),
        ([assessor], Terms(), "too_few_raters"),
    ):
        with pytest.raises(StudyError) as refused:
            deal(time_point=time_point, by=owner, raters=raters, terms=terms)
        assert refused.value.code == code
        assert not RatedFilm.objects.exists()
    deal(time_point=time_point, by=owner, raters=[owner, assessor], terms=Terms(unblinded_allowed=True))
    assert RatingTask.objects.count() == 2


@pytest.mark.django_db
def test_films_of_a_rater_who_leaves_go_to_another_and_what_is_rated_stays() -> None:
    dealt = make_dealt(4)
    leaving, staying = dealt.raters
    rated = dealt.film("S00")
    rate(task=dealt.task(leaving, rated), by=leaving, points=points(1, 1, 1, 1, 1))
    taking = make_staff(dealt.study, Membership.Role.ASSESSOR)
    about = {"kept": dealt.round, "by": dealt.owner, "leaving": leaving}
    for person, code in ((staying, "nothing_to_hand_over"), (dealt.owner, "not_a_rater")):
        with pytest.raises(StudyError) as refused:
            hand_over(**about, taking=person)  # type: ignore[arg-type]
        assert refused.value.code == code
    assert hand_over(**about, taking=taking) == 3  # type: ignore[arg-type]
    tasks = RatingTask.objects.filter(rater=taking).order_by("position")
    assert [task.position for task in tasks] == [1, 2, 3]
    assert {task.film.participant.code for task in tasks} == {"S01", "S02", "S03"}
    assert RatingTask.objects.get(rater=leaving).film == rated
    late = RatingTask.objects.get(rater=taking, film=dealt.film("S01"))
    with pytest.raises(StudyError) as gone:
        rate(task=late, by=leaving, points=points(1, 1, 1, 1, 1))
    assert gone.value.code == "handed_over"
    entry = AuditEntry.objects.get(action="films handed over")
    assert entry.payload["codes"] == ["S01", "S02", "S03"]


@pytest.mark.django_db
def test_a_time_without_a_window_is_refused() -> None:
    study = make_study()
    time_point = make_time(study)
    time_point.closes_on = None
    with pytest.raises(StudyError) as refused:
        films_of(time_point, which="last")
    assert refused.value.code == "no_window"


def test_the_default_rubric_makes_a_total_of_ten_whole_points() -> None:
    criteria = default_criteria()
    assert sum(one.most for one in criteria) == 10
    assert all(one.words for one in criteria)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ([], "no_criteria"),
        ([("Back", ["rounds"])], "too_few_points"),
        ([("", ["no", "yes"])], "criterion_unnamed"),
        ([("Back", ["no", "yes"]), ("back", ["no", "yes"])], "same_name"),
        ([("Back", ["no", " "])], "words_missing"),
        ([("Back", ["x"] * 12)], "too_many_points"),
        ([(f"C{i}", ["no", "yes"]) for i in range(11)], "too_many_criteria"),
    ],
)
def test_a_rubric_that_nobody_could_rate_by_is_refused(named: list[tuple[str, list[str]]], code: str) -> None:
    with pytest.raises(StudyError) as refused:
        checked(named)
    assert refused.value.code == code


@pytest.mark.django_db
def test_a_changed_rubric_is_a_new_version_and_films_that_are_dealt_keep_theirs() -> None:
    dealt = make_dealt(1)
    before = dealt.round.rubric
    named = [("Back", ["rounds", "flat"])]
    made = save_rubric(study=dealt.study, by=dealt.owner, seen_version=1, named=named)
    assert (made.version, made.most) == (2, 1)
    dealt.round.refresh_from_db()
    assert dealt.round.rubric == before
    assert save_rubric(study=dealt.study, by=dealt.owner, seen_version=2, named=named) == made
    with pytest.raises(StudyError) as refused:
        save_rubric(study=dealt.study, by=dealt.owner, seen_version=1, named=[("Bar", ["a", "b"])])
    assert refused.value.code == "changed_meanwhile"


@pytest.mark.django_db
def test_a_film_without_a_copy_for_others_is_not_dealt_but_its_playable_copy_is() -> None:
    study = make_study()
    session = make_session(make_participant(study), stored_sha256="", playable="video/copy.webm")
    type(session).objects.filter(pk=session.pk).update(uploaded_at=film_at(make_participant(study), OPENS).uploaded_at)
    assert session in films_of(make_time(study), which="last")
