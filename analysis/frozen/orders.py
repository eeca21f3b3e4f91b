"""A frozen report as a file: asked for on a page, made by a worker. Light, since it is loaded at every start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from studies.jobs.kinds import Kind, Made
from studies.jobs.services import start

if TYPE_CHECKING:
    from analysis.models import FrozenReport
    from studies.jobs.kinds import Work
    from studies.models import Job, User


def order(report: FrozenReport, key: str, *, by: User) -> Job:
    """Ask for the report in one format. Raises KeyError for a format that there is not."""
    from analysis.render.formats import FORMATS

    return start(kind=KIND.key, by=by, study=report.study, params={"report": report.pk, "format": FORMATS[key].key})


def may_have(user: User, job: Job) -> bool:
    """Who asked, while they may read the report; asked anew at every look."""
    from analysis.frozen.seen import report_for

    try:
        report_for(user, job.params["report"])
    except (Http404, PermissionDenied):
        return False
    return True


def make(work: Work) -> Made:
    """The file, with the groups as the person who asked may read them."""
    from analysis.frozen.renderings import make_file

    return make_file(work)


KIND = Kind("report", _("Report"), make, may=may_have)
