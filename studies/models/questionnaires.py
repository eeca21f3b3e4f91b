"""Questionnaires of a study: what is asked, when, and what each student answered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.log import Outcome, TimePoint
from studies.models.trial import Participant, Study, User


class Questionnaire(models.Model):
    """One version of a questionnaire. It changes until its first answer; from then on changes make the next version.

    `items` and `scales` are documents that `studies.questionnaires.items` reads and checks.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="questionnaires")
    key = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True)
    items = models.JSONField(default=list)
    scales = models.JSONField(default=list)
    edition = models.PositiveIntegerField(default=1, help_text=_("Counts the saves: who saved an old one is told."))
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("title", "key", "-version")
        constraints = (models.UniqueConstraint(fields=["study", "key", "version"], name="questionnaire_version_once"),)

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"


class QuestionnaireWave(models.Model):
    """A questionnaire at a time of the plan: who takes part may answer from `opens_on` to the end of `closes_on`."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="waves")
    time_point = models.ForeignKey(TimePoint, on_delete=models.PROTECT, related_name="questionnaire_waves")
    opens_on = models.DateField()
    closes_on = models.DateField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("opens_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=["questionnaire", "time_point"], name="questionnaire_once_per_time_point"),
            models.CheckConstraint(condition=Q(opens_on__lte=F("closes_on")), name="wave_closes_after_it_opens"),
        )

    def __str__(self) -> str:
        return f"{self.questionnaire}, {self.time_point}"


class AnswerSheet(models.Model):
    """One student's answers to one wave: a draft until `completed_at`, then nothing changes it.

    `answers`: item's key -> number or text; an item that was left out has no key.
    """

    wave = models.ForeignKey(QuestionnaireWave, on_delete=models.PROTECT, related_name="sheets")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="answer_sheets")
    answers = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["wave", "participant"], name="one_sheet_per_wave"),)

    def __str__(self) -> str:
        return f"{self.participant}: {self.wave}"


class ScaleFeed(models.Model):
    """A scale of a wave that fills an outcome at the wave's time. Each writing is in the audit."""

    wave = models.ForeignKey(QuestionnaireWave, on_delete=models.CASCADE, related_name="feeds")
    scale = models.SlugField(max_length=40)
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="scale_feeds")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["wave", "outcome"], name="outcome_fed_once_per_wave"),)

    def __str__(self) -> str:
        return f"{self.scale} of {self.wave} to {self.outcome}"
