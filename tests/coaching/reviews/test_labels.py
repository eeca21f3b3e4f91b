"""Labels to train on: who is in, under which name, and that the trainer reads what the export writes."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from coaching.reviews import labels
from coaching.reviews.labels import collect, part_of, subject_of
from coaching.reviews.services import Opinion, add_repetition, review_repetition
from coaching.training.labels import CORRECT, INCORRECT
from coaching.training.reviews import is_export, reviewed_clips
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.models import Assessment
    from studies.models import Participant, User

pytestmark = pytest.mark.django_db

GOOD = Opinion("correct", (), 1.0, 2.5, 4.0)
BAD = Opinion("incorrect", ("hips_first", "bar_drift"), 5.0, 6.5, 8.0)


@pytest.fixture
def people() -> Personas:
    return make_personas()


def filmed(participant: Participant, content: bytes = b"film") -> Assessment:
    """A result whose film is in the storage."""
    session = make_session(participant, sha256=hashlib.sha256(content).hexdigest())
    default_storage.save(session.video, ContentFile(content))
    return make_result(session)


def say(assessment: Assessment, by: User, number: int, opinion: Opinion) -> None:
    review_repetition(assessment=assessment, number=number, by=by, opinion=opinion)


def export(people: Personas, out: Path, *options: str) -> list[dict[str, str]]:
    call_command("export_labels", str(out), "--study", str(people.study.pk), "--consent-checked", *options)
    with (out / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def about(out: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((out / "about.json").read_text())
    return read


def test_nothing_is_written_before_consent_is_known(people: Personas, tmp_path: Path) -> None:
    say(filmed(people.participant), people.instructor, 1, GOOD)
    with pytest.raises(CommandError, match="does not ask for consent in LiftLab"):
        call_command("export_labels", str(tmp_path / "out"), "--study", str(people.study.pk))
    assert not (tmp_path / "out").exists()


def test_a_row_holds_the_label_and_no_name(people: Personas, tmp_path: Path) -> None:
    assessment = filmed(people.participant)
    say(assessment, people.instructor, 2, BAD)
    (row,) = export(people, tmp_path / "out")
    film = b"film"
    assert {key: row[key] for key in ("sha256", "repetition", "added", "view", "label", "faults", "reviewers")} == {
        "sha256": hashlib.sha256(film).hexdigest(),
        "repetition": "2",
        "added": "0",
        "view": "front",
        "label": "incorrect",
        "faults": "hips_first bar_drift",
        "reviewers": "1",
    }
    assert [float(row[key]) for key in ("start_s", "lockout_s", "end_s", "machine_p_correct")] == [5.0, 6.5, 8.0, 0.12]
    assert (row["machine_verdict"], row["film"]) == ("incorrect", default_storage.path(assessment.run.session.video))
    text = (tmp_path / "out" / "labels.csv").read_text() + (tmp_path / "out" / "about.json").read_text()
    user = people.student
    for secret in (user.username, user.last_name, people.participant.code, str(assessment.run.session_id)):
        assert secret not in text
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_a_label_is_blind_when_each_of_its_reviewers_was(people: Personas, tmp_path: Path) -> None:
    assessment = filmed(people.participant)
    unseen = replace(GOOD, unseen=True)
    for by in (people.instructor, people.owner):
        say(assessment, by, 1, unseen)
    say(assessment, people.instructor, 2, replace(BAD, unseen=True))
    say(assessment, people.owner, 2, BAD)
    rows = export(people, tmp_path / "out")
    assert [(row["repetition"], row["reviewers"], row["blind"]) for row in rows] == [("1", "2", "1"), ("2", "2", "0")]
    assert about(tmp_path / "out")["schema"] == 2


def test_one_student_is_one_subject_in_every_study_and_export(people: Personas) -> None:
    again = make_participant(people.other_study, user=people.student)
    for participant in (people.participant, again):
        say(filmed(participant, participant.code.encode()), people.superuser, 1, GOOD)
    rows = collect([people.study, people.other_study]).rows
    assert {row.subject for row in rows} == {subject_of(people.student.pk)}
    assert subject_of(people.student.pk) != subject_of(people.classmate.pk)


def test_about_a_quarter_of_the_students_is_held_out_always_the_same_ones() -> None:
    subjects = [subject_of(pk) for pk in range(1, 401)]
    held_out = {subject for subject in subjects if part_of(subject) == "held_out"}
    assert 70 <= len(held_out) <= 130  # binomial(400, 1/4): three and a half standard deviations
    assert held_out == {subject for subject in reversed(subjects) if part_of(subject) == "held_out"}


def test_who_said_no_is_left_out_and_counted_in_every_study(people: Personas, tmp_path: Path) -> None:
    again = make_participant(people.other_study, user=people.student)
    say(filmed(people.participant), people.superuser, 1, GOOD)
    say(filmed(again, b"other"), people.superuser, 1, GOOD)
    say(filmed(make_participant(people.study), b"third"), people.superuser, 1, GOOD)
    more = ("--study", str(people.other_study.pk), "--leave-out", people.participant.code)
    rows = export(people, tmp_path / "out", *more)
    assert len(rows) == 1
    assert about(tmp_path / "out")["left_out"] == {"student_left_out": 2}


def test_a_misspelt_code_lets_nobody_in(people: Personas, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No student of these studies has the code nobody"):
        export(people, tmp_path / "out", "--leave-out", "nobody")
    with pytest.raises(CommandError, match="no study 0"):
        export(people, tmp_path / "out", "--study", "0")


def test_reviewers_who_disagree_make_no_label_and_who_agree_make_one(people: Personas) -> None:
    assessment = filmed(people.participant)
    say(assessment, people.instructor, 1, GOOD)
    say(assessment, people.owner, 1, Opinion("incorrect", (), 1.0, 2.5, 4.0))
    say(assessment, people.instructor, 2, BAD)
    say(assessment, people.owner, 2, Opinion("incorrect", ("hips_first",), 5.2, 6.6, 8.0))
    found = collect([people.study])
    (row,) = found.rows
    assert (row.repetition, row.reviewers, row.faults) == (2, 2, "hips_first"), "the fault that both have named"
    assert (row.start_s, row.lockout_s, row.end_s) == (5.1, 6.55, 8.0)
    assert found.left_out == {"reviewers_disagree": 2}


def test_an_older_result_and_what_was_taken_back_make_no_label(people: Personas) -> None:
    assessment = filmed(people.participant)
    say(assessment, people.owner, 1, GOOD)
    newer = make_result(assessment.run.session)
    say(newer, people.instructor, 1, GOOD)
    missed = Opinion("correct", (), 8.1, 8.4, 8.9)
    add_repetition(assessment=newer, by=people.instructor, opinion=missed)
    say(newer, people.instructor, 3, Opinion("not_a_repetition", (), 8.1, 8.4, 8.9))
    found = collect([people.study])
    assert [(row.repetition, row.label) for row in found.rows] == [(1, "correct")]
    assert found.left_out == {"older_result": 1, "taken_back": 1}


def test_a_film_that_is_gone_is_counted_not_exported(people: Personas, tmp_path: Path) -> None:
    assessment = filmed(people.participant)
    say(assessment, people.instructor, 1, GOOD)
    default_storage.delete(assessment.run.session.video)
    assert export(people, tmp_path / "out") == []
    assert about(tmp_path / "out")["left_out"] == {"film_missing": 1}


def test_the_trainer_reads_what_was_exported(people: Personas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "ONE_IN", 10**15)  # nobody is held out
    assessment = filmed(people.participant)
    say(assessment, people.instructor, 1, GOOD)
    say(assessment, people.instructor, 2, BAD)
    add_repetition(assessment=assessment, by=people.instructor, opinion=Opinion("correct", (), 8.1, 8.4, 8.9))
    other = filmed(make_participant(people.study), b"other")
    say(other, people.instructor, 1, Opinion("not_a_repetition", (), 1.0, 2.5, 4.0))
    out = tmp_path / "out"
    assert len(export(people, out, "--copy-films")) == 4
    default_storage.delete(assessment.run.session.video)  # the copy is enough
    assert is_export(out)
    (clip,) = reviewed_clips(out, "train")
    assert clip.subject == subject_of(people.student.pk)
    assert clip.path == out / "films" / f"{clip.sha256}.mp4"
    assert [(rep.number, rep.label, rep.lockout_s, rep.faults) for rep in clip.repetitions] == [
        (1, CORRECT, 2.5, ()),
        (2, INCORRECT, 6.5, ("hips_first", "bar_drift")),
        (3, CORRECT, 8.4, ()),
    ]
    assert reviewed_clips(out, "held_out") == []


def test_held_out_students_are_not_read_for_training(
    people: Personas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "ONE_IN", 1)  # everybody is held out
    say(filmed(people.participant), people.instructor, 1, GOOD)
    export(people, tmp_path / "out")
    assert reviewed_clips(tmp_path / "out", "train") == []
    assert len(reviewed_clips(tmp_path / "out", "held_out")) == 1


def test_a_film_that_changed_stops_the_trainer_and_one_that_is_gone_does_not(
    people: Personas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "ONE_IN", 10**15)
    say(filmed(people.participant), people.instructor, 1, GOOD)
    export(people, tmp_path / "out", "--copy-films")
    (film,) = (tmp_path / "out" / "films").iterdir()
    film.write_bytes(b"another film")
    with pytest.raises(ValueError, match="not the film that was reviewed"):
        reviewed_clips(tmp_path / "out", "train")
    film.unlink()
    assert reviewed_clips(tmp_path / "out", "train") == []


def test_without_an_export_the_trainer_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="export_labels"):
        reviewed_clips(tmp_path, "train")
    (tmp_path / "labels.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="not a table of labels"):
        reviewed_clips(tmp_path, "train")
