"""Who is in the picture: a passer-by is no reason to refuse, a second lifter is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.people import SEVERAL, SOMEBODY_ELSE, Person, crowd_verdict, find_people, others
from coaching.vision.types import Pose
from tests.vision.scene import landmarks

if TYPE_CHECKING:
    from coaching.vision.types import Image


def _person(x: float, height: float = 350.0, visibility: float = 1.0) -> Person:
    return Person(x, 200.0, 100.0, visibility, x - 40, 50, x + 40, 50 + height)


LIFTER = _person(300)
BENT = _person(300, height=200)
BESIDE = _person(520)


def test_one_person_is_fine() -> None:
    assert crowd_verdict([[LIFTER]] * 5) is None


def test_nobody_is_not_several() -> None:
    assert crowd_verdict([[]] * 5) is None


def test_a_second_person_who_stays_is_a_reason_to_refuse() -> None:
    assert crowd_verdict([[LIFTER, BESIDE]] * 4 + [[LIFTER]]) is SEVERAL


def test_a_passer_by_is_only_mentioned() -> None:
    assert crowd_verdict([[LIFTER], [LIFTER, BESIDE], [LIFTER], [LIFTER], [LIFTER]]) is SOMEBODY_ELSE


def test_one_glimpse_in_a_short_film_is_not_staying() -> None:
    assert crowd_verdict([[LIFTER, BESIDE]]) is SOMEBODY_ELSE


def test_the_same_person_found_twice_counts_once() -> None:
    # The finder does that: two skeletons a tenth of a trunk apart.
    assert others([LIFTER, _person(310)], 350) == []


def test_somebody_who_sits_or_is_far_behind_does_not_count() -> None:
    assert crowd_verdict([[LIFTER, _person(520, height=180)], [BENT, _person(520, height=180)]]) is None


def test_a_poster_on_the_wall_that_is_hardly_seen_does_not_count() -> None:
    assert others([LIFTER, _person(520, visibility=0.3)], 350) == []


def test_the_search_does_not_see_the_tracked_person() -> None:
    seen: list[Image] = []
    picture = np.full((480, 640, 3), 90, np.uint8)
    lifter = Pose(landmarks(260, 100), np.zeros((33, 3), np.float32))
    picture[100:330, 260:380] = 255

    def finder(rgb: Image) -> list[Pose]:
        seen.append(rgb)
        return []

    assert len(find_people(picture, lifter, finder)) == 1
    assert int(seen[0][110:320, 270:370].max()) == 90
    assert int(picture.max()) == 255  # the film itself is left alone


def test_without_a_tracked_person_the_whole_picture_is_searched() -> None:
    pose = Pose(landmarks(260, 100), np.zeros((33, 3), np.float32))
    (found,) = find_people(np.zeros((480, 640, 3), np.uint8), None, lambda _rgb: [pose])
    assert abs(found.height - 0.93 * 230) < 1  # nose to ankles
