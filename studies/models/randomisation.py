"""A design that is fixed by a published hash before the first enrolment, and the assignments it gave."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.models.trial import Arm, Participant, Study, User


class RandomisationPlan(models.Model):
    """One committed design (`studies.randomise.design`). `commitment` is the hash of `design` and `seed`.

    The seed stays in this row until the plan is closed: no page, API, log or file shows it before. Closing reveals it
    and ends the plan, so that what is still to come can't be known. Nothing else of a plan ever changes.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="plans")
    design = models.JSONField()
    seed = models.CharField(max_length=40)
    commitment = models.CharField(max_length=64)
    committed_at = models.DateTimeField(default=timezone.now, editable=False)
    committed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closing_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-committed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["study"], condition=Q(closed_at__isnull=True), name="one_open_plan_per_study"
            ),
        )

    def __str__(self) -> str:
        return f"{self.study}: {self.design.get('algorithm')}, {self.commitment[:12]}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Assignment(models.Model):
    """What a plan gave one student, as the `number`-th: never changed. A move by hand is a `Reassignment` beside it."""

    plan = models.ForeignKey(RandomisationPlan, on_delete=models.PROTECT, related_name="assignments")
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="assignment")
    number = models.PositiveIntegerField()
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="+")
    levels = models.JSONField(default=dict)
    batch = models.PositiveIntegerField(default=0)
    cluster = models.CharField(max_length=40, blank=True)
    imbalance = models.JSONField(default=dict, help_text="Minimisation: every arm's imbalance before the draw.")
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    assigned_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("plan", "number")
        constraints = (models.UniqueConstraint(fields=["plan", "number"], name="assignment_number_once_per_plan"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.participant}"
