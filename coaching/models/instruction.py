"""An instructor's written feedback on a film, or on a lesson that was not filmed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, User


class InstructorFeedback(models.Model):
    """One piece of feedback. Append-only: a correction is a row that names the one it `replaces`; only the last shows.

    `cues`: at most two of {"fault": a name of `coaching.vision.vocabulary` or "", "text": own words or ""}.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="instructor_feedback")
    session = models.ForeignKey(
        "coaching.Session", null=True, blank=True, on_delete=models.CASCADE, related_name="instructor_feedback"
    )
    lesson_on = models.DateField(null=True, blank=True, help_text=_("The day of a lesson without a film."))
    good = models.CharField(max_length=500, blank=True)
    cues = models.JSONField(default=list)
    rubric = models.ForeignKey(
        "coaching.Rubric", null=True, blank=True, on_delete=models.PROTECT, related_name="instructor_feedback"
    )
    points = models.JSONField(default=dict)
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    next_load_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, editable=False, on_delete=models.CASCADE, related_name="replaced_by"
    )

    class Meta:
        verbose_name_plural = "instructor feedback"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(session__isnull=False, lesson_on__isnull=True)
                | Q(session__isnull=True, lesson_on__isnull=False),
                name="feedback_on_a_film_or_a_lesson",
            ),
            models.CheckConstraint(
                condition=Q(rubric__isnull=True, total__isnull=True) | Q(rubric__isnull=False, total__isnull=False),
                name="points_come_with_their_rubric",
            ),
        )

    def __str__(self) -> str:
        return f"feedback of {self.at:%Y-%m-%d}"
