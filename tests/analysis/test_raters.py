"""Raters with each other and with the coach, from rows to page: figures by hand, and the guard against circularity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.rater_tables import difference_plot, figures_table
from analysis.raters import Point, compared, rater_report
from coaching.models import RepetitionRecord
from coaching.models.ratings import RatedFilm
from coaching.ratings.rounds import Terms
from studies.models import Measurement, Membership
from tests.coaching.films import document, make_result
from tests.coaching.ratings.dealt import make_dealt
from tests.factory import make_outcome, make_staff

if TYPE_CHECKING:
    from django.test import Client

    from tests.coaching.ratings.dealt import Dealt

pytestmark = pytest.mark.django_db

GIVEN = {
    "S00": ((2, 2, 2, 2, 2), (2, 2, 2, 2, 1)),  # 10, 9
    "S01": ((1, 1, 1, 1, 1), (1, 1, 1, 1, 1)),  # 5, 5
    "S02": ((0, 1, 0, 1, 0), (0, 1, 1, 1, 0)),  # 2, 3
    "S03": ((2, 1, 2, 1, 1), (2, 1, 2, 1, 2)),  # 7, 8
}


def rated() -> Dealt:
    """Four films; the coach calls one of two repetitions correct in each, two of two in the first."""
    dealt = make_dealt(4)
    for film in RatedFilm.objects.select_related("session", "participant"):
        make_result(film.session)
        if film.participant.code == "S00":
            RepetitionRecord.objects.filter(assessment__run__session=film.session).update(verdict="correct")
    for code, (first, second) in GIVEN.items():
        dealt.both_rate(code, first, second)
    return dealt


def test_the_figures_of_two_raters_are_those_of_their_totals() -> None:
    """Differences 1, 0, -1, -1 (or turned, by the raters' names): mean -.25, SD .9574; ICC by analysis of variance."""
    dealt = rated()
    report = rater_report(dealt.study)
    assert (report.films, report.ratings, report.not_blind, report.cannot_rate) == (4, 8, 0, 0)
    [pair] = report.pairs
    sign = 1 if pair.first == dealt.raters[0].get_full_name() else -1
    assert pair.limits is not None
    assert pair.limits.bias.value == pytest.approx(sign * -0.25)
    assert pair.limits.sd == pytest.approx(0.9574271)
    assert pair.same == 1
    # MSR = 18.4583, MSC = .125, MSE = .4583: (MSR - MSE) / (MSR + MSE + 2 (MSC - MSE) / 4)
    assert pair.icc is not None
    assert pair.icc.figure.value == pytest.approx(
        (18.458333 - 0.458333) / (18.458333 + 0.458333 + (0.125 - 0.458333) / 2)
    )
    assert pair.kappa is not None
    assert 0.9 < (pair.kappa.value or 0) < 1.0


def test_the_raters_score_stands_beside_the_coachs_share_in_percent() -> None:
    report = rater_report(rated().study)
    assert report.coach is not None
    points = {point.code: (point.first, point.second) for point in report.coach.points}
    assert points == {"S00": (95.0, 100.0), "S01": (50.0, 50.0), "S02": (25.0, 50.0), "S03": (75.0, 50.0)}
    assert report.coach.kappa is None


def test_a_film_without_a_verdict_is_counted_and_left_out() -> None:
    dealt = rated()
    film = dealt.film("S03")
    RepetitionRecord.objects.filter(assessment__run__session=film.session).update(verdict="")
    report = rater_report(dealt.study)
    assert report.unjudged == 1
    assert report.coach is not None
    assert len(report.coach.points) == 3


def test_the_newest_result_of_a_film_counts() -> None:
    dealt = rated()
    make_result(dealt.film("S03").session, reps=document()["reps"][:1])
    report = rater_report(dealt.study)
    assert report.coach is not None
    assert {point.code: point.second for point in report.coach.points}["S03"] == 100.0


def test_an_outcome_that_no_rater_gave_is_named() -> None:
    dealt = rated()
    other = make_outcome(dealt.study, "made-by-the-coach", name="Share of correct repetitions")
    film = dealt.film("S00")
    Measurement.objects.create(outcome=other, participant=film.participant, value=80)
    report = rater_report(dealt.study)
    assert report.unrated_outcomes == ("Share of correct repetitions",)
    assert {one.name: (one.values, one.rated) for one in report.sources} == {
        "Training accuracy": (4, 4),
        "Share of correct repetitions": (1, 0),
    }


def test_a_value_that_was_there_before_is_not_the_raters() -> None:
    dealt = make_dealt(1)
    film = dealt.film("S00")
    Measurement.objects.create(
        outcome=dealt.outcome, participant=film.participant, time_point=dealt.time_point, value=1
    )
    dealt.both_rate("S00", (2, 2, 2, 2, 2), (2, 2, 2, 2, 2))
    assert rater_report(dealt.study).unrated_outcomes == ("Training accuracy",)


def test_ratings_that_are_not_blind_are_counted() -> None:
    dealt = make_dealt(3, terms=Terms(unblinded_allowed=True))
    Membership.objects.filter(user=dealt.raters[0]).update(role=Membership.Role.INSTRUCTOR)
    for code in ("S00", "S01", "S02"):
        dealt.both_rate(code, (1, 1, 1, 1, 1), (1, 1, 1, 1, 1))
    report = rater_report(dealt.study)
    assert (report.ratings, report.not_blind) == (6, 3)
    [pair] = report.pairs
    assert (pair.icc, pair.limits, pair.same) == (None, None, 3)
    assert "no ICC" in " ".join(figures_table(pair, unit="points").notes)


def test_the_plot_has_every_film_and_equal_ones_beside_each_other() -> None:
    found = compared("A", "B", [Point(f"S{n}", 5.0, 4.0) for n in range(3)] + [Point("S9", 2.0, 4.0)], most=10)
    plot = difference_plot(found)
    assert len(plot.dots) == 4
    assert len({(dot.cx, dot.cy) for dot in plot.dots}) == 4
    assert [level.is_bias for level in plot.levels] == [True, False, False]
    assert all(0 <= float(dot.cx) <= 480 and 0 <= float(dot.cy) <= 280 for dot in plot.dots)


def test_several_films_of_one_student_widen_by_drawing_students() -> None:
    points = [Point(f"S{n // 2}", float(n % 7), float((n + n // 3) % 7)) for n in range(12)]
    assert compared("A", "B", points, most=10).clustered
    assert not compared("A", "B", [Point(f"S{n}", float(n), float(n)) for n in range(4)], most=10).clustered


def test_the_page_and_the_api_say_it_by_code(client: Client) -> None:
    dealt = rated()
    client.force_login(make_staff(dealt.study, Membership.Role.RESEARCHER))
    page = client.get(f"/studies/{dealt.study.pk}/raters/").content.decode()
    assert "ICC(2,1), absolute agreement" in page
    assert "circular" in page
    assert ">S00<" in page.replace("\n", "").replace(" ", "")
    assert dealt.film("S00").participant.user.last_name not in page
    answer = client.get(f"/api/studies/{dealt.study.pk}/raters/").json()
    assert answer["pairs"][0]["films"] == 4
    assert answer["coach"]["bias"]["n"] == 4


def test_a_study_without_ratings_has_a_page_too(client: Client) -> None:
    study = make_dealt(1).study
    client.force_login(make_staff(study, Membership.Role.OWNER))
    assert "No two raters" in client.get(f"/studies/{study.pk}/raters/").content.decode()
