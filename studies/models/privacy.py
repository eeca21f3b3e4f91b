"""Keys that make data readable, requests to erase them, and proofs that something was deleted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User


class ParticipantKey(models.Model):
    """The data key of one participant, wrapped by the master key. Destroyed: `wrapped` is empty, for ever.

    In a table of its own, so that a dump can leave it out and keep it for a shorter time (docs/privacy.md).
    """

    participant = models.OneToOneField(Participant, primary_key=True, on_delete=models.CASCADE, related_name="+")
    wrapped = models.BinaryField(blank=True, default=b"")
    made_at = models.DateTimeField(default=timezone.now)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"key of {self.participant}"


class ErasureRequest(models.Model):
    """A student asks to be erased; the owner or the data-protection officer decides within a month, with reasons."""

    class Decision(models.TextChoices):
        ALL = "all", _("Everything is erased")
        KEEP_VALUES = "keep_values", _("Identity and films are erased, values without a name stay")
        REFUSED = "refused", _("Refused")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="erasure_requests")
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text=_("One month after the request."))
    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    lawful_basis = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True, help_text=_("Without the student's name."))
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-requested_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["participant"], condition=Q(decision=""), name="one_open_erasure_request"),
        )

    def __str__(self) -> str:
        return f"{self.participant}: {self.decision or 'to be decided'}"


class DeletionProof(models.Model):
    """Files were deleted for good: which, by their hashes, why, and until when a backup may still hold them."""

    class Cause(models.TextChoices):
        EXPIRED = "expired", _("Its time was over")
        WITHDRAWN = "withdrawn", _("Consent was withdrawn")
        NOT_KEPT = "not_kept", _("The student did not agree to keep films")
        ERASED = "erased", _("The student was erased")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="deletion_proofs")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    retention = models.CharField(max_length=10, help_text=_("Class of the data: video, pose, records."))
    codes = models.JSONField(default=list, help_text=_("Pseudonyms of whom it was about."))
    count = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    files = models.JSONField(default=list, help_text=_("SHA-256 of each deleted file."))
    digest = models.CharField(max_length=64, help_text=_("SHA-256 over the sorted hashes, one a line."))
    at = models.DateTimeField(default=timezone.now)
    backups_gone_on = models.DateField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.study}: {self.count} files, {self.get_cause_display()}"


class RetentionWarning(models.Model):
    """Staff were told that data of a class will be deleted up to a day. Nothing is deleted that nobody was told of."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="retention_warnings")
    retention = models.CharField(max_length=10)
    days = models.PositiveIntegerField(help_text=_("The promise then: a shorter one is announced anew."))
    told_on = models.DateField()
    covers_until = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-told_on", "-pk")

    def __str__(self) -> str:
        return f"{self.study}: {self.retention} until {self.covers_until}"
