from __future__ import annotations

import pytest

from analysis.reading import p_equals, paper_remarks, problem_sentence, sentences
from analysis.reports import build_report
from analysis.results import Problem
from studies.models import Outcome, Study
from tests.factory import make_measurement, make_outcome, make_participant, make_study

pytestmark = pytest.mark.django_db


def test_the_t_test_is_said_in_words(demo: Study) -> None:
    accuracy = build_report(demo).outcomes[0]
    assert sentences(accuracy) == [
        "AI coaching has the higher mean: 8.320 against 5.800 of Traditional instruction.",
        (
            "Difference, AI coaching minus Traditional instruction: 2.520 points. True differences from 1.820 to 3.220 "
            "fit these data (95% interval)."
        ),
        (
            "By Welch's t-test, as planned: t(36.299) = 7.303, p < .001 (1.3e-8). If the groups did not differ, "
            "chance alone would give a difference at least this large in fewer than 1 of 1,000 such studies."
        ),
        "The means are 2.066 standard deviations apart (Cohen's d; 95% interval 1.368 to 2.749).",
    ]


def test_the_anova_is_said_in_words(demo: Study) -> None:
    injuries = build_report(demo).outcomes[1]
    assert sentences(injuries) == [
        "Traditional instruction has the higher mean: 6.360 against .960 of AI coaching.",
        (
            "By one-way ANOVA, as planned: F(1, 48) = 180.893, p < .001 (6.7e-18). If the groups did not differ, "
            "chance alone would give a difference at least this large in fewer than 1 of 1,000 such studies."
        ),
        "79% of the variation between students lies between the groups (eta squared; 90% interval .693 to .840).",
    ]


def test_equal_means_are_called_equal() -> None:
    study = make_study()
    outcome = make_outcome(study)
    for arm in study.arms.all():
        for value in (1.0, 2.0, 6.0):
            make_measurement(outcome, make_participant(study, arm=arm), value)
    (result,) = build_report(study).outcomes
    assert sentences(result)[0] == "Both means are 3.000."
    assert "in about 100% of such studies" in sentences(result)[2]


def test_three_arms_are_listed_from_high_to_low() -> None:
    study = make_study(arms=3)
    outcome = make_outcome(study)
    Outcome.objects.update(planned_test="anova")
    for arm, start in zip(study.arms.all(), (1.0, 9.0, 5.0), strict=True):
        for step in (0.0, 1.0, 2.0):
            make_measurement(outcome, make_participant(study, arm=arm), start + step)
    (result,) = build_report(study).outcomes
    assert sentences(result)[0] == "Means from high to low: Arm b 10.000; Arm c 6.000; Arm a 2.000."


def test_a_tiny_p_is_given_in_full_beside_the_bound() -> None:
    assert p_equals(0.004) == "p = .004"
    assert p_equals(2.5e-9) == "p < .001 (2.5e-9)"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem("too_few", ("control",)), "Traditional instruction: at least 2 values are needed."),
        (Problem("two_arms_needed", ("a", "b", "c")), "this study has 3. Plan a one-way ANOVA."),
        (Problem("constant", ("experimental", "control")), "within AI coaching, Traditional instruction"),
        (Problem("something_new", ("control",)), "(something_new)"),
    ],
)
def test_a_problem_names_the_groups_and_what_helps(demo: Study, problem: Problem, words: str) -> None:
    assert words in problem_sentence(build_report(demo).outcomes[0], problem)


def test_the_remark_on_counts_stands_beside_table_2_only(demo: Study) -> None:
    one, two = (" ".join(paper_remarks(outcome)) for outcome in build_report(demo).outcomes)
    assert "a rate model with exposure" in two
    assert "a rate model with exposure" not in one
    assert "Intrinsic Motivation" in one
