"""Pages of questionnaires: the study's list, the builder, a window with its response, and the student's own page."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies.access import SEES_NAMES, record_class_access, record_export, role_in, students_of, study_for
from studies.errors import StudyError
from studies.models import AnswerSheet
from studies.questionnaires.access import is_over, own_wave, questionnaire_for, reads_answers, wave_for
from studies.questionnaires.forms import (
    EMPTY,
    FeedForm,
    ItemFormSet,
    NewQuestionnaireForm,
    TitleForm,
    WaveForm,
    initial_of,
)
from studies.questionnaires.items import LIKERT5, Item, items_of
from studies.questionnaires.selectors import columns_of, not_answered, responses, rows_of
from studies.questionnaires.services import (
    BadAnswers,
    completed,
    feed_outcome,
    is_frozen,
    is_open,
    keep_answers,
    make_from_template,
    make_questionnaire,
    open_wave,
    save_questionnaire,
    scales_of_wave,
)

if TYPE_CHECKING:
    from studies.models import Participant, Questionnaire, QuestionnaireWave, Study
    from studies.requests import SignedInRequest

REFUSED = 422
ANSWERS = "questionnaire answers"
BLANK_ROWS = 3


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def questionnaires(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the study asks, when, and how many have answered; a post begins a questionnaire."""
    study = study_for(request.user, pk, staff=True, write=request.method == "POST")
    form = NewQuestionnaireForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = _made(request, study, form.cleaned_data["template"])
        messages.success(request, _("Change what you like: it is yours until the first student answers."))
        return redirect("studies:questionnaire", pk=study.pk, questionnaire=made.pk)
    context = {
        "study": study,
        "form": form,
        "may_write": role_in(request.user, study) in SEES_NAMES,
        "questionnaires": study.questionnaires.all(),
        "responses": responses(study),
    }
    return render(request, "studies/questionnaires/list.html", context, status=REFUSED if form.errors else 200)


def _made(request: SignedInRequest, study: Study, template: str) -> Questionnaire:
    if template == EMPTY:
        first = [Item("", _("Write your first question here"), LIKERT5, _("Do not agree"), _("Agree"))]
        return make_questionnaire(study=study, by=request.user, title=_("New questionnaire"), items=first)
    return make_from_template(study=study, by=request.user, template=template)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def questionnaire(request: SignedInRequest, pk: int, questionnaire: int) -> HttpResponse:
    """The questions; whoever may write changes them, or makes the next version once somebody has answered."""
    row = questionnaire_for(request.user, pk, questionnaire, write=request.method == "POST")
    items = items_of(row.items)
    names = {scale["key"]: scale["name"] for scale in row.scales}
    initial: list[dict[str, Any]] = [*(initial_of(item, names) for item in items), *([{}] * BLANK_ROWS)]
    given = request.POST if request.method == "POST" else None
    title = TitleForm(given, initial={"title": row.title, "intro": row.intro, "seen_edition": row.edition})
    forms = ItemFormSet(given, initial=initial)
    problem = ""
    if title.is_valid() and forms.is_valid():
        try:
            kept = save_questionnaire(
                questionnaire=row,
                by=request.user,
                items=[item for item in (form.item() for form in forms) if item],
                **title.cleaned_data,
            )
        except StudyError as error:
            problem = str(error.advice)
        else:
            messages.success(request, _("Saved as version %(version)d.") % {"version": kept.version})
            return redirect("studies:questionnaire", pk=pk, questionnaire=kept.pk)
    study = row.study
    context = {
        "study": study,
        "questionnaire": row,
        "items": items,
        "title_form": title,
        "forms": forms,
        "problem": problem,
        "frozen": is_frozen(row),
        "may_write": role_in(request.user, study) in SEES_NAMES,
        "wave_form": WaveForm(study=study),
        "waves": row.waves.select_related("time_point"),
    }
    refused = given is not None
    return render(request, "studies/questionnaires/builder.html", context, status=REFUSED if refused else 200)


