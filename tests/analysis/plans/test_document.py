"""A plan as a file: what is read is what was written, and every mistake has a place and a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.plans.changes import changes
from analysis.plans.document import Hypothesis, Names, Plan, read, read_text, require_fit
from analysis.plans.fields import PlanError

ROW: dict[str, Any] = {
    "key": "h1",
    "question": "Do the groups differ in accuracy?",
    "estimand": "Difference of the means after the semester.",
    "outcome": "accuracy",
    "test": "welch",
}
NAMES = Names(outcomes={"accuracy"}, time_points={"before", "after"}, arms=2)


def refused(document: object) -> tuple[str, str]:
    with pytest.raises(PlanError) as caught:
        read(document)
    assert str(caught.value.advice)
    return caught.value.code, caught.value.where


def misfit(names: Names = NAMES, **row: Any) -> tuple[str, str]:
    with pytest.raises(PlanError) as caught:
        require_fit(read({"hypotheses": [ROW | row]}), names)
    return caught.value.code, caught.value.where


def test_the_file_gives_the_same_plan_again() -> None:
    plan = Plan(
        hypotheses=(Hypothesis(**ROW, low=-1.0, high=0.5), Hypothesis(**ROW | {"key": "h2", "test": "mann_whitney"})),
        multiplicity="bh",
        notes="Bär",
    )
    again = read_text(plan.text().encode())
    assert again == plan
    assert again.sha256() == plan.sha256()


def test_the_hash_does_not_depend_on_the_order_of_the_fields() -> None:
    turned = {"alpha": 0.05, "hypotheses": [dict(reversed(list(ROW.items())))]}
    assert read(turned).sha256() == read({"hypotheses": [ROW]}).sha256()


def test_one_changed_number_changes_the_hash() -> None:
    assert read({"hypotheses": [ROW], "alpha": 0.01}).sha256() != read({"hypotheses": [ROW]}).sha256()


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        ([], "not_a_plan", ""),
        ({"hypotheses": []}, "no_hypothesis", "hypotheses"),
        ({"hypotheses": [ROW], "alfa": 0.05}, "unknown_field", "alfa"),
        ({"hypotheses": [ROW | {"tests": "welch"}]}, "unknown_field", "hypotheses[0].tests"),
        ({"hypotheses": [{**ROW, "question": 5}]}, "wrong_type", "hypotheses[0].question"),
        ({"hypotheses": [ROW | {"test": "z"}]}, "unknown_choice", "hypotheses[0].test"),
        ({"hypotheses": [ROW | {"key": "h 1"}]}, "bad_key", "hypotheses[0].key"),
        ({"hypotheses": [ROW, ROW]}, "key_twice", "hypotheses"),
        ({"hypotheses": [ROW | {"test": "equivalence"}]}, "bounds", "hypotheses[0].low"),
        ({"hypotheses": [ROW | {"test": "equivalence", "low": 1, "high": -1}]}, "bounds", "hypotheses[0].low"),
        ({"hypotheses": [ROW], "alpha": "5%"}, "wrong_type", "alpha"),
        ({"hypotheses": [ROW], "alpha": 0.9}, "out_of_range", "alpha"),
        ({"hypotheses": [ROW], "alpha": True}, "wrong_type", "alpha"),
        ({"hypotheses": [ROW], "gaps": {"imputations": 1}}, "out_of_range", "gaps.imputations"),
        ({"hypotheses": [ROW], "gaps": {"covariates": ["iq"]}}, "unknown_choice", "gaps.covariates[0]"),
        ({"hypotheses": [ROW], "population": {"min_attended": 2}}, "out_of_range", "population.min_attended"),
        (
            {"hypotheses": [ROW | {"test": "randomisation"}], "population": {"primary": "per_protocol"}},
            "draw_is_of_everybody",
            "population.primary",
        ),
        ({"hypotheses": [ROW], "schema": 2}, "other_schema", "schema"),
        (
            {"hypotheses": [{k: v for k, v in ROW.items() if k != "estimand"}]},
            "missing_field",
            "hypotheses[0].estimand",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(document: object, code: str, where: str) -> None:
    assert refused(document) == (code, where)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xff\xfe", "not_text"),
        (b"{", "not_json"),
        (b'{"hypotheses": [], "alpha": NaN}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b" " * 300_000, "too_large"),
        (b"null", "not_a_plan"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_text(raw)
    assert caught.value.code == code


def test_a_plan_that_names_what_the_study_lacks_is_refused() -> None:
    assert misfit(outcome="strength") == ("unknown_outcome", "hypotheses[0].outcome")
    assert misfit(time_point="week9") == ("unknown_time_point", "hypotheses[0].time_point")
    assert misfit(test="ancova") == ("before_missing", "hypotheses[0].before")
    assert misfit(test="poisson") == ("rate_needs_log", "hypotheses[0].outcome")
    assert misfit(outcome="injury-log") == ("log_needs_rate", "hypotheses[0].outcome")
    assert misfit(Names({"accuracy"}, (), 3)) == ("two_arms_needed", "hypotheses[0].test")


def test_the_sentence_says_which_outcomes_there_are() -> None:
    with pytest.raises(PlanError) as caught:
        require_fit(read({"hypotheses": [ROW | {"outcome": "strength"}]}), NAMES)
    assert "“strength”" in str(caught.value.advice)
    assert "accuracy" in str(caught.value.advice)


def test_a_difference_of_plans_is_found_by_the_hypothesis_not_by_its_place() -> None:
    two = ROW | {"key": "h2"}
    first, second = read({"hypotheses": [ROW, two]}), read({"hypotheses": [two, ROW | {"test": "student"}]})
    found = changes(first.document(), second.document())
    assert [(row.where, row.before, row.after) for row in found] == [("hypotheses.h1.test", '"welch"', '"student"')]


def test_read_never_fails_other_than_by_a_plan_error() -> None:
    """Whatever JSON value stands in whatever field."""
    for value in (None, True, 3, -1.5, "x", [], {}, [1], {"a": 1}, 10**400):
        for name in ("alpha", "hypotheses", "population", "gaps", "seed", "draws", "notes", "multiplicity"):
            document = json.loads(json.dumps({"hypotheses": [ROW]})) | {name: value}
            try:
                read(document)
            except PlanError:
                continue
            assert name == "notes" or value in ([], {}, True, 3) or name in {"population", "gaps"}
