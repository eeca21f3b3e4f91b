"""Questions, answers and scores, by hand."""

from __future__ import annotations

import pytest

from studies.errors import StudyError
from studies.questionnaires.items import (
    CHOICE,
    LIKERT5,
    LIKERT7,
    NUMBER,
    TEXT,
    Item,
    as_documents,
    checked,
    items_of,
    parsed,
    scales_of,
)
from studies.questionnaires.templates import TEMPLATES


def likert(text: str, *, scale: str = "Joy", reverse: bool = False, kind: str = LIKERT7) -> Item:
    return Item("", text, kind, scale=scale, reverse=reverse)


def test_a_score_is_the_mean_with_reversed_items_turned() -> None:
    _items, [scale] = checked([likert("a"), likert("b", reverse=True), likert("c")])
    assert scale.score({"q1": 7, "q2": 2, "q3": 5}) == pytest.approx((7 + 6 + 5) / 3)
    assert scale.score({"q1": 1, "q2": 7, "q3": 1}) == 1.0


@pytest.mark.parametrize(("size", "needs"), [(2, 1), (3, 2), (4, 2), (5, 3)])
def test_without_half_of_the_answers_there_is_no_score(size: int, needs: int) -> None:
    _items, [scale] = checked([likert(f"item {n}") for n in range(size)])
    answers = {f"q{n + 1}": 4 for n in range(needs)}
    assert scale.score(answers) == 4.0
    answers.popitem()
    assert scale.score(answers) is None


def test_items_keep_their_keys_when_others_come_and_go() -> None:
    items, _scales = checked([likert("a"), likert("b"), likert("c")])
    again, _scales = checked([items[0], items[2], likert("new")])
    assert [(item.key, item.text) for item in again] == [("q1", "a"), ("q3", "c"), ("q2", "new")]


def test_documents_come_back_as_the_same_items_and_scales() -> None:
    items, scales = checked([likert("a"), likert("b"), Item("", "Which?", CHOICE, choices=("x", "y"))])
    documents, names = as_documents(items, scales)
    assert items_of(documents) == items
    assert scales_of(items, names) == scales


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "no_items"),
        ([Item("", "a", LIKERT5)] * 61, "too_many_items"),
        ([Item("", " ", LIKERT5)], "item_without_text"),
        ([Item("", "a", "stars")], "unknown_kind"),
        ([Item("", "a", CHOICE, choices=("x",))], "choices_missing"),
        ([Item("", "a", CHOICE, choices=("x", "x"))], "choices_missing"),
        ([Item("", "a", NUMBER, minimum=5, maximum=5)], "bounds_reversed"),
        ([Item("", "a", TEXT, scale="Joy")], "scale_of_words"),
        ([Item("", "a", NUMBER, reverse=True)], "scale_of_words"),
        ([likert("a"), likert("b", kind=LIKERT5)], "scale_mixed"),
        ([likert("a")], "scale_of_one"),
    ],
)
def test_a_questionnaire_that_can_not_be_scored_is_refused(items: list[Item], code: str) -> None:
    with pytest.raises(StudyError) as refused:
        checked(items)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("item", "text", "kept"),
    [
        (Item("a", "a", LIKERT5), "5", 5),
        (Item("a", "a", LIKERT5), "6", None),
        (Item("a", "a", LIKERT5), "0", None),
        (Item("a", "a", LIKERT7), "7", 7),
        (Item("a", "a", LIKERT7), "3.5", None),
        (Item("a", "a", NUMBER, minimum=0, maximum=10), "2,5", 2.5),
        (Item("a", "a", NUMBER, minimum=0, maximum=10), "10.5", None),
        (Item("a", "a", NUMBER), "nan", None),
        (Item("a", "a", NUMBER), "ten", None),
        (Item("a", "a", CHOICE, choices=("x", "y")), "y", "y"),
        (Item("a", "a", CHOICE, choices=("x", "y")), "z", None),
        (Item("a", "a", TEXT), " fine ", "fine"),
        (Item("a", "a", TEXT), "x" * 1001, None),
    ],
)
def test_only_an_answer_that_the_question_has_is_kept(item: Item, text: str, kept: object) -> None:
    if kept is None:
        with pytest.raises(StudyError) as refused:
            parsed(item, text)
        assert refused.value.code == "bad_answer"
    else:
        assert parsed(item, text) == kept
    assert parsed(item, "  ") is None


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_ready_made_questionnaires_are_right_and_each_scale_has_a_reversed_item(key: str) -> None:
    _items, scales = checked(TEMPLATES[key].items())
    for scale in scales:
        assert sum(item.reverse for item in scale.items) == 1, scale.name
        assert len(scale.items) >= 3
