"""The protocol of a study: one draft that people change, and versions that never change. And when a study ended."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Study, User


class ProtocolDraft(models.Model):
    """The document that is being written (`studies.protocol.document`). Without a study: one that is being made."""

    study = models.OneToOneField(Study, null=True, blank=True, on_delete=models.CASCADE, related_name="protocol_draft")
    started_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="protocol_drafts")
    document = models.JSONField()
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-changed_at", "-pk")

    def __str__(self) -> str:
        return str(self.study or self.document.get("title") or self.pk)


class ProtocolVersion(models.Model):
    """The protocol as it stood at one moment. Never changed: an amendment is a further version, with its reason."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="protocol_versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    is_amendment = models.BooleanField(default=False, help_text=_("Saved after groups were drawn or a design fixed."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("study", "-number")
        constraints = (
            models.UniqueConstraint(fields=["study", "number"], name="protocol_number_once_per_study"),
            models.CheckConstraint(
                condition=Q(is_amendment=False) | ~Q(reason=""), name="amendment_of_a_protocol_has_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.study}: {self.number}"


class StudyMilestone(models.Model):
    """The study was closed or opened again, its feedback released, its groups compared early: by whom, when and why.

    Append-only.
    """

    class Kind(models.TextChoices):
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Opened again")
        RELEASED = "released", _("Feedback released to every group")
        LOOKED = "looked", _("Groups compared before the end")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.study}: {self.get_kind_display()}"
