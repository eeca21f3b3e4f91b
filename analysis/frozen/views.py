"""Frozen reports: the list, the page, its files, two side by side, and the chain behind every number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysis.export import DOWNLOADED
from analysis.format import percent
from analysis.frozen.chain import behind, links
from analysis.frozen.comparison import compare
from analysis.frozen.files import FILES
from analysis.frozen.orders import order
from analysis.frozen.page import deviation_words, section_of
from analysis.frozen.seen import frozen_for, hashes_for, is_readable, labels_for, report_for, stored_for
from analysis.frozen.services import failure_words, order_report
from analysis.frozen.tables import missing_tables
from analysis.models import FrozenReport
from analysis.plans.services import newest_plan
from analysis.plans.words import reason_words, stage_words
from analysis.render.formats import FORMATS
from studies.access import record_access, record_class_access, record_export, study_for
from studies.closing.looks import may_compare, why_not_yet
from studies.errors import StudyError
from studies.models import Participant

if TYPE_CHECKING:
    from analysis.frozen.snapshot import Frozen
    from studies.models import Study
    from studies.requests import SignedInRequest

PER_PAGE = 25
CHAIN = "what stands behind a report"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """All frozen reports of a study; POST makes one of the newest plan."""
    study = study_for(request.user, pk, staff=True, whole=True)
    plan = newest_plan(study)
    if request.method == "POST":
        if plan is None:
            messages.error(request, _("Save a plan first: a report answers what was planned."))
            return redirect("analysis:plan", pk=study.pk)
        try:
            made = order_report(plan=plan, by=request.user)
        except StudyError as error:
            messages.error(request, str(error.advice))
            return redirect("analysis:reports", pk=study.pk)
        return redirect("analysis:frozen", pk=made.pk)
    rows = (
        FrozenReport.objects.without_document()
        .filter(study=study)
        .select_related("plan", "made_by")
        .annotate(withdrawn_since=Count("withdrawn"))
        .order_by("-created_at", "-pk")  # Meta's order is dropped where rows are grouped
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    labels = labels_for(request.user, study)
    done = [row for row in page.object_list if is_readable(row, labels)]
    context = {
        "study": study,
        "plan": plan,
        "page": page,
        "comparable": done if len(done) > 1 else [],
        "not_yet": "" if may_compare(study) else why_not_yet(study),
    }
    return render(request, "analysis/frozen/list.html", context)


@require_safe
@never_cache
def frozen_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One report: each question with plot, words, table and assumptions; while it is made, how far it is."""
    report = report_for(request.user, pk)
    context = {"study": report.study, "row": report, "failure": failure_words(report.failure_code)}
    if not is_readable(report, labels_for(request.user, report.study)):
        return render(request, "analysis/frozen/open.html", context)
    frozen, labels = frozen_for(request.user, report)
    context |= {
        "report": frozen.report,
        "frozen": frozen,
        "sections": [section_of(finding, labels) for finding in frozen.findings],
        "missing": missing_tables(frozen, labels.names),
        "deviations": [deviation_words(row) for row in frozen.deviations],
        "stage": stage_words(frozen.plan_stage),
        "withdrawn": report.withdrawn.count(),
        "files": FILES,
        "formats": [kind for kind in FORMATS.values() if kind.key not in {"json", "data"}],
        "level": percent(frozen.plan.confidence),
        "blinded": labels.blinded,
        "hashes": hashes_for(report, blinded=labels.blinded),
    }
    return render(request, "analysis/frozen/report.html", context)


@require_safe
@never_cache
def frozen_status(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a report is, for the page that waits; once it is over, htmx loads the page anew."""
    report = report_for(request.user, pk)
    if not report.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "analysis/frozen/_progress.html", {"row": report})


@require_safe
@never_cache
def frozen_file(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """The snapshot in one format. Each holds students' values under their codes, so it is written down."""
    report = report_for(request.user, pk)
    if kind not in FILES:
        raise Http404("no such format")
    file = FILES[kind]
    frozen, _labels = (frozen_for if file.named else stored_for)(request.user, report)
    made = file.make(frozen)
    record_class_access(request.user, Participant.objects.filter(study=report.study), DOWNLOADED)
    record_export(
        request.user, report.study, f"frozen report ({kind})", rows=len(frozen.data.people), columns=file.columns
    )
    name = _file_name(report.study, report, frozen, file.suffix)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=file.content_type, headers=headers)