@require_POST
def wave_new(request: SignedInRequest, pk: int, questionnaire: int) -> HttpResponse:
    """Ask a questionnaire at a time of the plan."""
    row = questionnaire_for(request.user, pk, questionnaire, write=True)
    form = WaveForm(request.POST, study=row.study)
    if form.is_valid():
        try:
            open_wave(questionnaire=row, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Students see it on their page in these days."))
            return redirect("studies:questionnaires", pk=pk)
    context = {"study": row.study, "questionnaire": row, "form": form}
    return render(request, "studies/questionnaires/wave_new.html", context, status=REFUSED)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def wave(request: SignedInRequest, pk: int, wave: int) -> HttpResponse:
    """Who has not answered; for who may read answers the scales' scores by code; for the owner filling an outcome."""
    row = wave_for(request.user, pk, wave, own=request.method == "POST")
    study, scales = row.questionnaire.study, scales_of_wave(row)
    form = FeedForm(request.POST if request.method == "POST" else None, study=study, scales=scales)
    if form.is_valid():
        try:
            fed = feed_outcome(wave=row, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            text = _("%(written)d values written, %(same)d there already, %(kept)d left, %(none)d without a score.")
            numbers = {"written": fed.written, "same": fed.same, "kept": fed.kept, "none": fed.no_score}
            messages.success(request, text % numbers)
            return redirect("studies:wave", pk=pk, wave=row.pk)
    context = _wave_context(request, row) | {"form": form}
    return render(request, "studies/questionnaires/wave.html", context, status=REFUSED if form.errors else 200)


def _wave_context(request: SignedInRequest, row: QuestionnaireWave) -> dict[str, Any]:
    study, scales = row.questionnaire.study, scales_of_wave(row)
    role = role_in(request.user, study)
    reads = reads_answers(request.user, study)
    sheets = completed(row) if reads else []
    if reads:
        record_class_access(request.user, [sheet.participant for sheet in sheets], ANSWERS)
    return {
        "study": study,
        "wave": row,
        "scales": scales,
        "response": next(one for one in responses(study) if one.wave.pk == row.pk),
        "missing": not_answered(row, students_of(request.user, study)),
        "named": role in SEES_NAMES,
        "reads": reads,
        "over": is_over(study),
        "owns": role == "owner",
        "scores": [
            {"code": sheet.participant.code, "scores": [scale.score(sheet.answers) for scale in scales]}
            for sheet in sheets
        ],
        "feeds": row.feeds.select_related("outcome"),
    }


@require_safe
@never_cache
def wave_file(request: SignedInRequest, pk: int, wave: int) -> HttpResponse:
    """Answers and scores by code as CSV, for who may read them."""
    row = wave_for(request.user, pk, wave, read=True)
    study, rows, columns = row.questionnaire.study, rows_of(row), columns_of(row)
    record_class_access(request.user, [sheet.participant for sheet in completed(row)], ANSWERS)
    record_export(request.user, study, ANSWERS, rows=len(rows), columns=columns)
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(columns)
    writer.writerows(rows)
    name = f"{row.questionnaire.key}-{row.time_point.key}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + sheet.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: SignedInRequest, pk: int, wave: int) -> HttpResponse:
    """The student's own page: answer, save a draft, or send for good."""
    participant, row = own_wave(request.user, pk, wave)
    sheet = AnswerSheet.objects.filter(wave=row, participant=participant).first()
    given: dict[str, Any] = dict(sheet.answers) if sheet else {}
    wrong: dict[str, str] = {}
    problem = ""
    if request.method == "POST":
        given = {name: str(value) for name, value in request.POST.items()}
        sending = "send" in request.POST
        try:
            _keep(request, row, participant, complete=sending)
        except BadAnswers as error:
            problem, wrong = str(error.advice), error.items
        except StudyError as error:
            problem = str(error.advice)
        else:
            return _answered(request, participant, row, sent=sending)
    context = {
        "participant": participant,
        "study": participant.study,
        "wave": row,
        "sheet": sheet,
        "sent": sheet is not None and sheet.completed_at is not None,
        "is_open": is_open(row),
        "problem": problem,
        "edition": request.POST.get("seen_edition", sheet.edition if sheet else 0),
        "questions": [
            {"item": item, "given": str(given.get(item.key, "")), "wrong": wrong.get(item.key, "")}
            for item in items_of(row.questionnaire.items)
        ],
    }
    return render(request, "studies/questionnaires/answer.html", context, status=REFUSED if problem else 200)


def _keep(request: SignedInRequest, row: QuestionnaireWave, participant: Participant, *, complete: bool) -> None:
    seen = request.POST.get("seen_edition", "")
    keep_answers(
        wave=row,
        participant=participant,
        raw={name: str(value) for name, value in request.POST.items()},
        seen_edition=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        complete=complete,
    )


def _answered(
    request: SignedInRequest, participant: Participant, row: QuestionnaireWave, *, sent: bool
) -> HttpResponse:
    if sent:
        messages.success(request, _("Thank you. Your answers are sent."))
        return redirect("studies:participant", pk=participant.pk)
    messages.success(request, _("Your answers so far are saved. Send them when you are done."))
    return redirect("studies:answer", pk=participant.pk, wave=row.pk)
