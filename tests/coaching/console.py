"""One process inside an installation under test: reads a call a line, answers a line. Not a test.

python -m tests.coaching.console     {"call": "submit", "path": "film.mp4"}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from collections.abc import Callable


def enrol() -> int:
    from tests.factory import make_participant, make_study

    study = make_study()
    return make_participant(study, arm=study.arms.get(key="a")).pk


def submit(*, path: str, participant: int | None = None) -> dict[str, Any]:
    """Keep a film for a new student (so that it is no duplicate) and start its run, as a page does."""
    from django.core.files import File

    from coaching.services import start_run, submit_video
    from studies.models import Participant

    lifter = Participant.objects.get(pk=participant or enrol())
    with Path(path).open("rb") as handle:
        session = submit_video(participant=lifter, uploaded_by=None, file=File(handle), name=Path(path).name)
    run = None if session.rejected_code else start_run(session).pk
    return {"session": str(session.pk), "rejected_code": session.rejected_code, "run": run}


def look(*, run: int) -> dict[str, Any]:
    from coaching.models import AnalysisRun, Assessment

    names = ("state", "attempt", "handed_back", "stage", "percent", "failure_code", "worker", "cancel_requested")
    row = AnalysisRun.objects.values(*names).get(pk=run)
    made = Assessment.objects.filter(run=run)
    document = made.values_list("document", flat=True).first()
    return {**row, "assessments": made.count(), "document": document}


def files() -> list[str]:
    """Everything that belongs to films, in the storage and in the making."""
    from django.conf import settings
    from django.core.files.storage import default_storage

    from coaching.media import KINDS
    from tests.coaching.films import files_left

    if not settings.S3_BUCKET:
        return files_left()
    stored = [f"{kind}/{name}" for kind in KINDS for name in default_storage.listdir(kind)[1]]
    return sorted(stored + files_left())


def named_files() -> list[str]:
    """All files that a row names."""
    from coaching.models import Assessment, Session, Still

    names: set[str] = set()
    for films in Session.objects.values_list("video", "playable"):
        names.update(films)
    for row in Assessment.objects.values_list("series", "arrays", "overlay", "poster"):
        names.update(row)
    names.update(Still.objects.values_list("image", flat=True))
    return sorted(names - {""})


def rejected() -> list[tuple[str, int, str]]:
    from coaching.models import Session

    rows = Session.objects.exclude(rejected_code="").order_by("uploaded_at")
    return list(rows.values_list("rejected_code", "size_bytes", "original_name"))


def cancel(*, run: int) -> None:
    from coaching.models import AnalysisRun
    from coaching.services import cancel_run

    cancel_run(AnalysisRun.objects.get(pk=run))


def send_again(*, run: int) -> None:
    from coaching.tasks import process_run

    process_run.delay(run)


def is_writable() -> bool:
    """Whether nobody holds the database. A stopped process might."""
    from django.db import OperationalError

    from studies.models import Study

    try:
        Study.objects.update(summary="")
    except OperationalError:
        return False
    return True


def everything() -> list[dict[str, Any]]:
    """Every session: whose, what came of its runs, and how many results are stored for it."""
    from coaching.models import Assessment, Session

    return [
        {
            "name": session.original_name,
            "rejected_code": session.rejected_code,
            "runs": list(session.runs.order_by("pk").values_list("state", flat=True)),
            "assessments": Assessment.objects.filter(run__session=session).count(),
        }
        for session in Session.objects.order_by("uploaded_at", "pk")
    ]


def sweep() -> int:
    """As if a day had gone by."""
    from coaching.media import sweep

    return sweep(set(named_files()), older_than_s=-10.0)


def newest_run() -> int | None:
    from coaching.models import AnalysisRun

    return AnalysisRun.objects.order_by("-pk").values_list("pk", flat=True).first()


def student() -> str:
    """A new student who may sign in with `tests.factory.PASSWORD`; returns the user's name."""
    from studies.models import Participant

    return Participant.objects.get(pk=enrol()).user.username


CALLS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(enrol, submit, look, files, named_files, rejected, cancel, send_again, is_writable),
        *(everything, newest_run, student, sweep),
    )
}


def main() -> None:
    django.setup()
    from django.db import connection

    for line in sys.stdin:
        call = json.loads(line)
        connection.close_if_unusable_or_obsolete()  # the test may have stopped the database since the last call
        answer = CALLS[call.pop("call")](**call)
        sys.stdout.write(json.dumps({"answer": answer}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
