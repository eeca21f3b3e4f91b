"""The calculator of a study's size, against figures computed otherwise, and what it keeps in the protocol."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from scipy import stats
from statsmodels.stats.power import FTestAnovaPower, TTestIndPower

from analysis.design.plot import power_plot
from analysis.design.sizes import Assumed, power_of, sentence, sizes
from studies.models import ProtocolDraft
from studies.protocol.services import create_from_draft, draft_of, start_draft
from tests.factory import make_staff, make_user

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study, User


def test_the_papers_class_sees_a_difference_of_081_and_no_smaller() -> None:
    """Oracle: statsmodels' TTestIndPower."""
    found = sizes(Assumed("t", 0.8, students=50))
    assert found.detectable == pytest.approx(TTestIndPower().solve_power(nobs1=25, power=0.8, alpha=0.05), abs=1e-4)
    assert round(found.detectable or 0, 2) == 0.81
    assert found.power_planned == pytest.approx(TTestIndPower().power(0.8, 25, 0.05), abs=1e-6)
    assert found.needed == 52  # 25.5 in each group


def test_drop_out_is_added_to_those_who_must_stay() -> None:
    found = sizes(Assumed("t", 0.8, dropout=0.2, students=50))
    assert found.needed == 2 * math.ceil(26 / 0.8)
    assert found.power_planned == pytest.approx(TTestIndPower().power(0.8, 20, 0.05), abs=1e-6)


def test_unequal_shares_need_more_students_than_equal_ones() -> None:
    """Oracle: statsmodels with a ratio of 1 to 3."""
    found = sizes(Assumed("t", 0.5, shares=(3, 1)))
    assert found.needed is not None
    assert found.needed % 4 == 0
    small = found.needed // 4
    assert TTestIndPower().power(0.5, small, 0.05, ratio=3) >= 0.8
    assert TTestIndPower().power(0.5, small - 1, 0.05, ratio=3) < 0.8
    assert found.needed > (sizes(Assumed("t", 0.5)).needed or 0)


def test_whole_sections_need_more_and_come_in_whole_sections() -> None:
    """Oracle: the t test of section means by hand, for 4 sections of 12 in each arm."""
    assumed = Assumed("t", 0.8, section_size=12, icc=0.1, students=96)
    found = sizes(assumed)
    assert found.sections is not None
    assert found.needed == 2 * 12 * found.sections
    lift = 0.8 / math.sqrt(2 * (1 + 11 * 0.1) / (4 * 12))
    critical = stats.t.isf(0.025, 6)
    by_hand = stats.nct.sf(critical, 6, lift) + stats.nct.cdf(-critical, 6, lift)
    assert found.power_planned == pytest.approx(by_hand)
    assert found.needed > (sizes(replace(assumed, section_size=1)).needed or 0)


def test_three_groups_are_planned_by_their_effect_together() -> None:
    """Oracle: statsmodels' FTestAnovaPower, which counts all groups together."""
    found = sizes(Assumed("anova", 0.25, shares=(1, 1, 1), students=159))
    assert found.needed == 159  # Cohen's table 8.4.4 says 52.4 in each group
    assert found.power_planned == pytest.approx(FTestAnovaPower().power(0.25, 159, 0.05, k_groups=3), abs=1e-6)


def test_injuries_are_planned_by_rate_and_hours() -> None:
    """By hand: 25 students of 48 h at 4 in 1000 h have 4.8 expected injuries, half as many 2.4."""
    found = sizes(Assumed("rates", 0.5, rate_per_1000_h=4, hours_each=48, students=50))
    lift = math.log(2) / math.sqrt(1 / 2.4 + 1 / 4.8)
    assert found.power_planned == pytest.approx(stats.norm.sf(1.959964 - lift) + stats.norm.cdf(-1.959964 - lift))
    assert (found.needed or 0) > 400
    assert found.detectable is None  # no ratio at all is seen with so few events


def test_the_curve_rises_to_the_wanted_power_where_the_needed_class_is() -> None:
    found = sizes(Assumed("t", 0.5, students=60))
    powers = [point.power for point in found.curve]
    assert powers == sorted(powers)
    assert power_of(found.assumed, found.needed or 0) == pytest.approx(0.8, abs=0.01)
    assert found.curve[-1].students >= (found.needed or 0)
    plot = power_plot(found)
    assert plot is not None
    assert len(plot.points.split()) == len(found.curve)


def test_an_effect_that_no_class_sees_is_said_so() -> None:
    found = sizes(Assumed("t", 0.0001, students=50))
    assert found.needed is None
    assert sentence(found).startswith("No class is large enough to see a difference of 0.00")


