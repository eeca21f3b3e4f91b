"""What a page or the API may show of a session to one reader: gated and put into words in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _

from coaching.access import Viewer
from coaching.codes import NOTICE, advice_for, upload_advice
from coaching.models import AnalysisRun

if TYPE_CHECKING:
    from coaching.models import Assessment, Session
    from studies.models import User

Status = Literal["rejected", "waiting", "running", "failed", "cancelled", "refused", "done"]

# Names that phones and browsers give to what FFmpeg calls by its demuxer.
USUAL_ENDINGS = {
    "mov": {".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2"},
    "matroska": {".mkv", ".webm"},
    "avi": {".avi"},
    "mpegts": {".ts", ".mts", ".m2ts"},
    "mpeg": {".mpg", ".mpeg"},
}


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session for one reader. `assessment` is None while there is none, and where it is `withheld`.

    `code` and `advice` say why there is no result or no judgement: a refused upload, a failed run, a refused film.
    """

    session: Session
    run: AnalysisRun | None
    assessment: Assessment | None
    status: Status
    code: str
    advice: str
    withheld: bool
    student: str
    sees_film: bool
    may_write: bool
    viewer: Viewer

    @property
    def sealed(self) -> bool:
        """This reader may review the set and has not opened the result: what the coach said is not for lists yet."""
        return self.assessment is not None and self.viewer.may_review_blind(self.session)

    @property
    def is_open(self) -> bool:
        return self.status in {"waiting", "running"}

    @property
    def progress_mark(self) -> str:
        """Changes whenever the status page has something new to say."""
        run = self.run
        return f"{run.state}-{run.stage}-{run.percent}-{int(run.cancel_requested)}" if run else self.status

    @property
    def document(self) -> dict[str, Any] | None:
        return self.assessment.document if self.assessment else None


def result_of(run: AnalysisRun | None) -> Assessment | None:
    """The result of a finished run, whoever may see it."""
    return getattr(run, "assessment", None) if run and run.state == AnalysisRun.State.DONE else None


def view_session(session: Session, viewer: Viewer) -> SessionView:
    """Needs the session with participant, study, arm and user loaded; asks for the runs if they were not prefetched."""
    run = session.latest_run
    made = result_of(run)
    status = _status(session, run, made)
    allowed = viewer.sees_ai_feedback(session.participant)
    shown = made if allowed else None
    if made and not allowed:
        status = "done"  # that the film was not judged is feedback too
    code, advice = _reason(session, run, shown, status)
    named = viewer.sees_name(session.participant)
    return SessionView(
        session=session,
        run=run,
        assessment=shown,
        status=status,
        code=code,
        advice=advice,
        withheld=bool(made) and not allowed,
        student=viewer.name_of(session.participant),
        sees_film=viewer.sees_film(session.participant) and bool(session.video),
        may_write=named,
        viewer=viewer,
    )


def view_for(user: User, session: Session) -> SessionView:
    return view_session(session, Viewer(user))


def _status(session: Session, run: AnalysisRun | None, made: Assessment | None) -> Status:
    if session.rejected_code:
        return "rejected"
    if made:
        return "refused" if made.refused_code else "done"
    by_state: dict[str, Status] = {
        AnalysisRun.State.QUEUED: "waiting",
        AnalysisRun.State.RUNNING: "running",
        AnalysisRun.State.CANCELLED: "cancelled",
    }
    return by_state.get(run.state, "failed") if run else "waiting"


def _reason(session: Session, run: AnalysisRun | None, made: Assessment | None, status: Status) -> tuple[str, str]:
    if status == "rejected":
        return session.rejected_code, upload_advice(session.rejected_code)
    if status == "failed" and run:
        return run.failure_code, advice_for(run.failure_code)
    if status == "cancelled":
        return "cancelled", _("The analysis was stopped. Your film is kept; run it again whenever you like.")
    if made and made.refused_code:
        return made.refused_code, advice_for(made.refused_code, made.document["refused"]["advice"])
    return "", ""


def notices(view: SessionView) -> list[dict[str, str]]:
    """What to know beside a result: the engine's notices, and a name that does not fit the content."""
    found: list[dict[str, str]] = []
    session = view.session
    ending = f".{session.original_name.rpartition('.')[2].lower()}" if "." in session.original_name else ""
    if view.sees_film and ending and ending not in USUAL_ENDINGS.get(session.container, {ending}):
        found.append({"code": "wrong_extension", "advice": str(NOTICE["wrong_extension"])})
    if view.sees_film and session.kept_as_sent and not session.rejected_code:
        found.append({"code": "kept_as_sent", "advice": str(NOTICE["kept_as_sent"])})
    said = (view.document or {}).get("notices", [])
    return [*found, *({"code": item["code"], "advice": advice_for(item["code"], item["advice"])} for item in said)]


def queue_ahead(run: AnalysisRun) -> int:
    """How many runs are waiting or in analysis before this one."""
    return AnalysisRun.objects.open().filter(created_at__lt=run.created_at).count()
