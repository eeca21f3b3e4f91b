"""The dry run of a study: assumptions in, a filled report of invented data and the expected power out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analysis.dryrun.forms import WORDS, DryRunForm
from analysis.dryrun.services import make_dry_run
from analysis.format import spss
from analysis.models import DryRun
from analysis.plans.fields import PlanError
from analysis.plans.words import test_name
from studies.access import SEES_NAMES, role_in, study_for
from studies.errors import StudyError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from studies.requests import SignedInRequest

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def dry_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form, and the last dry runs with what each expects."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    form = DryRunForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = make_dry_run(study=study, by=request.user, assumptions=form.assumptions())
        except (PlanError, StudyError) as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("The dry run is made; its report is on the way."))
            assert made.report is not None
            return redirect("analysis:frozen", pk=made.report.pk)
    runs = DryRun.objects.filter(study=study).select_related("made_by")[:10]
    context = {
        "study": study,
        "form": form,
        "runs": [(run, _figures(run), _assumed(run)) for run in runs],
        "may_write": role_in(request.user, study) in SEES_NAMES,
        "is_invented": DryRun.objects.filter(copy=study).exists(),
    }
    return render(request, "analysis/dryrun/dry_run.html", context, status=REFUSED if form.errors else 200)


def _figures(run: DryRun) -> list[dict[str, str]]:
    """The expected figures as the table prints them."""
    return [
        {
            "key": row["key"],
            "test": test_name(row["test"]),
            "power": f"{100 * row['power']:.1f} %",
            "error": f"± {196 * row['power_se']:.1f} %",
            "width": "–" if row["width"] is None else spss(row["width"], decimals=2),
            "trials": f"{row['trials']:,}",
        }
        for row in run.expected
    ]


def _assumed(run: DryRun) -> list[tuple[str, object]]:
    return [(str(WORDS[name][0]), value) for name, value in run.assumptions.items() if name in WORDS]
