"""What happened: measured outcomes, and who looked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User


class TimePoint(models.Model):
    """When outcomes are measured: "before", "week 7", "after". A value outside the window is kept and said to be."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="time_points")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    opens_on = models.DateField(null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=["study", "key"], name="time_point_key_once_per_study"),)

    def __str__(self) -> str:
        return self.name


class Outcome(models.Model):
    """A measured variable of the study; its name makes the captions of the tables."""

    class PlannedTest(models.TextChoices):
        """The test that the study's plan names for an outcome. The report never chooses one by looking at the data."""

        WELCH = "welch", _("Welch's t-test")
        STUDENT = "student", _("Student's t-test")
        ANOVA = "anova", _("One-way ANOVA")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="outcomes")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=60, blank=True)
    planned_test = models.CharField(max_length=10, choices=PlannedTest.choices, default=PlannedTest.WELCH)
    hypothesis = models.TextField(blank=True)
    main_time_point = models.ForeignKey(
        TimePoint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The planned test reads the values of this time; none: the values that belong to no time."),
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=["study", "key"], name="outcome_key_once_per_study"),)

    def __str__(self) -> str:
        return self.name


class Measurement(models.Model):
    """One participant's value of one outcome, at a time of the plan or, in a study with one time only, without one.

    A missing value has no row.
    """

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="measurements")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="measurements")
    time_point = models.ForeignKey(
        TimePoint, null=True, blank=True, on_delete=models.PROTECT, related_name="measurements"
    )
    value = models.FloatField()
    measured_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["outcome", "participant"], condition=Q(time_point__isnull=True), name="one_value_per_outcome"
            ),
            models.UniqueConstraint(fields=["outcome", "participant", "time_point"], name="one_value_per_time_point"),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.outcome.key}={self.value:g}"


class AccessRecord(models.Model):
    """Who looked at whose health data or film. Append-only; shown to the student."""

    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="access_records")
    what = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.user} {self.what}"
