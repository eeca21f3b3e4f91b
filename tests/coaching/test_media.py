"""Files on the disk: whole or not at all, and cleared when they belong to nothing."""

from __future__ import annotations

import errno
import io
import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from coaching import media, services
from coaching.models import AnalysisRun, Session
from tests.coaching.films import files_left, make_result, make_session
from tests.factory import make_participant, make_study


def age(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def stored(name: str, *, hours: float = 48) -> str:
    default_storage.save(name, ContentFile(b"x"))
    age(Path(default_storage.path(name)), hours)
    return name


@pytest.mark.django_db
def test_the_sweep_deletes_what_no_row_names_when_it_is_a_day_old() -> None:
    session = make_session(make_participant(make_study()), video=stored("video/kept.mp4"))
    made = make_result(session)
    made.overlay = stored("overlay/kept.webm")
    made.save()
    stored("overlay/orphan.webm")
    stored("video/fresh.mp4", hours=1)
    half = Path(settings.INCOMING_DIR) / "run-1-1-abc"
    half.mkdir()
    (half / "overlay.webm").write_bytes(b"half")
    age(half, 48)
    assert services.sweep() == 2
    assert files_left() == ["overlay/kept.webm", "video/fresh.mp4", "video/kept.mp4"]


@pytest.mark.django_db
def test_deleting_a_student_frees_the_films_at_the_next_sweep() -> None:
    participant = make_participant(make_study())
    make_session(participant, video=stored("video/film.mp4"))
    participant.delete()
    assert not Session.objects.exists()
    services.sweep()
    assert files_left() == []


def test_an_incoming_folder_is_gone_with_everything_in_it_also_after_an_error() -> None:
    def fail() -> None:
        with media.incoming("test") as folder:
            (folder / "half").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(Path(settings.INCOMING_DIR).iterdir()) == []


@pytest.mark.django_db
def test_a_new_attempt_clears_what_dead_ones_left_and_nothing_of_the_living() -> None:
    run = services.start_run(make_session(make_participant(make_study())))
    AnalysisRun.objects.claim(run.pk, worker="w")
    for name in (f"run-{run.pk}-1-aaa", f"run-{run.pk}-2-bbb", "run-11111-1-ccc", "upload-ddd"):
        (Path(settings.INCOMING_DIR) / name).mkdir()
    services.clear_dead_attempts()
    assert {path.name for path in Path(settings.INCOMING_DIR).iterdir()} == {f"run-{run.pk}-1-aaa", "upload-ddd"}


def test_of_a_result_that_fails_half_way_no_file_stays(tmp_path: Path) -> None:
    made = tmp_path / "series.json"
    made.write_text("{}")

    def fail() -> None:
        with media.Shelf() as shelf:
            shelf.put(made)
            assert files_left() == [shelf.names["series"]]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert files_left() == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_told_from_other_trouble(number: int) -> None:
    assert media.is_full(OSError(number, "x"))
    assert not media.is_full(OSError(errno.EACCES, "x"))


def test_a_film_that_is_not_in_the_storage_is_said_to_be_missing(tmp_path: Path) -> None:
    def open_local(name: str) -> None:
        with media.local(name, tmp_path):
            pass

    with pytest.raises(media.MediaAwayError):
        open_local("video/gone.mp4")
    default_storage.save("video/another.mp4", ContentFile(b"film"))
    for name in ("", "video/gone.mp4"):
        with pytest.raises(media.FilmMissingError):
            open_local(name)


@pytest.mark.django_db
def test_the_command_reports_what_it_recovered() -> None:
    run = services.start_run(make_session(make_participant(make_study())))
    AnalysisRun.objects.claim(run.pk, worker="w")
    AnalysisRun.objects.update(heartbeat_at="2024-01-01T00:00:00Z")
    out = io.StringIO()
    call_command("reap", "--sweep", stdout=out)
    assert "queued again 1, failed as worker_lost 0, cancelled 0" in out.getvalue()
    assert "deleted 0 files" in out.getvalue()
