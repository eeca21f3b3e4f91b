"""The instructors' reviews as labels to train on: one row a repetition, by pseudonym, and what was left out and why."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import TYPE_CHECKING, Literal

from django.utils import timezone
from django.utils.crypto import salted_hmac

from coaching import media
from coaching.models import RepetitionRecord, RepetitionReview
from coaching.reviews.selectors import counted
from coaching.vision.vocabulary import FAULT_NAMES
from studies.consent.scopes import TRAINING
from studies.consent.selectors import refusing
from studies.models import Participant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from studies.models import Study

Reason = Literal["student_left_out", "older_result", "reviewers_disagree", "taken_back", "film_missing"]
Part = Literal["train", "held_out"]

TABLE, ABOUT, FILMS = "labels.csv", "about.json", "films"
SCHEMA = 2
ONE_IN = 4
"""One student in so many is held out: their labels judge a new model, and no model is trained on them."""

Decision = RepetitionReview.Decision


@dataclass(frozen=True, slots=True)
class Label:
    """A row of the table. `film` is a path on this machine, or, copied, relative to the table's folder.

    Times in seconds from the first picture: the median of the reviewers'. `faults`: named by more than half of them,
    apart by spaces. `blind`: each of them said so before having seen the coach's result.
    `machine_*`: what the coach said; empty where it did not find the repetition or gave no verdict.
    """

    film: str
    sha256: str
    subject: str
    part: Part
    view: str
    repetition: int
    added: bool
    start_s: float
    lockout_s: float
    end_s: float
    label: str
    faults: str
    reviewers: int
    blind: bool
    reviewed_at: str
    machine_verdict: str
    machine_p_correct: float | None
    machine_model_sha256: str


@dataclass(frozen=True, slots=True)
class Labels:
    rows: tuple[Label, ...]
    left_out: dict[Reason, int]


def subject_of(user_pk: int) -> str:
    """The same student's pseudonym in every export and study of this installation; nothing leads back from it.

    It hangs on SECRET_KEY: after a change of that, held-out students can't be told from trained ones.
    """
    return f"s{salted_hmac('coaching.labels.subject', str(user_pk), algorithm='sha256').hexdigest()[:12]}"


def part_of(subject: str) -> Part:
    """Always the same for one subject, so that who is held out stays held out while the class grows."""
    return "held_out" if int(subject[1:], 16) % ONE_IN == 0 else "train"


def collect(studies: Iterable[Study], *, left_out: Collection[str] = ()) -> Labels:
    """The labels of these studies' reviews; `left_out` are codes of students who are not to be in it.

    Who is left out by a code, or agrees to no training, in one of the studies is left out of all of them. A repetition
    on whose decision its reviewers disagree is no label. Of a film analysed twice the newest result that has a review
    counts.
    """
    chosen = list(studies)
    students = Participant.objects.filter(study__in=chosen)
    refused = set(students.filter(code__in=left_out).values_list("user", flat=True))
    refused |= set(refusing(TRAINING, students).values_list("user", flat=True))
    rows = RepetitionReview.objects.filter(session__participant__study__in=chosen)
    rows = rows.select_related("session__participant", "assessment").order_by("pk")
    reviews = counted(rows)
    newest: dict[object, int] = {}
    for review in reviews:
        newest[review.session_id] = max(newest.get(review.session_id, 0), review.assessment_id)
    groups: dict[tuple[int, int], list[RepetitionReview]] = {}
    gone: Counter[Reason] = Counter()
    for review in reviews:
        if review.session.participant.user_id in refused:
            gone["student_left_out"] += 1
        elif newest[review.session_id] != review.assessment_id:
            gone["older_result"] += 1
        else:
            groups.setdefault((review.assessment_id, review.number), []).append(review)
    records = RepetitionRecord.objects.filter(assessment__in={assessment for assessment, _number in groups})
    machine = {(record.assessment_id, record.number): record for record in records}
    found = []
    for key, group in groups.items():
        reason = _no_label(group)
        if reason:
            gone[reason] += len(group)
        else:
            found.append(_label(group, machine.get(key)))
    return Labels(tuple(sorted(found, key=lambda one: (one.subject, one.sha256, one.start_s))), dict(gone))


def _no_label(group: Sequence[RepetitionReview]) -> Reason | None:
    if len({review.decision for review in group}) > 1:
        return "reviewers_disagree"
    if group[0].added and group[0].decision == Decision.NOT_A_REPETITION:
        return "taken_back"
    return None if group[0].session.video else "film_missing"


def _label(group: Sequence[RepetitionReview], record: RepetitionRecord | None) -> Label:
    first = group[0]
    subject = subject_of(first.session.participant.user_id)
    named = Counter(name for review in group for name in review.faults)
    return Label(
        film=first.session.video,
        sha256=first.session.sha256,
        subject=subject,
        part=part_of(subject),
        view=first.assessment.view,
        repetition=first.number,
        added=first.added,
        start_s=round(median(review.start_s for review in group), 3),
        lockout_s=round(median(review.lockout_s for review in group), 3),
        end_s=round(median(review.end_s for review in group), 3),
        label=first.decision,
        faults=" ".join(name for name in FAULT_NAMES if named[name] > len(group) / 2),
        reviewers=len(group),
        blind=all(review.blind for review in group),
        reviewed_at=max(review.reviewed_at for review in group).isoformat(timespec="seconds"),
        machine_verdict=record.verdict if record else "",
        machine_p_correct=record.p_correct if record else None,
        machine_model_sha256=first.assessment.model_sha256,
    )


def write(labels: Labels, folder: Path, *, copy_films: bool) -> Labels:
    """Write table, films (if asked) and an account of both; returns what was written.

    A label whose film is gone from the storage is left out and counted. The table comes last and by a rename, so that
    a half-written export is never read. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / TABLE).unlink(missing_ok=True)
    places = {name: _place(name, labels, folder, copy=copy_films) for name in sorted({row.film for row in labels.rows})}
    rows = [{**asdict(row), "film": places[row.film]} for row in labels.rows if places[row.film]]
    gone = dict(labels.left_out)
    if missing := len(labels.rows) - len(rows):
        gone["film_missing"] = gone.get("film_missing", 0) + missing
    kept = Labels(tuple(Label(**row) for row in rows), gone)
    (folder / ABOUT).write_text(json.dumps(_about(kept), indent=1) + "\n", encoding="utf-8")
    half = folder / f".{TABLE}.half"
    with half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Label)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "added": int(row["added"]), "blind": int(row["blind"])} for row in rows)
    half.replace(folder / TABLE)
    return kept


def _place(name: str, labels: Labels, folder: Path, *, copy: bool) -> str:
    """Where the table says the film is; empty when it is gone."""
    sha256 = next(row.sha256 for row in labels.rows if row.film == name)
    try:
        with media.incoming("labels") as room, media.local(name, room) as path:
            if not copy:
                return str(path)
            target = folder / FILMS / f"{sha256}{path.suffix}"
            target.parent.mkdir(exist_ok=True, mode=0o700)
            half = target.with_name(f".{target.name}.half")
            shutil.copyfile(path, half)
            half.replace(target)
            return target.relative_to(folder).as_posix()
    except media.FilmMissingError:
        return ""


def _about(labels: Labels) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "written_at": timezone.now().isoformat(timespec="seconds"),
        "rows": len(labels.rows),
        "students": len({row.subject for row in labels.rows}),
        "held_out_students": len({row.subject for row in labels.rows if row.part == "held_out"}),
        "left_out": labels.left_out,
        "consent": "Not recorded in LiftLab: whoever exported this said that these students have consented.",
    }
