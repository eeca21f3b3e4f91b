"""The protocol of a study: read it, change the draft step by step, save a version, see what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from studies import audit
from studies.access import OWNS, role_in, sees_arms, study_for
from studies.errors import StudyError
from studies.models import ProtocolDraft
from studies.protocol.document import PARTS, completed, hash_of, problems
from studies.protocol.forms import PartForm, VersionForm
from studies.protocol.selectors import current_document
from studies.protocol.services import draft_of, keep_part, locked_at, newest_version, save_version
from studies.protocol.words import TITLES, as_seen_by, changes, file_of, lines, sections

if TYPE_CHECKING:
    from studies.models import ProtocolVersion, Study
    from studies.requests import SignedInRequest

REFUSED = 422


@require_safe
@never_cache
def protocol(request: SignedInRequest, pk: int) -> HttpResponse:
    """The newest version, or the draft before there is one, for who works here. Students get their summary."""
    study = study_for(request.user, pk)
    role = role_in(request.user, study)
    if role == "student":
        return redirect("studies:about", pk=study.pk)
    document = current_document(study)
    version = newest_version(study)
    draft = ProtocolDraft.objects.filter(study=study).first()
    may_write = role in OWNS
    context = {
        "study": study,
        "may_write": may_write,
        "version": version,
        "versions": study.protocol_versions.select_related("created_by"),
        "sections": sections(as_seen_by(request.user, study, document)),
        "blinded": not sees_arms(request.user, study),
        "locked_at": locked_at(study),
        "reminders": problems(document) if may_write else [],
        "unsaved": may_write and draft is not None and (version is None or completed(draft.document) != document),
    }
    return render(request, "studies/protocol/protocol.html", context)


@require_safe
def about(request: SignedInRequest, pk: int) -> HttpResponse:
    """The study in plain words, for those who take part. What is done in which group is not told here."""
    study = study_for(request.user, pk)
    document = as_seen_by(request.user, study, current_document(study))
    context = {"study": study, "document": document, "sections": sections(document)}
    return render(request, "studies/protocol/about.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def protocol_edit(request: SignedInRequest, pk: int, part: str) -> HttpResponse:
    """Change one step of the draft."""
    study = study_for(request.user, pk, own=True)
    if part not in PARTS:
        raise Http404("no such step")
    draft = draft_of(study)
    where = {name: reverse("studies:protocol-edit", args=[study.pk, name]) for name in PARTS}
    where["end"] = reverse("studies:protocol-save", args=[study.pk])
    where["calculate"] = reverse("analysis:sample-size", args=[study.pk])
    return edit_part(request, draft, part, where, study, fixed=locked_at(study) is not None)


def edit_part(
    request: SignedInRequest,
    draft: ProtocolDraft,
    part: str,
    where: dict[str, str],
    study: Study | None = None,
    *,
    fixed: bool = False,
) -> HttpResponse:
    """A step's page, of a study's draft or of one that is being made. `where` is the address of every step.

    Every button keeps what was written: "next" goes on, "back" returns, "add" stays and gives another empty row.
    """
    document = completed(draft.document)
    given = request.POST if request.method == "POST" else None
    form = PartForm(part, document, given, fixed_arms=fixed)
    refused, theirs = "", None
    if given is not None and form.is_valid():
        try:
            keep_part(draft=draft, by=request.user, part=part, values=form.values(), seen=given.get("seen", ""))
        except StudyError as error:
            refused = str(error.advice)
            draft.refresh_from_db()
            document = completed(draft.document)
            form = PartForm(part, document, given, fixed_arms=fixed)
            form.is_valid()
            if error.code == "changed_meanwhile":
                theirs = [line for line in lines(document) if line.part == part and line.text]
        else:
            return redirect(_next(part, where, given))
    names = list(PARTS)
    number = names.index(part) + 1
    context = {
        "study": study,
        "draft": draft,
        "part": part,
        "title": TITLES[part],
        "number": number,
        "steps": [
            {"name": name, "title": TITLES[name], "url": where[name], "number": index}
            for index, name in enumerate(names, start=1)
        ],
        "end": where["end"],
        "back": names[number - 2] if number > 1 else "",
        "form": form,
        "document": document,
        "refused": refused,
        "theirs": theirs,
        "fixed": fixed,
    }
    status = REFUSED if given is not None else 200
    return render(request, "studies/protocol/step.html", context, status=status)


def _next(part: str, where: dict[str, str], given: Any) -> str:
    names = list(PARTS)
    if "add" in given:
        return where[part]
    if given.get("go") in where:
        return where[given["go"]]
    index = names.index(part) + 1
    return where[names[index]] if index < len(names) else where["end"]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def protocol_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the draft changes, and the button that makes it the next version."""
    study = study_for(request.user, pk, own=True)
    draft = draft_of(study)
    form = VersionForm(request.POST if request.method == "POST" else None, initial={"seen_version": draft.version})
    if form.is_valid():
        try:
            version = save_version(study=study, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, str(error.advice))
        else:
            messages.success(request, _("Saved as version %(number)d.") % {"number": version.number})
            return redirect("studies:protocol", pk=study.pk)
    document, before = completed(draft.document), newest_version(study)
    context = {
        "study": study,
        "form": form,
        "before": before,
        "changes": changes(before.document, document) if before else [],
        "sections": sections(document),
        "problems": problems(document),
        "locked_at": locked_at(study),
        "draft": draft,
    }
    return render(request, "studies/protocol/save.html", context, status=REFUSED if form.errors else 200)


def _version_for(request: SignedInRequest, pk: int, number: int) -> tuple[Study, ProtocolVersion]:
    study = study_for(request.user, pk)
    if role_in(request.user, study) == "student":
        raise Http404("no such version")
    return study, get_object_or_404(study.protocol_versions.select_related("created_by"), number=number)


@require_safe
@never_cache
def protocol_version(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One version, and field by field what it changed."""
    study, version = _version_for(request, pk, number)
    shown = as_seen_by(request.user, study, version.document)
    before = study.protocol_versions.filter(number__lt=number).order_by("-number").first()
    context = {
        "study": study,
        "version": version,
        "is_genuine": hash_of(version.document) == version.sha256,
        "before": before,
        "changes": changes(as_seen_by(request.user, study, before.document), shown) if before else [],
        "sections": sections(shown),
        "blinded": not sees_arms(request.user, study),
    }
    return render(request, "studies/protocol/version.html", context)


@require_safe
@never_cache
def protocol_file(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One version as JSON; `sha256` is the hash of its document (docs/protocol.md says how to check it)."""
    study, version = _version_for(request, pk, number)
    audit.exported(study.pk, request.user, "protocol", number=version.number)
    headers = {"Content-Disposition": f'attachment; filename="protocol-{study.pk}-v{version.number}.json"'}
    options = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(file_of(request.user, study, version), headers=headers, json_dumps_params=options)
