"""What is known of a student at the start."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, User


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
