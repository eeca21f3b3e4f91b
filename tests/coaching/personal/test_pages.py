"""The result page's cues with their pictures, the confirmation, and the page of a student's progress."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coaching import services
from coaching.models import Assessment, Still
from coaching.personal.presentation import MEASURES, progress_by_view
from coaching.vision.vocabulary import FAULT_NAMES
from studies.models import AccessRecord, Participant
from tests.coaching.personal.sets import lesson
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from studies.models import User

pytestmark = pytest.mark.django_db

BETTER = "Better than last time: your chest rose with your hips in 4 of 5 repetitions, 1 of 5 last time."


@pytest.fixture
def people() -> Personas:
    return make_personas()


def text_of(user: User, url: str, *, status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def cue(better_at: dict[str, Any] | None = None) -> dict[str, Any]:
    known = {"code": "hips_first", "text": "Chest up.", "rep": 1, "at_s": 4.5, "p": 0.95}
    return {**known, "from_s": 4.0, "to_s": 5.0, "seen_in": [1], "judged_in": 2, "own": False, "better_at": better_at}


def coaching(**changes: Any) -> dict[str, Any]:
    reference = {"speaks": False, "repetitions": 3, "films": None, "reviewed": None, "needed": 5}
    return {"strictness": "strict", "settings": "1", "reference": reference, "changes": [], "better": "", **changes}


def still(assessment: Assessment, purpose: str, *, number: int = 1, fault: str = "hips_first") -> Still:
    image = default_storage.save("still/a.jpg", ContentFile(b"jpeg"))
    return Still.objects.create(
        assessment=assessment, purpose=purpose, fault=fault, number=number, at_s=4.5, image=image
    )


def page(assessment: Assessment) -> str:
    return reverse("coaching:session", args=[assessment.run.session_id])


def url_of(picture: Still) -> str:
    return reverse("coaching:still", args=[picture.assessment.run.session_id, picture.pk])


def test_a_cue_stands_beside_its_still_and_the_same_moment_without_the_fault(people: Personas) -> None:
    made = lesson(people.participant, 1, [12.0, 2.0], feedback=[cue({"session": None, "rep": 2, "at_s": 8.5})])
    here, better = still(made, "cue"), still(made, "better", number=2)
    text = text_of(people.student, page(made))
    assert text.index(url_of(here)) < text.index(url_of(better))
    assert "Repetition 1 with the skeleton: “Hips rise first”" in text
    assert "Repetition 2 with the skeleton: the same moment without “Hips rise first”" in text
    assert "seen in 1 of 2" in text


def test_the_own_best_of_an_earlier_set_is_shown_and_led_to(people: Personas) -> None:
    earlier = lesson(people.participant, 1, [2.0, 2.0])
    best = still(earlier, "best", number=2)
    still(earlier, "best", number=2, fault="bar_drift")
    at = {"session": str(earlier.run.session_id), "rep": 2, "at_s": 8.5}
    made = lesson(people.participant, 2, [12.0, 12.0], feedback=[cue(at)])
    still(made, "cue")
    text = text_of(people.student, page(made))
    assert url_of(best) in text
    assert "Your own best" in text
    assert page(earlier) in text


def test_no_other_students_still_is_shown_whatever_the_document_says(people: Personas) -> None:
    stranger = lesson(make_participant(people.study), 1, [2.0, 2.0])
    best = still(stranger, "best", number=2)
    at = {"session": str(stranger.run.session_id), "rep": 2, "at_s": 8.5}
    made = lesson(people.participant, 2, [12.0, 12.0], feedback=[cue(at)])
    still(made, "cue")
    assert url_of(best) not in text_of(people.student, page(made))


def test_a_researcher_reads_the_words_and_gets_no_picture(people: Personas) -> None:
    made = lesson(people.participant, 1, [12.0, 2.0], feedback=[cue()])
    picture = still(made, "cue")
    text = text_of(people.researcher, page(made))
    assert "Chest up." in text
    assert url_of(picture) not in text
    text_of(people.researcher, url_of(picture), status=403)


def test_a_still_of_another_session_is_not_found_under_this_one(people: Personas) -> None:
    made, other = lesson(people.participant, 1, [2.0]), lesson(people.participant, 2, [2.0])
    picture = still(other, "cue")
    text_of(people.student, reverse("coaching:still", args=[made.run.session_id, picture.pk]), status=404)


def test_looking_at_a_still_is_recorded_once_with_its_set(people: Personas) -> None:
    made = lesson(people.participant, 1, [12.0, 2.0], feedback=[cue()])
    picture = still(made, "cue")
    text_of(people.instructor, page(made))
    client = Client()
    client.force_login(people.instructor)
    assert b"".join(client.get(url_of(picture)).streaming_content) == b"jpeg"  # type: ignore[attr-defined]
    record = AccessRecord.objects.get(participant=people.participant)
    assert (record.what, record.object_id) == ("session", str(made.run.session_id))


def test_stills_go_with_their_session(people: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    made = lesson(people.participant, 1, [12.0, 2.0])
    kept, gone = still(made, "cue"), lesson(people.participant, 2, [2.0])
    lost = still(gone, "best")
    gone.run.session.delete()
    monkeypatch.setattr(services, "UNREFERENCED_AFTER_S", -1.0)
    services.sweep()
    assert not Still.objects.filter(pk=lost.pk).exists()
    assert (default_storage.exists(kept.image), default_storage.exists(lost.image)) == (True, False)


def test_an_improvement_is_the_first_thing_said(people: Personas) -> None:
    made = lesson(people.participant, 1, [2.0, 2.0], feedback=[cue()], coaching=coaching(better=BETTER))
    text = text_of(people.student, page(made))
    assert text.index(BETTER) < text.index("What to change")


def test_without_one_nothing_of_it_is_said_and_an_old_result_still_shows(people: Personas) -> None:
    made = lesson(people.participant, 1, [2.0, 2.0], feedback=[cue()], coaching=coaching())
    assert "Better than last time" not in text_of(people.student, page(made))
    old = {"code": "hips_first", "text": "Chest up.", "rep": 1, "at_s": 4.5, "p": 0.95}
    assert "Chest up." in text_of(people.student, page(lesson(people.participant, 2, [2.0], feedback=[old])))


def test_the_instructor_sees_at_which_level_it_was_told_and_the_student_does_not(people: Personas) -> None:
    made = lesson(people.participant, 1, [2.0, 2.0], feedback=[cue()], coaching=coaching())
    assert "told at: Strict" in text_of(people.instructor, page(made))
    assert "told at:" not in text_of(people.student, page(made))


def control(people: Personas) -> Participant:
    return Participant.objects.get(user=people.classmate)


def test_the_control_arm_gets_neither_confirmation_nor_progress_before_the_release(people: Personas) -> None:
    made = lesson(control(people), 1, [2.0, 2.0], feedback=[cue()], coaching=coaching(better=BETTER))
    progress = reverse("coaching:progress", args=[control(people).pk])
    text = text_of(people.classmate, page(made))
    for word in ("Better than", "Chest up", "still", "rogress"):
        assert word not in text
    text_of(people.classmate, progress, status=403)
    assert "rogress" not in text_of(people.classmate, reverse("coaching:session-list"))
    people.study.feedback_released_at = timezone.now()
    people.study.save()
    assert BETTER in text_of(people.classmate, page(made))
    assert progress in text_of(people.classmate, reverse("coaching:session-list"))
    text_of(people.classmate, progress)


def test_progress_shows_each_set_of_a_view_with_its_middle_range_and_count(people: Personas) -> None:
    lesson(people.participant, 1, [12.0, 14.0, 13.0], p_correct=0.2, load_kg=80)
    lesson(people.participant, 2, [2.0, 8.0, 3.0])
    lesson(people.participant, 3, [2.0, 3.0], view="oblique")
    side, oblique = progress_by_view(people.participant)
    assert (side.view, side.sets, oblique.view, oblique.sets) == ("side", 2, "oblique", 1)
    (measure,) = side.measures
    rows = [(row.median, row.low, row.high, row.clear, row.judged, row.load_kg) for row in measure.rows]
    assert rows == [("13", "12", "14", 0, 3, 80.0), ("3", "2", "8", 2, 3, None)]
    assert measure.direction == "improved"
    assert (side.best, side.needed, measure.own) == (3, 5, "")
    assert oblique.measures[0].plot is None
    assert oblique.measures[0].direction == ""


def test_the_band_is_the_smallest_detectable_change_about_the_own_best(people: Personas) -> None:
    for day in (1, 2):
        lesson(people.participant, day, [2.0, 2.0, 2.0])
    (side,) = progress_by_view(people.participant)
    (measure,) = side.measures
    # No spread. A set's SEM is 0.7 * 3 = 2.1, that of two films' best 2.1 / sqrt(2): 1.96 * sqrt(4.41 + 2.205) = 5.04
    assert (measure.own, measure.sdc, measure.unit) == ("2", "5", "°")
    assert measure.plot is not None
    assert [tick.text for tick in measure.plot.ticks] == ["-3", "7"]
    # All sets lie on the line in the middle of the band.
    assert {mark.y for mark in measure.plot.marks} == {measure.plot.middle_y}
    assert float(measure.plot.band_y) + float(measure.plot.band_height) / 2 == pytest.approx(
        float(measure.plot.middle_y), abs=0.1
    )


def test_every_fault_is_one_end_of_a_measure() -> None:
    ends = [name for fault, shown in MEASURES.items() for name in (fault, shown.also) if name]
    assert sorted(ends) == sorted(FAULT_NAMES)


def test_stance_counts_what_is_neither_too_narrow_nor_too_wide(people: Personas) -> None:
    def feet(value: float) -> list[dict[str, Any]]:
        about = {"observable": True, "value": value, "sigma": 0.1, "unit": "shoulder widths", "at_s": 1.0, "reason": ""}
        return [
            {"name": "narrow_stance", "p": 0.9 if value < 0.65 else 0.1, **about},
            {"name": "wide_stance", "p": 0.9 if value > 1.45 else 0.1, **about},
        ]

    made = lesson(people.participant, 1, [0.0, 0.0, 0.0], view="front")
    for item, value in zip(made.document["reps"], (0.5, 0.9, 1.6), strict=True):
        item["faults"] = feet(value)
    made.save()
    (front,) = progress_by_view(people.participant)
    (measure,) = front.measures
    assert [(row.median, row.clear, row.judged) for row in measure.rows] == [("0.90", 1, 3)]


def test_the_progress_page_and_the_api_tell_the_same_and_the_look_is_recorded(people: Personas) -> None:
    lesson(people.participant, 1, [12.0, 14.0, 13.0], p_correct=0.2)
    lesson(people.participant, 2, [2.0, 3.0, 3.0])
    text = text_of(people.instructor, reverse("coaching:progress", args=[people.participant.pk]))
    assert "better than last time" in text
    client = Client()
    client.force_login(people.instructor)
    (view,) = client.get(f"/api/students/{people.participant.pk}/progress/").json()
    (measure,) = view["measures"]
    assert (measure["name"], measure["direction"], measure["sdc"]) == ("hips_first", "improved", "6")
    assert all(row["median"] in text for row in measure["rows"])
    assert [record.what for record in AccessRecord.objects.filter(user=people.instructor)] == ["progress"]


def test_progress_is_by_code_for_a_researcher(people: Personas) -> None:
    lesson(people.participant, 1, [2.0, 2.0])
    text = text_of(people.researcher, reverse("coaching:progress", args=[people.participant.pk]))
    assert people.participant.code in text
    assert people.student.last_name not in text


def test_no_word_of_these_pages_frightens(people: Personas) -> None:
    made = lesson(people.participant, 1, [12.0, 2.0], feedback=[cue()], coaching=coaching(better=BETTER))
    lesson(people.participant, 2, [12.0, 2.0])
    urls = [
        page(made),
        reverse("coaching:progress", args=[people.participant.pk]),
        reverse("coaching:strictness", args=[people.study.pk]),
    ]
    for url in urls:
        main = text_of(people.instructor, url).partition("<main")[2].partition("<footer")[0]
        assert not re.search(r"danger|lumbar|lower back", main.replace("button--danger", ""), re.IGNORECASE), url
