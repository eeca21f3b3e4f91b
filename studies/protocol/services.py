"""Writing a protocol: drafts that nobody overwrites unseen, versions that stay, and arms that stand once drawn."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.errors import StudyError
from studies.models import AllocationList, Membership, ProtocolDraft, ProtocolVersion, RandomisationPlan, Study
from studies.protocol.document import (
    PARTS,
    completed,
    empty,
    fixed_arms,
    hash_of,
    mark_of,
    problems,
    shifted,
)
from studies.protocol.rows import apply, document_of
from studies.protocol.templates import paper_design
from studies.services import ArmSpec, create_study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studies.models import User
    from studies.protocol.document import Document


def locked_at(study: Study) -> dt.datetime | None:
    """When the first groups were drawn or the first design was fixed; None while the arms may still change."""
    lists = AllocationList.objects.filter(study=study).order_by("created_at").values_list("created_at", flat=True)
    plans = RandomisationPlan.objects.filter(study=study).order_by("committed_at")
    moments = [
        moment for moment in (lists.first(), plans.values_list("committed_at", flat=True).first()) if moment is not None
    ]
    return min(moments) if moments else None


def newest_version(study: Study) -> ProtocolVersion | None:
    return ProtocolVersion.objects.filter(study=study).order_by("-number").first()


def draft_of(study: Study) -> ProtocolDraft:
    """The study's draft; the first time it is made of the newest version, or of the study's rows."""
    found = ProtocolDraft.objects.filter(study=study).select_related("changed_by").first()
    if found is None:
        version = newest_version(study)
        document = completed(version.document) if version else document_of(study)
        found, _made = ProtocolDraft.objects.get_or_create(study=study, defaults={"document": document})
    return found


@transaction.atomic
def start_draft(*, by: User, source: Study | None = None, ready_made: bool = True) -> ProtocolDraft:
    """Begin a new study: from the paper's design, empty (`ready_made` false), or as a copy of `source`.

    A copy has the words and groups of the earlier study, and neither its days nor its numbers of approval.
    """
    today = timezone.localdate()
    document = paper_design(today) if ready_made else empty()
    if source is not None:
        document = _copied(completed(draft_of(source).document))
    return ProtocolDraft.objects.create(started_by=by, changed_by=by, document=document)


def _copied(document: Document) -> Document:
    document |= {"starts_on": "", "ends_on": "", "ethics_number": "", "registration_number": ""}
    for row in document["time_points"]:
        row["opens_on"] = row["closes_on"] = ""
    document["title"] = str(_("%(title)s (copy)") % {"title": document["title"]})
    return document


@transaction.atomic
def keep_part(*, draft: ProtocolDraft, by: User, part: str, values: Mapping[str, Any], seen: str) -> ProtocolDraft:
    """Write one part of a draft. `seen` is the mark of the part that the person began with (`document.mark_of`).

    Two people who change different parts don't meet. In a study that does not exist yet, another first day moves the
    windows along.
    Errors: changed_meanwhile (somebody saved this part; nothing is overwritten), arms_locked, ratio_locked.
    """
    row = _locked_draft(draft)
    document = completed(row.document)
    if mark_of(document, part) != seen:
        raise _changed_meanwhile()
    new = document | {name: values[name] for name in PARTS[part]}
    return _keep(row, _moved_along(row, document, new), by)


def _moved_along(row: ProtocolDraft, before: Document, after: Document) -> Document:
    """The windows as far from the first day as they were; in a study that exists they stay where they are."""
    if row.study_id is not None or not (before["starts_on"] and after["starts_on"]):
        return after
    days = dt.date.fromisoformat(after["starts_on"]) - dt.date.fromisoformat(before["starts_on"])
    return shifted(after, days.days)


@transaction.atomic
def keep_document(*, draft: ProtocolDraft, by: User, document: Mapping[str, Any], seen_version: int) -> ProtocolDraft:
    """Write a draft as a whole, for programs; windows that it does not name move along as in `keep_part`.

    Errors: changed_meanwhile, arms_locked, ratio_locked.
    """
    row = _locked_draft(draft)
    if row.version != seen_version:
        raise _changed_meanwhile()
    before = completed(row.document)
    new = before | dict(document)
    return _keep(row, new if "time_points" in document else _moved_along(row, before, new), by)


@transaction.atomic
def keep_sample_size(*, draft: ProtocolDraft, by: User, computed: Mapping[str, Any], students: int) -> ProtocolDraft:
    """Put a computed number of students into the draft, with all that it was computed from."""
    row = _locked_draft(draft)
    dropout = round(100 * float(computed.get("dropout", 0)))
    more = {"computed": dict(computed), "students": students, "dropout_percent": dropout}
    return _keep(row, completed(row.document) | more, by)


def _locked_draft(draft: ProtocolDraft) -> ProtocolDraft:
    if draft.study_id is not None:  # in the order of the draws: the study first
        Study.objects.select_for_update(no_key=True).get(pk=draft.study_id)
    return ProtocolDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)


def _keep(row: ProtocolDraft, document: Document, by: User) -> ProtocolDraft:
    if row.study_id is not None:
        study = Study.objects.get(pk=row.study_id)
        if locked_at(study) is not None:
            refuse_other_arms(study, document)
    row.document, row.version = document, row.version + 1
    row.changed_by, row.changed_at = by, timezone.now()
    row.save(update_fields=["document", "version", "changed_by", "changed_at"])
    if row.study_id is not None:
        audit.done(row.study_id, by, "protocol draft changed", version=row.version)
    return row


def _changed_meanwhile() -> StudyError:
    return StudyError(
        "changed_meanwhile",
        _("Somebody saved this step since you opened it. What they saved is shown; yours is in the fields."),
    )


def refuse_other_arms(study: Study, document: Mapping[str, Any]) -> None:
    """After groups were drawn: other arms would be another study. Errors: arms_locked, ratio_locked."""
    now = fixed_arms(document_of(study))
    then = fixed_arms(document)
    if [row[:2] + row[3:] for row in now] != [row[:2] + row[3:] for row in then]:
        raise StudyError(
            "arms_locked",
            _("Groups were drawn already: they can't be added, removed, renamed or given other feedback any more."),
        )
    if now != then:
        raise StudyError("ratio_locked", _("Groups were drawn already: their shares can't change any more."))


@transaction.atomic
def save_version(
    *, study: Study, by: User | None, reason: str = "", seen_version: int | None = None
) -> ProtocolVersion:
    """Keep the draft as the protocol's next version, and make the study's rows say the same.

    `seen_version`: the draft that the person read before. Errors: changed_meanwhile, nothing_changed, incomplete,
    reason_missing (after groups were drawn), arms_locked, ratio_locked, outcome_measured, time_point_measured, in_use.
    """
    row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    draft = draft_of(row)
    if seen_version is not None and draft.version != seen_version:
        raise StudyError(
            "changed_meanwhile", _("Somebody changed the draft since you opened this page. Read it again first.")
        )
    document = completed(draft.document)
    _refuse_incomplete(document)
    before = newest_version(row)
    if before is not None and before.sha256 == hash_of(document):
        raise StudyError("nothing_changed", _("The draft is the same as the newest version: there is nothing to save."))
    amends = locked_at(row) is not None
    if amends and not reason.strip():
        raise StudyError("reason_missing", _("Groups were drawn already: say why the protocol changes."))
    if amends:
        refuse_other_arms(row, document)
    apply(row, document, with_arms=not amends)
    return _version(row, document, by, before, reason=reason, amends=amends)


def _refuse_incomplete(document: Document) -> None:
    found = [problem for problem in problems(document) if problem.must]
    if found:
        raise StudyError(found[0].code, found[0].text)


def _version(
    study: Study,
    document: Document,
    by: User | None,
    before: ProtocolVersion | None,
    *,
    reason: str = "",
    amends: bool = False,
) -> ProtocolVersion:
    version = ProtocolVersion.objects.create(
        study=study,
        number=before.number + 1 if before else 1,
        document=document,
        sha256=hash_of(document),
        reason=reason.strip(),
        is_amendment=amends,
        created_by=by,
    )
    action = "protocol amended" if amends else "protocol version saved"
    audit.done(study.pk, by, action, number=version.number, sha256=version.sha256)
    return version


def settle_protocol(*, study: Study, by: User | None) -> None:
    """Called before groups are drawn or a design is fixed: from now on the rows' arms are the protocol's.

    A draft gets them back, and a protocol that has no version yet gets its first. Other differences between draft and
    newest version wait for their amendment. Called inside the transaction of the draw, with the study locked.
    """
    draft = ProtocolDraft.objects.select_for_update(of=("self",)).filter(study=study).first()
    if draft is None or locked_at(study) is not None:
        return
    document = completed(draft.document)
    drawn = document | {"arms": _arms_as_they_are(study, document)}
    if drawn != document:
        draft.document, draft.version = drawn, draft.version + 1
        draft.save(update_fields=["document", "version"])
    if not ProtocolVersion.objects.filter(study=study).exists():
        _version(study, drawn, by, None)


def _arms_as_they_are(study: Study, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows' arms, since those are drawn, each with the draft's words about it."""
    words = {arm["key"]: arm.get("description", "") for arm in document["arms"]}
    return [arm | {"description": words.get(arm["key"], "")} for arm in document_of(study)["arms"]]


