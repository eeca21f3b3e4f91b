"""What keeps a study from being closed: films that wait for their analysis or are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import ngettext

from coaching.models import AnalysisRun
from studies.closing.rules import OpenWork

if TYPE_CHECKING:
    from studies.models import Study


def open_runs(study: Study) -> OpenWork | None:
    """The runs that are in the queue or running; None when there is none."""
    count = AnalysisRun.objects.open().filter(session__participant__study=study).count()
    text = ngettext(
        "%(count)d film is still waiting for its analysis or in it. Wait until it is done, or cancel it on the page of "
        "its set, then close the study.",
        "%(count)d films are still waiting for their analysis or in it. Wait until they are done, or cancel them on "
        "the pages of their sets, then close the study.",
        count,
    )
    return OpenWork("runs_open", count, text % {"count": count}) if count else None
