"""What is told about lifter and bar beside a set, and at which loss of speed the coach speaks up."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, Study, User

LOSS_ALERTS = (10, 20, 30)
"""Percent of velocity loss at which it can be told (docs/velocity.md); 0 in a field: never."""
STATURE_CM = (Decimal(120), Decimal(230))
PLATE_MM = (150, 500)


class AboutBar(models.Model):
    """Entries that turn pixels into metres, and the alert that was in force. loss_alert_percent: 0 where the lifter
    wanted none, null where nobody chose.
    """

    stature_cm = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(STATURE_CM[0]), MaxValueValidator(STATURE_CM[1])],
    )
    plate_mm = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("Diameter of the largest plate on the bar."),
        validators=[MinValueValidator(PLATE_MM[0]), MaxValueValidator(PLATE_MM[1])],
    )
    loss_alert_percent = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class LossAlertChoice(models.Model):
    """From which loss of speed the coach says so, as an instructor chose it. Append-only: the newest row counts.

    Without `participant` it is the whole study's; with it one student's, and null takes that back. 0: never. A lifter's
    own choice for a set goes before both, and is in the set.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="loss_alert_choices")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="loss_alert_choices"
    )
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    chosen_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["study", "participant"], name="loss_alert_of_whom"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(participant__isnull=False) | Q(percent__isnull=False), name="a_study_has_a_loss_alert"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant or self.study}: {self.percent if self.percent is not None else 'as the study'}"
