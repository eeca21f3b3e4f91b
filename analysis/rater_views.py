"""How far raters agree with each other and with the coach: a page and its API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from analysis.rater_tables import difference_plot, figures_table, points_table
from analysis.raters import rater_report
from analysis.tables import Cell, Row, Table
from studies.access import study_for

if TYPE_CHECKING:
    from django.http import HttpResponse

    from analysis.raters import Compared, OutcomeSource
    from studies.requests import SignedInRequest


@require_safe
@cache_control(private=True, no_store=True)
def raters(request: SignedInRequest, pk: int) -> HttpResponse:
    """Figures and plots of differences; films by the students' codes, never by name or group."""
    study = study_for(request.user, pk, staff=True, whole=True)
    found = rater_report(study)
    context = {
        "study": study,
        "report": found,
        "pairs": [_part(pair, unit=_("points")) for pair in found.pairs],
        "coach": _part(found.coach, unit=_("percent")) if found.coach else None,
        "sources": _sources(found.sources),
    }
    return render(request, "analysis/raters.html", context)


def _part(found: Compared, *, unit: str) -> dict[str, Any]:
    return {
        "found": found,
        "table": figures_table(found, unit=unit),
        "points": points_table(found),
        "plot": difference_plot(found),
    }


def _sources(sources: tuple[OutcomeSource, ...]) -> Table:
    head = (Cell(_("Outcome")), Cell(_("Values")), Cell(_("From raters")))
    body = tuple(Row((Cell(one.name),), (Cell(str(one.values)), Cell(str(one.rated)))) for one in sources)
    return Table("sources", _("Values by where they come from"), 1, (head,), body)
