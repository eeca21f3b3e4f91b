"""The world of the table: one study with everything that a route can name, and the people of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from coaching.models import AnalysisRun, Assessment, PendingUpload, RepetitionRecord, Session, Still
from studies.closing.looks import take_look
from studies.invitations import invite
from studies.models import Participant
from studies.plans import commit_plan
from studies.randomise.design import COMPLETE, Design
from studies.roster.imports import preview
from tests.factory import Personas, make_class, make_measurement, make_outcome, make_personas


@dataclass(frozen=True, slots=True)
class World:
    """One study with everything that a route can name, and the people of another."""

    people: Personas
    session: Session
    session_of_control: Session
    session_in_analysis: Session
    upload: PendingUpload


def _session(participant: Participant, *, state: str = AnalysisRun.State.DONE) -> Session:
    """A film with its result, every file of it stored."""

    def stored(name: str) -> str:
        return default_storage.save(name, ContentFile(b"{}"))

    about = {"video": stored("house/film.mp4"), "container": "mov", "stored_sha256": "0" * 64}
    session = Session.objects.create(participant=participant, **about)
    run = AnalysisRun.objects.create(session=session, state=state)
    if state == AnalysisRun.State.DONE:
        files = {kind: stored(f"house/{kind}") for kind in ("overlay.webm", "poster.jpg", "series.json")}
        assessment = Assessment.objects.create(
            run=run,
            document=DOCUMENT,
            overlay=files["overlay.webm"],
            poster=files["poster.jpg"],
            series=files["series.json"],
        )
        RepetitionRecord.objects.create(assessment=assessment, number=1, start_s=1.0, lockout_s=2.0, end_s=3.0)
        picture = {"purpose": "cue", "fault": "hips_first", "number": 1, "at_s": 1.0}
        Still.objects.create(assessment=assessment, image=stored("house/still.jpg"), **picture)
    return session


DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "clip": "film.mp4",
    "view": "side",
    "refused": None,
    "notices": [],
    "stance": {"label": None, "score": None, "observable": False},
    "lean": {"label": None, "score": None, "observable": False},
    "reps": [],
    "feedback": [],
    "model": {"name": "none", "version": "0"},
}


def make_world() -> World:
    people = make_personas()
    control = Participant.objects.get(user=people.classmate)
    make_class(people.study, 2, allocate=True)
    commit_plan(study=people.study, by=people.owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    invite(study=people.study, by=people.owner, uses_max=5, days=1)
    student = people.student
    line = f"{student.first_name} {student.last_name},{student.username},nine"
    preview(study=people.study, by=people.owner, raw=f"name,user name,year\n{line}\n".encode())
    take_look(study=people.study, by=people.owner, reason="The safety board asked.")
    outcome = make_outcome(people.study)
    for participant in (people.participant, control):
        make_measurement(outcome, participant, 1.0)
    return World(
        people=people,
        session=_session(people.participant),
        session_of_control=_session(control),
        session_in_analysis=_session(people.participant, state=AnalysisRun.State.RUNNING),
        upload=PendingUpload.objects.create(
            participant=people.participant, uploaded_by=people.student, original_name="film.mp4", size_bytes=1000
        ),
    )


def study(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk}


def participant(world: World) -> dict[str, object]:
    return {"pk": world.people.participant.pk}