def test_the_power_of_a_sentence_is_never_rounded_up() -> None:
    assert "the power is 79 %" in sentence(sizes(Assumed("t", 0.8, students=50)))
    assert (sizes(Assumed("t", 0.8, students=50)).power_planned or 1) < 0.8


# The page


@pytest.fixture
def owner() -> User:
    return make_user(is_superuser=True)


@pytest.fixture
def study(owner: User) -> Study:
    return create_from_draft(draft=start_draft(by=owner), by=owner)


ASKED = {"kind": "t", "effect": "0.8", "students": "52", "power": "80", "alpha": "5", "dropout": "0"}
ASKED |= {"section_size": "1", "icc": "0.05", "rate_per_1000_h": "", "hours_each": ""}


@pytest.mark.django_db
def test_the_page_begins_with_what_the_protocol_knows(client: Client, owner: User, study: Study) -> None:
    client.force_login(owner)
    page = client.get(reverse("analysis:sample-size", args=[study.pk])).content.decode()
    assert 'value="48.0"' in page  # 16 weeks x 2 lessons x 90 minutes
    assert "With 50 students the power is 79 %" in page
    assert "<polyline" in page


@pytest.mark.django_db
def test_the_result_is_kept_in_the_draft_and_nowhere_else(client: Client, owner: User, study: Study) -> None:
    client.force_login(owner)
    response = client.post(reverse("analysis:sample-size", args=[study.pk]), ASKED | {"dropout": "10"})
    assert response.headers["Location"] == reverse("studies:protocol-edit", args=[study.pk, "people"])
    document = draft_of(study).document
    assert (document["students"], document["dropout_percent"]) == (52, 10)
    assert document["computed"]["needed"] == 58
    assert "58 students are enrolled" in document["computed"]["sentence"]
    assert study.protocol_versions.get().document["computed"] is None
    page = client.get(response.headers["Location"]).content.decode()
    assert "58 students are enrolled" in page
    page = client.get(reverse("analysis:sample-size", args=[study.pk])).content.decode()
    assert "with 10 % drop-out" in page  # it goes on from there


@pytest.mark.django_db
def test_a_study_that_is_being_made_has_it_too(client: Client, owner: User) -> None:
    draft = start_draft(by=owner)
    client.force_login(owner)
    response = client.post(reverse("analysis:draft-sample-size", args=[draft.pk]), ASKED)
    assert response.headers["Location"] == reverse("studies:draft-step", args=[draft.pk, "people"])
    assert ProtocolDraft.objects.get().document["students"] == 52


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"effect": "0"}, "greater than or equal to 0.01"),
        ({"kind": "rates", "effect": "0.5"}, "Injuries need a rate"),
        ({"kind": "rates", "effect": "1", "rate_per_1000_h": "4", "hours_each": "48"}, "A ratio of 1 is no difference"),
        ({"students": "many"}, "whole number"),
    ],
)
def test_what_cannot_be_calculated_is_said_kindly(
    client: Client, owner: User, study: Study, wrong: dict[str, str], said: str
) -> None:
    client.force_login(owner)
    response = client.post(reverse("analysis:sample-size", args=[study.pk]), ASKED | wrong)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert draft_of(study).document["computed"] is None


@pytest.mark.django_db
def test_who_may_only_read_calculates_and_keeps_nothing(client: Client, study: Study) -> None:
    instructor = make_staff(study, "instructor")
    client.force_login(instructor)
    url = reverse("analysis:sample-size", args=[study.pk])
    page = client.get(url, ASKED).content.decode()
    assert "To see a difference of 0.80" in page
    assert "Keep it in the protocol" not in page
    assert client.post(url, ASKED).status_code == 403


@pytest.mark.django_db
def test_a_blinded_reader_of_unequal_shares_calculates_with_equal_ones(client: Client, owner: User) -> None:
    draft = start_draft(by=owner)
    draft.document["arms"][0]["ratio"] = 3
    draft.save()
    study = create_from_draft(draft=draft, by=owner)
    url = reverse("analysis:sample-size", args=[study.pk])
    client.force_login(owner)
    unequal = client.get(url, ASKED).content.decode()
    client.force_login(make_staff(study, "researcher"))
    page = client.get(url, ASKED)
    assert page.status_code == 200
    assert "52 students are enrolled" in page.content.decode()
    assert "52 students are enrolled" not in unequal


@pytest.mark.django_db
def test_programs_get_the_numbers_with_all_their_digits(client: Client, owner: User, study: Study) -> None:
    client.force_login(owner)
    answer = client.get(reverse("study-sample-size", args=[study.pk]), {"effect": "0.8"}).json()
    assert answer["needed"] == 52
    assert answer["detectable"] == pytest.approx(0.8087, abs=1e-4)
    assert client.get(reverse("study-sample-size", args=[study.pk]), {"effect": "-1"}).status_code == 400
