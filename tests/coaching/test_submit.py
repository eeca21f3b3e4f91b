"""The one door for films: what is kept, what is refused, and what is left on the disk."""

from __future__ import annotations

import hashlib
import resource
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile

from coaching.models import Session
from coaching.services import refuse_video, submit_video
from tests.coaching.films import MP4_HEAD, files_left, film_file, write_film
from tests.factory import make_participant, make_study

if TYPE_CHECKING:
    from pytest_django import Settings

    from studies.models import Participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant() -> Participant:
    return make_participant(make_study())


def submit(participant: Participant, content: bytes = MP4_HEAD, name: str = "set.mp4") -> Session:
    return submit_video(participant=participant, uploaded_by=None, file=film_file(content, name), name=name)


def test_a_film_is_kept_whole_under_a_name_that_says_nothing(participant: Participant) -> None:
    session = submit(participant, MP4_HEAD, "Aigerim squat-rack.mp4")
    assert session.rejected_code == ""
    assert session.size_bytes == len(MP4_HEAD)
    assert session.sha256 == hashlib.sha256(MP4_HEAD).hexdigest()
    assert default_storage.open(session.video).read() == MP4_HEAD
    assert files_left() == [session.video]
    folder, name = session.video.split("/")
    assert folder == "video"
    assert len(name) == len("0" * 32 + ".mp4")
    assert "Aigerim" not in session.video


def test_a_temporary_upload_is_moved_not_copied(participant: Participant) -> None:
    with TemporaryUploadedFile("set.mp4", "video/mp4", 0, None) as upload:
        upload.write(MP4_HEAD)
        upload.flush()
        upload.seek(0)
        inode = Path(upload.temporary_file_path()).stat().st_ino
        session = submit_video(participant=participant, uploaded_by=None, file=upload, name="set.mp4")
        assert Path(default_storage.path(session.video)).stat().st_ino == inode
    assert files_left() == [session.video]


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm", "avi"])
def test_each_common_container_is_taken(participant: Participant, tmp_path: Path, ending: str) -> None:
    film = write_film(tmp_path / f"film.{ending}", seconds=0.5)
    with film.open("rb") as handle:
        session = submit_video(participant=participant, uploaded_by=None, file=File(handle), name=film.name)
    assert session.rejected_code == ""


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "set.mp4", "empty_file"),
        (b"%PDF-1.7 not a film" * 10, "set.mp4", "not_a_video"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), "photo.mp4", "not_a_video"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "IMG_0001.mov", "not_a_video"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "list.mp4", "not_a_video"),
    ],
    ids=["empty", "pdf", "jpeg", "heic photo", "playlist"],
)
def test_what_is_not_a_film_leaves_a_row_and_no_file(
    participant: Participant, content: bytes, name: str, code: str
) -> None:
    session = submit(participant, content, name)
    assert (session.rejected_code, session.video) == (code, "")
    assert session.original_name == name
    assert session.size_bytes == len(content)
    assert files_left() == []


def test_a_film_with_a_foreign_ending_is_taken_by_its_content(participant: Participant) -> None:
    session = submit(participant, MP4_HEAD, "set.pdf")
    assert session.rejected_code == ""
    assert session.video.endswith(".mp4")


def test_the_same_film_of_the_same_student_is_a_duplicate_that_points_to_the_first(participant: Participant) -> None:
    first, second = submit(participant), submit(participant, name="again.mp4")
    assert second.rejected_code == "duplicate"
    assert second.duplicate_of == first
    assert files_left() == [first.video]


def test_the_same_film_of_another_student_is_no_duplicate(participant: Participant) -> None:
    submit(participant)
    assert submit(make_participant(participant.study)).rejected_code == ""


def test_a_refused_film_may_come_again(participant: Participant) -> None:
    submit(participant, b"nonsense")
    assert submit(participant, b"nonsense").rejected_code == "not_a_video"


def test_a_film_over_the_limit_is_not_kept(participant: Participant, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    session = submit(participant, MP4_HEAD + bytes(1_000_000))
    assert session.rejected_code == "too_large"
    assert session.size_bytes == len(MP4_HEAD) + 1_000_000
    assert files_left() == []


def test_a_film_of_exactly_the_limit_is_kept(participant: Participant, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    assert submit(participant, MP4_HEAD + bytes(1_000_000 - len(MP4_HEAD))).rejected_code == ""


def test_a_full_disk_is_said_and_leaves_no_half_film(participant: Participant) -> None:
    """The operating system refuses to let a file grow, as on a full disk or behind a quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, hard))
    try:
        session = submit(participant, MP4_HEAD + bytes(5_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (session.rejected_code, session.video) == ("storage_full", "")
    assert files_left() == []


def test_a_name_keeps_no_path_and_no_control_characters(participant: Participant) -> None:
    assert submit(participant, name="../../etc/\x00set\n.mp4").original_name == "set.mp4"
    assert len(submit(participant, MP4_HEAD + b"1", name="x" * 400 + ".mp4").original_name) == 255


def test_a_film_refused_before_it_arrived_has_a_row_too(participant: Participant) -> None:
    session = refuse_video(
        participant=participant, uploaded_by=participant.user, name="long.mp4", size=3 * 10**9, code="too_large"
    )
    assert Session.objects.get().size_bytes == 3 * 10**9
    assert session.uploaded_by == participant.user
