"""Who is in the picture: a passer-by is no reason to refuse, a second lifter is."""

from __future__ import annotations

from coaching.vision.people import SEVERAL, SOMEBODY_ELSE, Person, crowd_verdict, distinct


def _person(x: float, trunk: float = 100.0, visibility: float = 1.0) -> Person:
    return Person(x, 200.0, trunk, visibility, x - 40, 50, x + 40, 400)


LIFTER = _person(300)
BESIDE = _person(520)


def test_one_person_is_fine() -> None:
    assert crowd_verdict([[LIFTER]] * 5) is None


def test_nobody_is_not_several() -> None:
    assert crowd_verdict([[]] * 5) is None


def test_a_second_person_who_stays_is_a_reason_to_refuse() -> None:
    assert crowd_verdict([[LIFTER, BESIDE]] * 4 + [[LIFTER]]) is SEVERAL


def test_a_passer_by_is_only_mentioned() -> None:
    assert crowd_verdict([[LIFTER], [LIFTER, BESIDE], [LIFTER], [LIFTER], [LIFTER]]) is SOMEBODY_ELSE


def test_the_same_person_found_twice_counts_once() -> None:
    # The finder does that: two skeletons a tenth of a trunk apart.
    assert distinct([LIFTER, _person(310, 96)]) == [LIFTER]


def test_somebody_far_behind_does_not_count() -> None:
    assert distinct([LIFTER, _person(520, trunk=50)]) == [LIFTER]


def test_a_poster_on_the_wall_that_is_hardly_seen_does_not_count() -> None:
    assert distinct([LIFTER, _person(520, visibility=0.3)]) == [LIFTER]


def test_size_is_compared_with_the_largest_whatever_the_order() -> None:
    assert distinct([_person(520, trunk=50), LIFTER]) == [LIFTER]
