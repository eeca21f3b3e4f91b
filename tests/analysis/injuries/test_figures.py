"""Rates and burden from the rows; no group is set against another before the study is over."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from analysis.injuries.figures import injury_figures
from analysis.injuries.plot import prevalence_plot
from studies.health.services import WeekRow
from studies.models import HealthAnswer, HealthWeek, Injury, Participant, TrainingSession
from tests.factory import Personas, make_class, make_participant, make_personas

if TYPE_CHECKING:
    from typing import Any

    from django.test import Client

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 3, 5)


def a_study_over() -> Personas:
    """40 hours and 2 injuries (10 and 0 days) in the first group, 60 hours and 3 (1, 30, 8) in the second."""
    personas = make_personas()
    control = Participant.objects.get(user=personas.classmate)
    for row, hours, lost in ((personas.participant, 40, (10, 0)), (control, 60, (1, 30, 8))):
        TrainingSession.objects.create(participant=row, held_on=DAY, minutes=hours * 60)
        for days in lost:
            Injury.objects.create(participant=row, occurred_on=DAY, region="knee", days_lost=days)
    personas.study.starts_on, personas.study.ends_on = DAY, dt.date(2024, 6, 1)
    personas.study.save()
    return personas


def test_incidence_and_burden_are_per_thousand_hours_with_garwoods_interval() -> None:
    """5 events in 100 h: 50 (16.2 to 116.7), the exact Poisson limits 1.6235 and 11.6683 of the tables."""
    personas = a_study_over()
    total = injury_figures(personas.study, personas.owner).total
    assert total.all_injuries is not None
    assert total.all_injuries.rate == pytest.approx(50)
    assert total.all_injuries.ci_low == pytest.approx(16.235, abs=1e-3)
    assert total.all_injuries.ci_high == pytest.approx(116.683, abs=1e-3)
    assert total.time_loss is not None
    assert total.time_loss.rate == pytest.approx(40)
    assert total.burden is not None
    assert total.burden.burden == pytest.approx(490)
    assert (total.mean_days, total.median_days) == (9.8, 8.0)
    assert total.bins == (("0", 1), ("1-7", 1), ("8-28", 2), (">28", 1))


def test_what_is_struck_out_or_from_before_enrolment_is_in_no_rate() -> None:
    personas = a_study_over()
    common = {"participant": personas.participant, "occurred_on": DAY, "region": "head", "days_lost": 100}
    Injury.objects.create(**common, struck_at=timezone.now())
    Injury.objects.create(**common, before_enrolment=True)
    found = injury_figures(personas.study, personas.owner)
    assert found.total.count == 5
    assert found.regions == (("Knee", 5, 49),)


def test_groups_and_their_ratio_show_once_the_study_is_over() -> None:
    """(2 / 40) / (3 / 60) = 1."""
    personas = a_study_over()
    found = injury_figures(personas.study, personas.owner)
    assert [(group.name, group.count, group.hours) for group in found.groups] == [("Arm a", 2, 40), ("Arm b", 3, 60)]
    assert found.ratio is not None
    assert found.ratio.ratio == pytest.approx(1.0)


@pytest.mark.parametrize("ends", [None, dt.date(2024, 6, 1)])
def test_while_the_study_runs_even_the_owner_reads_totals_alone(client: Client, ends: dt.date | None) -> None:
    personas = a_study_over()
    personas.study.ends_on = ends
    personas.study.save()
    found = injury_figures(personas.study, personas.owner, today=dt.date(2024, 6, 1))
    assert (found.kept_back, found.groups, found.ratio) == ("running", (), None)
    assert found.total.count == 5
    if ends is None:
        client.force_login(personas.owner)
        text = client.get(reverse("analysis:injuries", args=[personas.study.pk])).content.decode()
        assert "planned look" in text
        assert "Arm a" not in text


def test_a_blinded_researcher_reads_totals_alone_until_the_unblinding(client: Client) -> None:
    personas = a_study_over()
    make_class(personas.study, 8, allocate=True)
    assert injury_figures(personas.study, personas.researcher).kept_back == "blinded"
    client.force_login(personas.researcher)
    url = reverse("analysis:injuries", args=[personas.study.pk])
    assert "Arm a" not in client.get(url).content.decode()
    personas.study.unblinded_at = timezone.now()
    personas.study.save()
    assert "Arm a" in client.get(url).content.decode()


def test_without_an_hour_of_training_there_is_no_rate_and_the_page_says_so(client: Client) -> None:
    personas = make_personas()
    Injury.objects.create(participant=personas.participant, occurred_on=DAY, region="knee")
    total = injury_figures(personas.study, personas.owner).total
    assert (total.all_injuries, total.burden, total.count) == (None, None, 1)
    client.force_login(personas.owner)
    assert client.get(reverse("analysis:injuries", args=[personas.study.pk])).status_code == 200


def test_the_figures_cost_the_same_for_any_class(django_assert_max_num_queries: Any) -> None:
    personas = a_study_over()
    for _student in range(20):
        row = make_participant(personas.study)
        TrainingSession.objects.create(participant=row, held_on=DAY, minutes=60)
    with django_assert_max_num_queries(12):
        assert injury_figures(personas.study, personas.owner).total.people == 22


def week(number: int, *, answered: int, with_problem: int, substantial: int) -> WeekRow:
    monday = DAY + dt.timedelta(weeks=number)
    row = HealthWeek(starts_on=monday, opens_on=monday, due_on=monday)
    return WeekRow(row, 10, answered, 0, with_problem, substantial, None)


def test_a_bar_is_as_high_as_the_share_of_those_who_answered() -> None:
    weeks = [
        week(0, answered=10, with_problem=5, substantial=1),
        week(1, answered=4, with_problem=4, substantial=0),
        week(2, answered=0, with_problem=0, substantial=0),
    ]
    plot = prevalence_plot(weeks)
    assert plot is not None
    assert [(bar.height, bar.height_substantial) for bar in plot.bars] == [
        ("100.0", "20.0"),
        ("200.0", "0.0"),
        ("0.0", "0.0"),
    ]
    assert prevalence_plot(weeks[2:]) is None


def test_who_reads_by_code_gets_no_small_cell(client: Client) -> None:
    """Six knees and two necks: both are hidden, as the total is told; of the bins the small and the next smallest."""
    personas = make_personas()
    for region, number in (("knee", 6), ("neck", 2)):
        for lost in range(number):
            Injury.objects.create(participant=personas.participant, occurred_on=DAY, region=region, days_lost=lost)
    week = HealthWeek.objects.create(study=personas.study, starts_on=dt.date(2024, 3, 4), opens_on=DAY, due_on=DAY)
    HealthAnswer.objects.create(week=week, participant=personas.participant)
    assert injury_figures(personas.study, personas.owner).regions == (("Knee", 6, 15), ("Neck", 2, 1))
    found = injury_figures(personas.study, personas.researcher)
    assert found.regions == (("Knee", None, None), ("Neck", None, None))
    assert dict(found.total.bins) == {"0": None, "1-7": None, "8-28": 0, ">28": 0}
    assert found.small_weeks == {week.pk}
    assert prevalence_plot(found.weeks, found.small_weeks) is None
    client.force_login(personas.researcher)
    text = client.get(reverse("analysis:injuries", args=[personas.study.pk])).content.decode()
    assert "Fewer than five answers: not shown." in text
    assert "Counts below five" in text


def test_a_group_of_fewer_than_five_is_shown_to_nobody_who_reads_by_code() -> None:
    personas = a_study_over()
    personas.study.unblinded_at = timezone.now()
    personas.study.save()
    assert len(injury_figures(personas.study, personas.owner).groups) == 2
    found = injury_figures(personas.study, personas.researcher)
    assert (found.kept_back, found.groups, found.ratio) == ("", (), None)
