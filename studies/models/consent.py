"""What students agree to: the texts of a study, every answer, and what is in force."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User


class PrivacyPolicy(models.Model):
    """What a study promises about data. A study without this row asks for no consent and deletes nothing by itself."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="privacy")
    consent_required = models.BooleanField(
        default=False, help_text=_("No film is taken, and no value analysed, of a student who has not agreed.")
    )
    age_of_consent = models.PositiveSmallIntegerField(
        default=18,
        validators=[MinValueValidator(12), MaxValueValidator(21)],
        help_text=_("Younger students agree together with a parent or guardian."),
    )
    consent_visible_from = models.DateField(
        null=True, blank=True, help_text=_("Until this day, when grades are in, staff see counts only, no names.")
    )
    lawful_basis = models.CharField(max_length=200, blank=True, help_text=_("Why data may be processed at all."))
    contact = models.CharField(max_length=200, blank=True, help_text=_("Who answers questions about data."))
    video_days = models.PositiveIntegerField(null=True, blank=True, help_text=_("Films and pictures. Empty: no end."))
    pose_days = models.PositiveIntegerField(null=True, blank=True, help_text=_("Landmarks and curves."))
    record_days = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Lessons, injuries and values, counted from the end of the study.")
    )
    warn_days = models.PositiveSmallIntegerField(
        default=14, help_text=_("So long before, staff and students are told.")
    )
    backup_days = models.PositiveSmallIntegerField(
        default=30, help_text=_("So long a backup may still hold what was deleted.")
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Counts the changes: who saved an old one is told."))

    class Meta:
        verbose_name_plural = "privacy policies"

    def __str__(self) -> str:
        return f"privacy of {self.study}"


class ConsentText(models.Model):
    """What students read before they answer. Publishing freezes it; a change is the next version, which asks again."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="consent_texts")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField()
    scopes = models.JSONField(
        default=list, help_text=_("Keys of what can be agreed to; the first is the study itself.")
    )
    edits = models.PositiveIntegerField(default=1, help_text=_("Counts the changes of the draft."))
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of title, body and scopes, once published."))

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=["study", "version"], name="consent_version_once_per_study"),
            models.UniqueConstraint(
                fields=["study"], condition=Q(published_at__isnull=True), name="one_consent_draft_per_study"
            ),
        )

    def __str__(self) -> str:
        return f"{self.study}: consent, version {self.version}"


class ConsentRecord(models.Model):
    """One answer of a student. Append-only: the newest counts. `scopes` is what is in force after it.

    Of an ASSENT `asked` waits for the guardian and nothing is in force. `sealed` (names as typed, date of birth) and
    the PDF are encrypted with the participant's key, and unreadable once it is destroyed.
    """

    class Kind(models.TextChoices):
        GIVEN = "given", _("Agreed")
        ASSENT = "assent", _("Agreed, waits for the guardian")
        DECLINED = "declined", _("Said no")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consent_records")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    scopes = models.JSONField(default=list)
    asked = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sealed = models.BinaryField(blank=True, default=b"")
    pdf = models.CharField(max_length=200, blank=True, help_text=_("Storage name of the encrypted copy."))
    pdf_sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the PDF as the student gets it."))
    countersigned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    countersigned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_kind_display()}"


class ConsentStatus(models.Model):
    """What is in force for a student: the newest record, with a column a scope, so that queries can ask.

    Whoever changes or relies on it in a transaction locks this row. No row: never answered.
    """

    participant = models.OneToOneField(Participant, primary_key=True, on_delete=models.CASCADE, related_name="consent")
    record = models.ForeignKey(ConsentRecord, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=ConsentRecord.Kind.choices, blank=True)
    research = models.BooleanField(default=False)
    video_kept = models.BooleanField(default=False)
    face_visible = models.BooleanField(default=False)
    training = models.BooleanField(default=False)
    pose_shared = models.BooleanField(default=False)
    teaching = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "consent states"

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_kind_display()}"
