"""From a number to what it was made of: the value, the student's code, lessons, films, runs, models, raters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.http import Http404

from coaching.models import AnalysisRun, RepetitionReview, Session
from studies.access import students_of
from studies.models import Participant, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.frozen.snapshot import Frozen
    from analysis.models import FrozenReport
    from analysis.plans.findings import Finding
    from analysis.plans.people import Person
    from studies.models import User


@dataclass(frozen=True, slots=True)
class Link:
    """One value of a finding. `opens`: the reader works with this student and may follow it further."""

    code: str
    arm: str
    value: float
    opens: bool


@dataclass(frozen=True, slots=True)
class Film:
    """One session on film with its newest finished run: which model said what, and who looked at it after."""

    session: Session
    run: AnalysisRun | None
    model: str
    model_sha256: str
    pipeline: str
    repetitions: int
    raters: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one student's numbers now; None where the row is gone or withdrawn."""

    person: Person
    participant: Participant | None
    lessons: Sequence[TrainingSession]
    films: tuple[Film, ...]


def links(user: User, report: FrozenReport, finding: Finding) -> list[Link]:
    """Every value that entered a test, by code. 1 query."""
    mine = set(students_of(user, report.study).values_list("code", flat=True))
    return [
        Link(code, group.key, value, code in mine)
        for group in finding.groups
        for code, value in zip(group.codes, group.values, strict=True)
    ]


def behind(user: User, report: FrozenReport, frozen: Frozen, code: str) -> Behind:
    """The chain of one student. Raises Http404 for a code that is not in the report, or not the reader's to see."""
    person = next((person for person in frozen.data.people if person.code == code), None)
    if person is None:
        raise Http404("no such code in this report")
    participant = students_of(user, report.study).filter(code=code).first()
    if participant is None and Participant.objects.filter(study=report.study, code=code).exists():
        raise Http404("not this reader's student")
    withdrawn = participant is None or report.withdrawn.filter(participant=participant).exists()
    if participant is None or withdrawn:
        return Behind(person, None, (), ())
    lessons = list(TrainingSession.objects.filter(participant=participant).order_by("held_on", "pk"))
    return Behind(person, participant, lessons, _films(participant))


def _films(participant: Participant) -> tuple[Film, ...]:
    """3 queries, whatever the number of films."""
    done = AnalysisRun.objects.filter(state=AnalysisRun.State.DONE).select_related("assessment")
    reviews = RepetitionReview.objects.only("session_id", "reviewer_id")
    rows = (
        Session.objects.filter(participant=participant, rejected_code="")
        .prefetch_related(Prefetch("runs", done), Prefetch("reviews", reviews))
        .order_by("uploaded_at", "pk")
    )
    return tuple(_film(session) for session in rows)


def _film(session: Session) -> Film:
    run = session.latest_run
    assessment = getattr(run, "assessment", None) if run else None
    model = assessment.document.get("model") or {} if assessment else {}
    return Film(
        session=session,
        run=run,
        model=f"{model.get('name', '')} {model.get('version', '')}".strip(),
        model_sha256=assessment.model_sha256 if assessment else "",
        pipeline=run.pipeline_version if run else "",
        repetitions=assessment.rep_count if assessment else 0,
        raters=len({review.reviewer_id for review in session.reviews.all()}),
    )
