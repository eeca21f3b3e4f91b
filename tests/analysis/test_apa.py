from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.apa import apa_sentences, effect_clause, levene_sentence, p_in_words, t_sentence
from analysis.format import apa, apa_degrees
from analysis.reports import build_report
from analysis.rich import plain
from analysis.stats import Effect, InvalidSample
from analysis.stats.integrity.checker import Options, check_text
from tests.analysis.render.made import outcome

if TYPE_CHECKING:
    from studies.models import Study


@pytest.mark.django_db
def test_the_papers_two_results_as_sentences(demo: Study) -> None:
    accuracy, injuries = build_report(demo).outcomes
    assert [plain(sentence) for sentence in apa_sentences(accuracy)] == [
        (
            "Training accuracy: AI coaching (n = 25, M = 8.32, SD = 0.80) and Traditional instruction (n = 25, "
            "M = 5.80, SD = 1.53) differed by 2.52 points, 95% CI [1.82, 3.22], Welch's t(36.30) = 7.30, p < .001, "
            "d = 2.07, 95% CI [1.37, 2.75], g = 2.03, 95% CI [1.37, 2.75]."
        ),
        (
            "Levene's test of equal variances (deviations from the means) gave F(1, 48) = 9.27, p = .004; "
            "it did not choose the test above."
        ),
    ]
    assert plain(apa_sentences(injuries)[0]) == (
        "Injury rate in a one-way ANOVA of AI coaching (n = 25, M = 0.96, SD = 1.02); Traditional instruction (n = 25, "
        "M = 6.36, SD = 1.73): F(1, 48) = 180.89, p < .001, η² = .79, 90% CI [.69, .84], 95% CI [.67, .85], "
        "ω² = .78, 90% CI [.69, .84], 95% CI [.67, .85]."
    )


def test_symbols_are_italic_and_names_are_not() -> None:
    found = outcome("score", {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}, name="<i>x</i> %(t)s 100 %")
    (first, _levene) = apa_sentences(found)
    assert [run.text for run in first if run.italic] == ["n", "M", "SD", "n", "M", "SD", "t", "p", "d", "g"]
    assert plain(first).startswith("<i>x</i> %(t)s 100 %: A (n = 4")


def test_the_pooled_test_is_not_called_welchs() -> None:
    found = outcome("score", {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}, test="student")
    assert found.student is not None
    text = plain(t_sentence(found, found.student))
    assert ", t(6) = −1.50, p = .184" in text
    assert "differed by −3.00 points" in text


@pytest.mark.parametrize(
    ("x", "printed"),
    [
        (0.8, "0.80"),
        (-0.8, "−0.80"),
        (0.005, "0.01"),
        (0.004999, "0.00"),
        (-0.004, "0.00"),
        (1.005, "1.00"),
        (2.5, "2.50"),
    ],
)
def test_numbers_are_rounded_once_from_the_full_value(x: float, printed: str) -> None:
    assert apa(x) == printed


def test_the_rounding_to_two_decimals_does_not_pass_through_three() -> None:
    assert apa(0.34496) == "0.34"  # .345 in a table of three decimals; rounded again it would be 0.35
    assert apa_degrees(36.2996) == "36.30"
    assert apa_degrees(48.0) == "48"


@pytest.mark.parametrize(
    ("p", "printed"), [(0.0004, "< .001"), (0.001, "= .001"), (0.0495, "= .050"), (0.9996, "> .999"), (1.0, "= 1.000")]
)
def test_p_has_three_decimals_and_is_never_zero(p: float, printed: str) -> None:
    assert p_in_words(p) == printed


def test_a_share_has_no_zero_before_its_point_and_may_be_negative() -> None:
    levels = (Effect("omega_squared", -0.0132, 0.0, 0.08, 0.9), Effect("omega_squared", -0.0132, 0.0, 0.11, 0.95))
    assert plain(effect_clause(*levels)) == "ω² = −.01, 90% CI [.00, .08], 95% CI [.00, .11]"


def test_each_centring_of_levenes_test_is_named() -> None:
    found = outcome("score", {"a": [1, 2, 4, 7], "b": [3, 5, 9, 30]})
    named = [plain(levene_sentence(test)) for test in found.levene]
    assert ["the means)" in named[0], "the medians)" in named[1], "the trimmed means)" in named[2]] == [True] * 3


def test_nothing_computed_is_nothing_said() -> None:
    found = outcome("score", {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]})
    assert apa_sentences(dataclasses.replace(found, student=None, welch=None)) == ()


numbers = st.lists(st.integers(-500, 500), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(first=numbers, second=numbers, test=st.sampled_from(["welch", "student", "anova"]))
def test_our_own_sentences_pass_our_own_check_of_published_results(
    first: list[int], second: list[int], test: str
) -> None:
    """The integrity checker, which knows nothing of these sentences, reads them and finds every p right."""
    try:
        found = outcome("score", {"a": first, "b": second}, test=test)
    except (InvalidSample, ArithmeticError):
        return
    text = "\n".join(plain(sentence) for sentence in apa_sentences(found))
    checked = check_text(text, Options(whole=False))
    assert checked.figures == 2
    assert {table.worst for table in checked.tables} == {"consistent"}
