"""Writing what students read: one draft at a time; publishing freezes it, and the next version asks everybody again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.consent import default_text
from studies.consent.scopes import RESEARCH, SCOPES, known
from studies.errors import StudyError
from studies.models import ConsentText, PrivacyPolicy
from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from studies.models import Study, User

BODY_MIN = 200
"""Characters. Shorter can't say what a student must know."""


def draft_of(study: Study) -> ConsentText:
    """The draft, or an unsaved one: of the newest version where there is one, else of the text to begin with."""
    draft = study.consent_texts.filter(published_at__isnull=True).first()
    if draft is not None:
        return draft
    last = study.consent_texts.first()
    if last is not None:
        return ConsentText(
            study=study, version=last.version + 1, title=last.title, body=last.body, scopes=last.scopes, edits=0
        )
    return ConsentText(
        study=study,
        version=1,
        title=str(default_text.TITLE),
        body=str(default_text.BODY),
        scopes=list(SCOPES),
        edits=0,
    )


@transaction.atomic
def save_draft(*, study: Study, by: User, title: str, body: str, scopes: Sequence[str], seen_edits: int) -> ConsentText:
    """Write the draft. `seen_edits` is `edits` of the draft that the person saw.

    Errors: text_too_short, title_missing, changed_meanwhile (somebody saved another draft; nothing is overwritten).
    """
    if not title.strip():
        raise StudyError("title_missing", _("Give the text a title."))
    if len(body.strip()) < BODY_MIN:
        raise StudyError("text_too_short", _("A text this short can't say what students must know. Write more."))
    draft = draft_of(study)
    if draft.pk is not None:
        draft = ConsentText.objects.select_for_update().get(pk=draft.pk)
    if draft.edits != seen_edits:
        raise StudyError(
            "changed_meanwhile",
            _("Somebody saved another draft since you opened this page. Copy your text, then open the page again."),
        )
    draft.title, draft.body, draft.scopes = title.strip(), body.strip(), known([RESEARCH, *scopes])
    draft.edits, draft.changed_by, draft.changed_at = draft.edits + 1, by, timezone.now()
    draft.save()
    return draft


@transaction.atomic
def publish(*, study: Study, by: User) -> ConsentText:
    """Freeze the draft. From now on it is what students are asked, also those who answered an earlier version.

    Errors: no_draft, nothing_new (the draft says what the published version says).
    """
    draft = study.consent_texts.select_for_update().filter(published_at__isnull=True).first()
    if draft is None:
        raise StudyError("no_draft", _("Save the text first, then publish it."))
    draft.sha256 = sha256_of(canonical(document_of(draft)))
    last = study.consent_texts.filter(published_at__isnull=False).first()
    if last is not None and last.sha256 == draft.sha256:
        raise StudyError("nothing_new", _("This is what the published version says already. Nobody needs to be asked."))
    draft.published_at = timezone.now()
    draft.save()
    audit.done(study.pk, by, "consent text published", version=draft.version, sha256=draft.sha256)
    return draft


def document_of(text: ConsentText) -> dict[str, Any]:
    """What the hash of a published version covers."""
    return {"title": text.title, "body": text.body, "scopes": text.scopes}


def blocks_of(body: str) -> list[tuple[str, str]]:
    """The text as ("heading" or "text", words): # begins a heading, an empty line ends a paragraph."""
    blocks: list[tuple[str, str]] = []
    for part in body.replace("\r\n", "\n").split("\n\n"):
        lines: list[str] = []
        for line in part.split("\n"):
            if line.startswith("#"):
                if lines:
                    blocks.append(("text", " ".join(lines)))
                    lines = []
                blocks.append(("heading", line.lstrip("# ").strip()))
            elif line.strip():
                lines.append(line.strip())
        if lines:
            blocks.append(("text", " ".join(lines)))
    return blocks


@transaction.atomic
def save_policy(*, study: Study, by: User, seen_version: int, values: dict[str, Any]) -> PrivacyPolicy:
    """Change what the study promises. `seen_version` is the version that the person saw, 0 for none.

    Errors: changed_meanwhile, order_of_classes (films kept longer than landmarks, or those than records).
    """
    row = PrivacyPolicy.objects.select_for_update().filter(study=study).first() or PrivacyPolicy(study=study, version=0)
    if row.version != seen_version:
        raise StudyError(
            "changed_meanwhile", _("Somebody saved other values since you opened this page. Open it again.")
        )
    for name, value in values.items():
        setattr(row, name, value)
    ends = [days for days in (row.video_days, row.pose_days) if days is not None]
    if ends != sorted(ends) or (row.video_days is None and row.pose_days is not None):
        raise StudyError(
            "order_of_classes", _("Films say most about a person: keep them no longer than landmarks and curves.")
        )
    row.version += 1
    row.save()
    audit.done(study.pk, by, "privacy policy", version=row.version, video=row.video_days, pose=row.pose_days)
    return row