@transaction.atomic
def create_from_draft(*, draft: ProtocolDraft, by: User) -> Study:
    """Make the study that a draft describes, with its first version. Whoever makes it owns it.

    Errors: made_already, those of `document.problems` that must be mended.
    """
    row = _locked_draft(draft)
    if row.study_id is not None:
        raise StudyError("made_already", _("This study was made already. It is among your studies."))
    document = completed(row.document)
    _refuse_incomplete(document)
    arms = [ArmSpec(arm["key"], arm["name"], arm["gives_ai_feedback"], arm["ratio"]) for arm in document["arms"]]
    study = create_study(owner=by, title=document["title"], summary=document["summary"], arms=arms)
    apply(study, document, with_arms=True)
    row.study = study
    row.save(update_fields=["study"])
    _version(study, document, by, None)
    return study


def discard_draft(*, draft: ProtocolDraft) -> None:
    """Throw away a study that was never made. Errors: made_already."""
    if draft.study_id is not None:
        raise StudyError("made_already", _("This study was made already. It is among your studies."))
    draft.delete()


def may_create_studies(user: User) -> bool:
    """Superusers, accounts with the permission `studies.add_study`, and whoever owns a study already."""
    return (
        user.has_perm("studies.add_study") or Membership.objects.filter(user=user, role=Membership.Role.OWNER).exists()
    )
