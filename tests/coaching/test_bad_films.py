"""Films that can't be judged, through the upload's door and the worker's code: a code, a sentence, a row, no litter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from django.core.files import File

from coaching.codes import advice_for
from coaching.models import AnalysisRun, Assessment, Session
from coaching.pipeline import engines, run_analysis
from coaching.services import start_run, submit_video
from coaching.simulator import Camera, Encoding, Lift, LiftSpec, Scene, Tempo, render_clip, simulate
from tests.coaching.films import files_left, write_film
from tests.factory import make_participant, make_study

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from studies.models import Participant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.xdist_group("films")]


@pytest.fixture
def participant() -> Participant:
    return make_participant(make_study())


def analyse(participant: Participant, film: Path) -> AnalysisRun:
    """From the upload to the end of the run, as a worker does it."""
    with film.open("rb") as handle:
        session = submit_video(participant=participant, uploaded_by=None, file=File(handle), name=film.name)
    assert session.rejected_code == ""
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    return run


def assert_failed(run: AnalysisRun, code: str) -> None:
    assert (run.state, run.failure_code) == (AnalysisRun.State.FAILED, code)
    assert advice_for(code)
    assert not Assessment.objects.exists()
    assert files_left() == [run.session.video]  # the film is kept, nothing else


def outcome(run: AnalysisRun) -> str:
    """The refusal's code, or what the run ended with, or empty: judged."""
    if run.state != AnalysisRun.State.DONE:
        return f"{run.state} {run.failure_code}"
    kept = (run.session.video, run.session.playable, *_files(run.assessment))
    assert set(files_left()) == {name for name in kept if name}
    return run.assessment.refused_code


def _files(made: Assessment) -> tuple[str, ...]:
    return made.series, made.arrays, made.overlay, made.poster


def codes(run: AnalysisRun) -> set[str]:
    return {notice["code"] for notice in run.assessment.document["notices"]}


# Files that can't be read


def test_a_film_cut_in_half_is_truncated(participant: Participant, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", seconds=3)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    assert_failed(analyse(participant, film), "truncated")


def test_a_head_without_a_body_is_truncated(participant: Participant, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(64))
    assert_failed(analyse(participant, film), "truncated")


def test_sound_without_pictures_has_no_frames(participant: Participant, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with av.open(str(film), "w") as container:
        stream: Any = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.float32), format="fltp", layout="mono")
        frame.rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert_failed(analyse(participant, film), "no_frames")


def test_noise_behind_a_films_first_bytes_does_not_crash_the_worker(participant: Participant, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mkv", seconds=2)
    content = bytearray(film.read_bytes())
    content[300:] = np.random.default_rng(0).bytes(len(content) - 300)
    film.write_bytes(content)
    run = analyse(participant, film)
    assert run.state == AnalysisRun.State.FAILED
    assert run.failure_code in {"not_a_video", "no_frames", "truncated", "too_short"}


def test_ten_minutes_are_too_long(participant: Participant, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", seconds=600, fps=10, width=32, height=32)
    assert_failed(analyse(participant, film), "too_long")


def test_half_a_second_is_too_short(participant: Participant, tmp_path: Path) -> None:
    assert_failed(analyse(participant, write_film(tmp_path / "film.mp4", seconds=0.5)), "too_short")


def test_five_pictures_a_second_are_too_few(participant: Participant, tmp_path: Path) -> None:
    assert_failed(analyse(participant, write_film(tmp_path / "film.mp4", seconds=4, fps=5)), "frame_rate_too_low")


def test_more_than_4k_is_too_much(participant: Participant, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", seconds=1.2, fps=10, width=5120, height=2880)
    assert_failed(analyse(participant, film), "resolution_too_high")


# Unusual films that can be read


def test_4k_is_read_and_said_to_be_reduced(participant: Participant, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", seconds=1.2, fps=10, width=3840, height=2160)
    run = analyse(participant, film)
    assert outcome(run) == "no_person"
    assert "reduced_resolution" in codes(run)


def test_120_frames_a_second_are_read_and_said_to_be_thinned(participant: Participant, tmp_path: Path) -> None:
    run = analyse(participant, write_film(tmp_path / "film.mp4", seconds=1.5, fps=120))
    assert outcome(run) == "no_person"
    assert "high_frame_rate" in codes(run)


def test_an_empty_room_is_refused_as_nobody(participant: Participant, tmp_path: Path) -> None:
    run = analyse(participant, write_film(tmp_path / "film.webm", seconds=1.5))
    assert outcome(run) == "no_person"
    assert run.assessment.overlay == ""
    assert run.assessment.rep_count == 0


def lift(reps: int) -> Lift:
    tempo = Tempo(concentric_s=0.9, top_s=0.6, eccentric_s=0.9, floor_s=0.4, variation=0.0)
    return simulate(LiftSpec(reps=reps, tempo=tempo, bend_s=0.8, stand_before_s=1.2, stand_after_s=1.2), seed=3)


def test_two_people_in_the_picture_are_refused_as_several(participant: Participant, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    camera = Camera(fps=12, width=480, height=320, distance_m=4.2)
    render_clip(lift(1), camera, Scene(second_person=True, second_person_at_m=(-0.95, 0.0)), film)
    assert outcome(analyse(participant, film)) == "several_people"


def test_somebody_who_stands_there_and_does_not_lift_is_refused(participant: Participant, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    render_clip(lift(0), Camera(fps=12, width=240, height=320), Scene(bar=False), film)
    run = analyse(participant, film)
    assert outcome(run) in {"no_lift", "not_a_deadlift"}
    assert run.assessment.repetitions.count() == 0


def test_a_phone_on_its_side_with_an_uneven_rate_is_read_upright(participant: Participant, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    encoding = Encoding(rotation_deg=90, variable_rate=0.3)
    render_clip(lift(1), Camera(yaw_deg=90, fps=20, width=240, height=320), Scene(), film, encoding)
    run = analyse(participant, film)
    assert run.state == AnalysisRun.State.DONE
    document = run.assessment.document
    assert (document["width"], document["height"]) == (240, 320)
    assert run.assessment.repetitions.count() == run.assessment.rep_count == len(document["reps"])
    assert "variable_frame_rate" in codes(run)


# What the server lacks


def test_a_missing_model_fails_the_run_and_keeps_the_film(
    participant: Participant, tmp_path: Path, settings: Settings
) -> None:
    settings.POSE_BUNDLE = tmp_path / "gone.task"
    engines.cache_clear()
    try:
        assert_failed(analyse(participant, write_film(tmp_path / "film.mp4")), "model_missing")
    finally:
        engines.cache_clear()


def test_a_second_run_of_a_failed_film_is_a_new_row_and_the_first_stays(
    participant: Participant, tmp_path: Path
) -> None:
    first = analyse(participant, write_film(tmp_path / "film.mp4", seconds=0.5))
    second = start_run(first.session)
    run_analysis(second.pk)
    assert Session.objects.count() == 1
    assert list(first.session.runs.values_list("failure_code", flat=True)) == ["too_short", "too_short"]
