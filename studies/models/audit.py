"""What was done, looked at and exported in a study: a chain of entries that can only grow."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Study, User


class AuditChain(models.Model):
    """The end of a study's chain. Whoever appends locks this row, so that entries come one after the other."""

    study_pk = models.BigIntegerField(primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.study_pk}: {self.length}"


class AuditEntry(models.Model):
    """One event. `hash` covers everything here, with the hash of the entry before (`studies.audit`).

    The database refuses to change or remove a row (`studies.append_only`). No entry holds a name: people are numbers of
    rows and pseudonyms, which lead nowhere once the account or the participant's key is gone. Study and actor are no
    constraints, so that entries outlive what they speak of.
    """

    class Kind(models.TextChoices):
        DONE = "done", _("Done")
        LOOKED = "looked", _("Looked at")
        EXPORTED = "exported", _("Exported")

    study = models.ForeignKey(Study, on_delete=models.DO_NOTHING, db_constraint=False, related_name="audit")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=20, blank=True, help_text="The student's pseudonym, where it is about one.")
    payload = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("study", "-number")
        constraints = (models.UniqueConstraint(fields=["study", "number"], name="audit_number_once_per_study"),)
        indexes = (models.Index(fields=["study", "at"], name="audit_by_time"),)

    def __str__(self) -> str:
        return f"{self.number} {self.action}"
