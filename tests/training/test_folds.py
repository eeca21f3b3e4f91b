import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.training.folds import hold_out_subjects, leave_one_subject_out


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=3, max_size=60))
def test_nobody_is_in_two_parts_of_a_fold_and_everybody_is_tested_once(rows: list[tuple[int, int]]) -> None:
    subjects = [f"p{person}" for person, _ in rows]
    labels = [label for _, label in rows]
    if len(set(subjects)) < 3:
        return
    tested: list[int] = []
    for fold in leave_one_subject_out(subjects, labels, pool=np.arange(len(rows))):
        parts = [{subjects[i] for i in part} for part in (fold.train, fold.stop, fold.test)]
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]
        assert parts[2] == {fold.subject}
        assert len(fold.train) + len(fold.stop) + len(fold.test) == len(rows)
        tested += fold.test.tolist()
    assert sorted(tested) == list(range(len(rows)))


def test_the_stopping_person_has_both_classes_if_anybody_has() -> None:
    subjects = list("aabbccdd")
    labels = [1, 1, 0, 0, 1, 0, 1, 0]
    stoppers = {
        fold.subject: subjects[fold.stop[0]] for fold in leave_one_subject_out(subjects, labels, pool=np.arange(8))
    }
    assert set(stoppers.values()) == {"c", "d"}
    assert stoppers["c"] == "d"


def test_two_people_are_too_few() -> None:
    with pytest.raises(ValueError, match="at least 3 people"):
        list(leave_one_subject_out(["a", "b"], [0, 1], pool=np.arange(2)))


def test_rows_outside_the_pool_are_never_used() -> None:
    subjects = list("abcabc")
    for fold in leave_one_subject_out(subjects, [0, 1] * 3, pool=np.arange(3)):
        assert max(np.concatenate([fold.train, fold.stop, fold.test])) < 3


def test_held_out_people_are_whole_and_the_same_each_time() -> None:
    subjects = [f"p{i // 3}" for i in range(30)]
    rows = np.arange(30)
    kept, out = hold_out_subjects(subjects, rows, share=0.2, seed=4)
    assert len(out) == 6
    assert not {subjects[i] for i in kept} & {subjects[i] for i in out}
    again = hold_out_subjects(subjects, rows, share=0.2, seed=4)
    assert np.array_equal(out, again[1])
