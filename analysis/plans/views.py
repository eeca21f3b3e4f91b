"""The plan of a study: read it, take it as a file, bring another one; ask in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from analysis.format import percent
from analysis.frozen.page import section_of
from analysis.frozen.seen import findings_for
from analysis.models import AnalysisPlan
from analysis.plans.document import MOST_BYTES, Plan, read_text, require_fit
from analysis.plans.fields import PlanError
from analysis.plans.forms import PlanFileForm, QuestionForm
from analysis.plans.loading import load, names_of
from analysis.plans.services import (
    add_hypothesis,
    first_plan,
    last_version,
    newest_plan,
    plan_of,
    registered_plan,
    save_plan,
)
from analysis.plans.words import stage_words, test_name
from studies.access import SEES_NAMES, record_class_access, role_in, study_for
from studies.closing.looks import may_compare, why_not_yet
from studies.errors import StudyError
from studies.models import Outcome, Participant

if TYPE_CHECKING:
    from studies.models import Study
    from studies.requests import SignedInRequest

REFUSED = 422
LOOK = "answers by group"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def plan_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The newest plan in words, every version, and the form that takes a file."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    posted = request.method == "POST"
    form = PlanFileForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"seen_version": last_version(study)},
    )
    if form.is_valid() and _saved(request, study, form):
        return redirect("analysis:plan", pk=study.pk)
    newest = newest_plan(study)
    context = {
        "study": study,
        "form": form,
        "newest": newest,
        "plan": plan_of(newest) if newest else None,
        "stage": stage_words(newest.stage) if newest else "",
        "registered": registered_plan(study),
        "tests": [(row, test_name(row.test)) for row in plan_of(newest).hypotheses] if newest else [],
        "versions": AnalysisPlan.objects.filter(study=study).select_related("saved_by")[:50],
        "may_write": role_in(request.user, study) in SEES_NAMES,
        "has_outcomes": Outcome.objects.filter(study=study).exists(),
    }
    return render(request, "analysis/plans/plan.html", context, status=REFUSED if form.errors else 200)


def _saved(request: SignedInRequest, study: Study, form: PlanFileForm) -> bool:
    """Whether the file of a valid form became a version; else the form says why not."""
    given = form.cleaned_data
    try:
        plan = read_text(given["file"].read(MOST_BYTES + 1))
        saved = save_plan(
            study=study, by=request.user, plan=plan, reason=given["reason"], seen_version=given["seen_version"]
        )
    except PlanError as error:
        form.add_error("file", f"{error.where}: {error.advice}" if error.where else str(error.advice))
        return False
    except StudyError as error:
        form.add_error(None, str(error.advice))
        return False
    messages.success(request, _("The plan is saved as version %(version)d.") % {"version": saved.version})
    return True


@require_safe
@never_cache
def plan_file(request: SignedInRequest, pk: int, version: int) -> HttpResponse:
    """A version of the plan as a file; version 0 is a draft from the study's outcomes, which nobody saved."""
    study = study_for(request.user, pk, staff=True)
    if version:
        plan = plan_of(get_object_or_404(AnalysisPlan, study=study, version=version))
    else:
        try:
            plan = first_plan(study)
        except PlanError:
            raise Http404("the study has no outcome to plan a test for") from None
    name = f"{slugify(study.title)[:50].rstrip('-') or 'study'}-plan-{version or 'draft'}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(plan.text(), content_type="application/json", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """A question in plain words, answered once groups may be compared; POST puts it into the plan."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    asked = request.POST if request.method == "POST" else request.GET if "question" in request.GET else None
    form = QuestionForm(study, asked, initial=_initial(study))
    context = {
        "study": study,
        "form": form,
        "version": last_version(study),
        "may_write": role_in(request.user, study) in SEES_NAMES,
    }
    try:
        if form.is_valid():
            if request.method == "POST":
                seen = request.POST.get("seen_version", "")
                version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
                saved = add_hypothesis(study=study, by=request.user, row=form.hypothesis(), seen_version=version)
                messages.success(
                    request, _("The question is in the plan, version %(version)d.") % {"version": saved.version}
                )
                return redirect("analysis:plan", pk=study.pk)
            context |= _answer(request, study, form) if may_compare(study) else _unanswered(study, form)
    except (PlanError, StudyError) as error:
        form.add_error(None, str(error.advice))
    return render(request, "analysis/plans/ask.html", context, status=REFUSED if form.errors else 200)


def _initial(study: Study) -> dict[str, str]:
    """The first outcome at its main time, and the first time for the start."""
    outcome = Outcome.objects.filter(study=study).select_related("main_time_point").first()
    time_point = study.time_points.first()
    return {
        "outcome": outcome.key if outcome else "",
        "time_point": outcome.main_time_point.key if outcome and outcome.main_time_point else "",
        "before": time_point.key if time_point else "",
    }


def _asked(study: Study, form: QuestionForm) -> tuple[Plan, bool]:
    """A plan of this question alone, and whether the study's plan has it. Raises PlanError when it does not fit."""
    newest = newest_plan(study)
    base = plan_of(newest) if newest else Plan(hypotheses=())
    row = form.hypothesis()
    plan = replace(base, hypotheses=(row,), multiplicity="none")
    require_fit(plan, names_of(study))
    planned = any(
        (other.outcome, other.time_point, other.test) == (row.outcome, row.time_point, row.test)
        for other in base.hypotheses
    )
    return plan, planned


def _unanswered(study: Study, form: QuestionForm) -> dict[str, object]:
    """Before the look: a question can be planned, not answered."""
    _plan, planned = _asked(study, form)
    return {"not_yet": why_not_yet(study), "planned": planned}


def _answer(request: SignedInRequest, study: Study, form: QuestionForm) -> dict[str, object]:
    """The answer for this reader. By the newest plan's alpha, population and gaps; alone, so nothing is adjusted.

    Raises PlanError when the question does not fit the study.
    """
    plan, planned = _asked(study, form)
    found, labels = findings_for(request.user, study, plan, load(study, plan))
    record_class_access(request.user, Participant.objects.filter(study=study), LOOK)
    return {
        "section": section_of(found[0], labels, planned=planned),
        "planned": planned,
        "level": percent(plan.confidence),
    }
