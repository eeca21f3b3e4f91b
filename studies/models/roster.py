"""How students come into a study, who did not, and what is known of them at the start."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User


class Baseline(models.Model):
    """One student before the training. Health data: read it through studies.access only. Empty: not known."""

    class Sex(models.TextChoices):
        FEMALE = "f", _("Female")
        MALE = "m", _("Male")
        OTHER = "x", _("Another, or not said")

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="baseline")
    sex = models.CharField(max_length=1, choices=Sex.choices, blank=True)
    age_years = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(10), MaxValueValidator(99)]
    )
    height_cm = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    mass_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    experience_months = models.PositiveSmallIntegerField(null=True, blank=True)
    one_rm_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    working_load_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    measured_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes: who saved an old one is told.")
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.participant} at the start"


class RosterImport(models.Model):
    """A class list that was read and waits for a decision. `rows` holds names, so it is emptied when it was made."""

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        DONE = "done", _("Enrolled")
        DISCARDED = "discarded", _("Discarded")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="roster_imports")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    reading = models.CharField(max_length=80)
    not_read = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    enrolled = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.study} {self.created_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A way into a study: for one student, or for a class. The link and QR code are signed; the code can be typed."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    code = models.CharField(max_length=12, unique=True)
    section = models.CharField(max_length=40, blank=True)
    uses_max = models.PositiveSmallIntegerField()
    uses = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.study}: {self.uses}/{self.uses_max}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.uses < self.uses_max and self.expires_at > timezone.now()


class ScreeningEntry(models.Model):
    """Somebody was looked at for the study: taken, excluded, or did not want to. Append-only. Without a participant:
    not enrolled, and nothing that names the person.
    """

    class Outcome(models.TextChoices):
        ELIGIBLE = "eligible", _("Eligible")
        EXCLUDED = "excluded", _("Excluded")
        DECLINED = "declined", _("Did not want to take part")

    class Reason(models.TextChoices):
        AGE = "age", _("Age")
        YEAR = "year", _("Not of the years that the study is for")
        INJURY = "injury", _("Injury or pain now")
        ILLNESS = "illness", _("Illness, or advice of a doctor")
        EXPERIENCE = "experience", _("Too much or too little experience")
        ABSENT = "absent", _("Not in the class any more")
        CONSENT = "consent", _("No consent")
        OTHER = "other", _("Another reason, in the note")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="screening")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="screening"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    screened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    screened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "screening entries"
        ordering = ("-screened_at", "-pk")

    def __str__(self) -> str:
        return f"{self.participant or '–'}: {self.get_outcome_display()}"
