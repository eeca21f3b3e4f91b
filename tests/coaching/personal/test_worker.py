"""Two lessons of one simulated student through the real worker: what it tells, shows and keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from coaching.models import Session, Still
from coaching.personal.strictness import choose_strictness
from coaching.pipeline import run_analysis
from coaching.services import start_run, submit_video
from coaching.simulator import Camera, Faults, LiftSpec, Scene, render_clip, simulate
from tests.factory import make_personas

if TYPE_CHECKING:
    from pathlib import Path

    from studies.models import Participant

pytestmark = [
    pytest.mark.django_db(transaction=True),  # the heartbeat has a connection of its own
    pytest.mark.skipif(not settings.POSE_BUNDLE.exists(), reason="the pose bundle is not built"),
    pytest.mark.xdist_group("vision"),
]


def lesson(folder: Path, participant: Participant, number: int, *fault_reps: int) -> Session:
    """Two repetitions filmed from the lifter's left; the hips rise first in the named ones. Analysed."""
    lift = simulate(LiftSpec(reps=2, faults=Faults.of(hips_first=0.9), fault_reps=fault_reps), seed=1)
    path = folder / f"{number}.mp4"
    render_clip(lift, Camera(yaw_deg=75, fps=15, width=360, height=480), Scene(plate_radius_m=0.12), path)
    with path.open("rb") as film:
        session = submit_video(
            participant=participant, uploaded_by=participant.user, file=File(film), name="set.mp4", load_kg=None
        )
    run_analysis(start_run(session).pk)
    return Session.objects.get(pk=session.pk)


def test_a_fault_that_is_gone_in_the_next_lesson_is_confirmed_and_its_pictures_are_kept(tmp_path: Path) -> None:
    people = make_personas()
    first = lesson(tmp_path, people.participant, 1, 1, 2)
    assert first.latest_run is not None
    told = first.latest_run.assessment.document
    (cue,) = told["feedback"]
    assert (cue["code"], cue["seen_in"], cue["judged_in"]) == ("hips_first", [1, 2], 2)
    assert (told["coaching"]["since"], told["coaching"]["better"]) == (None, "")
    assert told["coaching"]["strictness"] == "standard"
    assert told["coaching"]["reference"]["speaks"] is False
    (shown,) = Still.objects.filter(assessment=first.latest_run.assessment, purpose="cue")
    assert (shown.fault, shown.number, shown.at_s) == ("hips_first", cue["rep"], cue["at_s"])
    with default_storage.open(shown.image) as picture:
        assert picture.read(3) == b"\xff\xd8\xff"

    choose_strictness(study=people.study, by=people.owner, level="strict")
    second = lesson(tmp_path, people.participant, 2)
    assert second.latest_run is not None
    told = second.latest_run.assessment.document
    assert told["coaching"]["strictness"] == "strict"
    assert told["coaching"]["since"]["session"] == str(first.pk)
    assert told["coaching"]["better"] == (
        "Better than last time: your chest rose with your hips in 2 of 2 repetitions, 0 of 2 last time."
    )
    best = Still.objects.filter(assessment=second.latest_run.assessment, purpose="best")
    assert "hips_first" in {row.fault for row in best}
    assert all(default_storage.exists(row.image) for row in best)