@require_POST
def frozen_make(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the report in one of the formats that a worker makes."""
    report = report_for(request.user, pk)
    if not is_readable(report, labels_for(request.user, report.study)):
        raise Http404("not made yet, or not for this reader")
    try:
        job = order(report, request.POST.get("format", ""), by=request.user)
    except KeyError:
        messages.error(request, _("Choose a format from the list."))
        return redirect("analysis:frozen", pk=pk)
    return redirect("studies:job", pk=job.pk)


def _file_name(study: Study, report: FrozenReport, frozen: Frozen, suffix: str) -> str:
    """A file name that keeps the label of data that are not measured."""
    label = "-demonstration" if frozen.report.is_demonstration else ""
    title = slugify(study.title)[:50].rstrip("-") or "study"
    return f"{title}-report-{report.pk}{label}.{suffix}"


@require_safe
@never_cache
def frozen_values(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Every value behind one hypothesis, by code, each the first link of its chain."""
    report = report_for(request.user, pk)
    frozen, labels = frozen_for(request.user, report)
    finding = next((row for row in frozen.findings if row.key == key), None)
    if finding is None:
        raise Http404("no such hypothesis")
    rows = links(request.user, report, finding)
    rows.sort(key=lambda link: (labels.names.get(link.arm, link.arm), link.code))
    record_class_access(request.user, Participant.objects.filter(study=report.study), CHAIN)
    left_out = [(row.code, labels.names.get(row.arm, "–"), reason_words(row.reason)) for row in finding.left_out]
    context = {
        "study": report.study,
        "row": report,
        "finding": finding,
        "links": [(link, labels.names.get(link.arm, link.arm)) for link in rows],
        "left_out": left_out,
    }
    return render(request, "analysis/frozen/values.html", context)


@require_safe
@never_cache
def frozen_person(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """What stands behind one student's numbers: the frozen record, then lessons, films, runs and models of today."""
    report = report_for(request.user, pk)
    frozen, labels = frozen_for(request.user, report)
    found = behind(request.user, report, frozen, code)
    if found.participant is not None:
        record_access(request.user, found.participant, CHAIN, report.pk)
    values = [(row, found.person.values.get(row.key)) for row in frozen.data.series]
    context = {
        "study": report.study,
        "row": report,
        "found": found,
        "arm": labels.names.get(found.person.arm, "–"),
        "values": values,
    }
    return render(request, "analysis/frozen/person.html", context)


@require_safe
@never_cache
def compare_reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """`?first=1&second=2`: what changed between two reports of this study."""
    study = study_for(request.user, pk, staff=True, whole=True)
    done = FrozenReport.objects.filter(study=study, state=FrozenReport.State.DONE).select_related("plan", "study")
    pair = []
    for name in ("first", "second"):
        wanted = request.GET.get(name, "")
        pair.append(get_object_or_404(done, pk=int(wanted) if wanted.isdecimal() and len(wanted) < 15 else 0))
    one, two = (frozen_for(request.user, report)[0] for report in pair)
    context = {"study": study, "first": pair[0], "second": pair[1], "difference": compare(one, two)}
    return render(request, "analysis/frozen/compare.html", context)


@require_POST
def order_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another report of the same plan, from the rows of now."""
    report = report_for(request.user, pk)
    try:
        made = order_report(plan=report.plan, by=request.user)
    except StudyError as error:
        messages.error(request, str(error.advice))
        return redirect("analysis:frozen", pk=report.pk)
    return redirect("analysis:frozen", pk=made.pk)
