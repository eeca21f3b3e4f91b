"""Fetching what is written: drafts through a door of their own, versions of a study, what is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from studies.models import Membership, ProtocolDraft, Study
from studies.protocol.document import completed
from studies.protocol.rows import document_of
from studies.protocol.services import newest_version

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import User


def unmade_drafts(user: User) -> QuerySet[ProtocolDraft]:
    """Studies that the user began and did not make yet."""
    return ProtocolDraft.objects.filter(study__isnull=True, started_by=user)


def draft_for(user: User, pk: int) -> ProtocolDraft:
    """A study that is not made yet, for whoever began it. Raises Http404."""
    draft = unmade_drafts(user).filter(pk=pk).first()
    if draft is None:
        raise Http404("no such draft")
    return draft


def own_studies(user: User) -> QuerySet[Study]:
    """Studies whose words may be copied into a new one."""
    rows = (
        Study.objects.all()
        if user.is_superuser
        else Study.objects.filter(memberships__user=user, memberships__role=Membership.Role.OWNER)
    )
    return rows.order_by("-created_at", "-pk")


def current_document(study: Study) -> dict[str, Any]:
    """The newest version; before there is one the draft; before there is that what the rows say."""
    version = newest_version(study)
    if version is not None:
        return completed(version.document)
    draft = ProtocolDraft.objects.filter(study=study).first()
    return completed(draft.document) if draft else document_of(study)
