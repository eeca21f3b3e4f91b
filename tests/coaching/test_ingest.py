"""From the upload to a film without sound and place: what is stored, what is shown to whom, and what a crash leaves."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.urls import reverse

from coaching import films, media
from coaching.models import AnalysisRun, Session
from coaching.pipeline import engines, run_analysis, strip_left_films
from coaching.presentation import notices, view_for
from coaching.services import cancel_run, start_run, submit_video, sweep
from coaching.simulator import Camera, Encoding, LiftSpec, Scene, render_clip, simulate
from coaching.vision.pipeline import Limits, assess
from coaching.vision.strip import strip
from tests.coaching.films import files_left
from tests.factory import PASSWORD, make_participant, make_personas, make_study
from tests.vision.films import even_times, write_film

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Participant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.xdist_group("films")]

PLACE = {"com.apple.quicktime.location.ISO6709": "+52.5163+013.3777+034.000/"}


@pytest.fixture
def participant() -> Participant:
    return make_participant(make_study())


def phone_film(path: Path, *, seconds: float = 1.5, codec: str = "mpeg4") -> Path:
    return write_film(path, even_times(seconds, 12), codec=codec, audio=path.suffix != ".webm", metadata=PLACE)


def upload(participant: Participant, film: Path) -> Session:
    with film.open("rb") as handle:
        return submit_video(participant=participant, uploaded_by=None, file=File(handle), name=film.name)


def analysed(session: Session) -> AnalysisRun:
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    session.refresh_from_db()
    return run


def stored(name: str) -> Path:
    return Path(default_storage.path(name))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tracks(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def age_all(hours: float = 48) -> None:
    then = time.time() - hours * 3600
    for name in files_left():
        os.utime(stored(name), (then, then))


def test_a_run_leaves_the_film_without_sound_and_place_and_keeps_the_uploads_hash(
    participant: Participant, tmp_path: Path
) -> None:
    film = phone_film(tmp_path / "IMG_1.mov")
    session = upload(participant, film)
    sent = session.video
    assert b"52.5163" in stored(sent).read_bytes()
    run = analysed(session)
    assert run.state == AnalysisRun.State.DONE
    assert session.video != sent
    assert not default_storage.exists(sent)
    assert tracks(stored(session.video)) == ["video"]
    assert b"52.5163" not in stored(session.video).read_bytes()
    assert session.sha256 == sha256(film) == run.assessment.document["sha256"]
    assert session.stored_sha256 == sha256(stored(session.video))
    assert session.size_bytes == film.stat().st_size
    again = upload(participant, film)
    assert (again.rejected_code, again.duplicate_of) == ("duplicate", session)


def test_the_stripped_film_is_judged_as_the_one_that_was_sent(participant: Participant, tmp_path: Path) -> None:
    """A phone on its side with an uneven rate: all that a new container could get wrong."""
    film = tmp_path / "film.mov"
    encoding = Encoding(rotation_deg=90, variable_rate=0.3)
    lift = simulate(LiftSpec(reps=1), seed=3)
    render_clip(lift, Camera(yaw_deg=75, fps=20, width=240, height=320), Scene(), film, encoding)
    session = upload(participant, film)
    limits = Limits(max_duration_s=300.0)
    as_sent = assess(film, engines(), limits=limits, name=str(session.pk)).document
    assert analysed(session).assessment.document == as_sent
    stripped = session.video
    assert analysed(session).assessment.document == as_sent
    assert session.video == stripped  # once in a film's life


def test_a_film_that_browsers_cannot_play_gets_a_copy_once_and_one_that_they_can_gets_none(
    participant: Participant, tmp_path: Path
) -> None:
    plain = upload(participant, phone_film(tmp_path / "film.webm", codec="libvpx"))
    analysed(plain)
    assert (plain.playable, stored(plain.video).suffix) == ("", ".webm")
    old = upload(participant, phone_film(tmp_path / "film.mp4"))
    analysed(old)
    first = old.playable
    with av.open(str(stored(first))) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["vp8"]
    assert films.shown_film(old, own=True) == films.shown_film(old, own=False) == first
    analysed(old)
    assert old.playable == first
    assert sum(name.startswith("playable/") for name in files_left()) == 1
    age_all()
    assert sweep() == 0


def test_a_damaged_film_stays_as_it_was_sent_with_the_reason_and_is_shown_to_its_student_only(
    client: Client, tmp_path: Path
) -> None:
    people = make_personas()
    film = phone_film(tmp_path / "film.mp4", seconds=3)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    session = upload(people.participant, film)
    run = analysed(session)
    assert (run.state, run.failure_code) == (AnalysisRun.State.FAILED, "truncated")
    assert (session.kept_as_sent, session.stored_sha256) == ("truncated", "")
    assert sha256(stored(session.video)) == sha256(film)
    url = reverse("coaching:media", args=[session.pk, "video"])
    for user, status in ((people.student, 200), (people.instructor, 404), (people.owner, 404)):
        client.login(username=user.username, password=PASSWORD)
        assert client.get(url).status_code == status, user


def test_the_student_reads_that_a_film_could_not_be_stripped() -> None:
    people = make_personas()
    about = {"video": "video/x.mp4", "container": "mov", "kept_as_sent": "not_copied"}
    session = Session.objects.create(participant=people.participant, **about)
    said = {notice["code"] for notice in notices(view_for(people.student, session))}
    assert said == {"kept_as_sent"}


def test_a_film_that_waits_for_the_worker_is_nobodys_but_its_students(client: Client, tmp_path: Path) -> None:
    people = make_personas()
    session = upload(people.participant, phone_film(tmp_path / "film.mp4"))
    url = reverse("coaching:media", args=[session.pk, "video"])
    client.login(username=people.instructor.username, password=PASSWORD)
    assert client.get(url).status_code == 404
    analysed(session)
    assert client.get(url).status_code == 200


def test_without_room_for_the_copy_the_run_waits_and_the_upload_stays(participant: Participant, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    film = write_film(tmp_path / "film.mp4", even_times(3, 12), noise)
    session = upload(participant, film)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (film.stat().st_size // 2, hard))
    try:
        run = analysed(session)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (run.state, run.handed_back) == (AnalysisRun.State.QUEUED, 1)
    assert (session.kept_as_sent, session.stored_sha256) == ("", "")
    assert files_left() == [session.video]
    assert sha256(stored(session.video)) == session.sha256
    assert analysed(session).state == AnalysisRun.State.DONE


def test_a_worker_that_lost_its_run_does_not_change_the_film(participant: Participant, tmp_path: Path) -> None:
    session = upload(participant, phone_film(tmp_path / "film.mp4"))
    sent = session.video
    run = AnalysisRun.objects.claim(start_run(session).pk, worker="zombie")
    assert run is not None
    AnalysisRun.objects.filter(pk=run.pk).update(attempt=2)
    with media.incoming("test") as folder:
        made = strip(stored(sent), folder)
        may = lambda: run.beat(stage="ingest", percent=1)  # noqa: E731
        assert not films.replace_by_stripped(session, made.path, made.sha256, may=may)
    session.refresh_from_db()
    assert (session.video, session.stored_sha256) == (sent, "")
    assert files_left() == [sent]


def test_of_two_that_strip_the_same_film_one_wins_and_nothing_is_left_of_the_other(
    participant: Participant, tmp_path: Path
) -> None:
    session = upload(participant, phone_film(tmp_path / "film.mp4"))
    late = Session.objects.get(pk=session.pk)
    won = []
    for row in (session, late):
        with media.incoming("test") as folder:
            made = strip(tmp_path / "film.mp4", folder)
            won.append(films.replace_by_stripped(row, made.path, made.sha256, may=lambda: True))
    assert won == [True, False]
    late.refresh_from_db()
    assert late.video == session.video
    assert default_storage.exists(session.video)


def test_a_film_whose_run_was_stopped_while_it_waited_is_stripped_by_the_daily_sweep(
    participant: Participant, tmp_path: Path
) -> None:
    stopped = upload(participant, phone_film(tmp_path / "stopped.mp4"))
    cancel_run(start_run(stopped))
    waiting = upload(participant, phone_film(tmp_path / "waiting.mp4", seconds=1.6))
    start_run(waiting)
    broken_file = phone_film(tmp_path / "broken.mp4", seconds=3)
    broken_file.write_bytes(broken_file.read_bytes()[: broken_file.stat().st_size // 2])
    broken = upload(participant, broken_file)
    before = {row.pk: row.video for row in (stopped, waiting, broken)}
    assert strip_left_films() == 1
    for row in (stopped, waiting, broken):
        row.refresh_from_db()
    assert tracks(stored(stopped.video)) == ["video"]
    assert (waiting.video, waiting.stored_sha256) == (before[waiting.pk], "")
    assert (broken.video, broken.kept_as_sent) == (before[broken.pk], "truncated")
    assert default_storage.exists(before[stopped.pk])  # a run may have it open
    assert strip_left_films() == 0
    age_all()
    assert sweep() == 1
    assert not default_storage.exists(before[stopped.pk])
