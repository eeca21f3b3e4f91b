"""Which file is a session's film: the upload, then its copy without sound and place; and which file is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from coaching import media
from coaching.models import AnalysisRun, Session, media_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.db.models import QuerySet


def replace_by_stripped(session: Session, made: Path, sha256: str, *, may: Callable[[], bool]) -> bool:
    """Make the finished file `made` the session's film. False: `may` said no, or somebody was faster; nothing changed.

    `may` is asked in the transaction that names the new file. The old file stays: `media.discard` it, or leave it to
    the sweep. What dies anywhere in here leaves at most a file that no row names, and that is the sweep's.
    """
    name = media_path("video", made.suffix)
    media.keep(made, name)
    with transaction.atomic():
        same = Session.objects.filter(pk=session.pk, video=session.video)
        won = may() and same.update(video=name, stored_sha256=sha256, kept_as_sent="") == 1
    if not won:
        media.discard(name)
        return False
    session.video, session.stored_sha256, session.kept_as_sent = name, sha256, ""
    return True


def note_kept_as_sent(session: Session, code: str) -> None:
    Session.objects.filter(pk=session.pk, stored_sha256="").update(kept_as_sent=code[:40])
    session.kept_as_sent = code[:40]


def has_no_open_run(session: Session) -> bool:
    return not AnalysisRun.objects.open().filter(session=session).exists()


def left_as_sent() -> QuerySet[Session]:
    """Films that nobody has tried to strip and no run is about to: stopped while they waited, or older than that."""
    open_runs = AnalysisRun.objects.open().values("session")
    rows = Session.objects.filter(stored_sha256="", kept_as_sent="").exclude(video="")
    return rows.exclude(pk__in=open_runs).order_by("uploaded_at")


def shown_film(session: Session, *, own: bool) -> str:
    """Storage name of what a page plays and offers; empty when there is nothing to show to this reader.

    A file that still has its sound and place in it is for the student alone.
    """
    return session.playable or (session.video if own or session.stored_sha256 else "")
