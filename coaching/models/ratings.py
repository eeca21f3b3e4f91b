"""A rubric, films dealt at a time of the plan, each rater's points, and how differences were settled."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models import Outcome, Participant, Study, TimePoint, User


class Rubric(models.Model):
    """What form is rated by. A row is a version and never changes: saving makes the next one.

    `criteria`: [{"key", "name", "words": [what 0 points look like, what 1 point looks like, ...]}, ...].
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="rubrics")
    version = models.PositiveSmallIntegerField()
    criteria = models.JSONField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=["study", "version"], name="rubric_version_once_per_study"),)

    def __str__(self) -> str:
        return f"{self.study}: rubric {self.version}"

    @property
    def most(self) -> int:
        """The highest total."""
        return sum(len(criterion["words"]) - 1 for criterion in self.criteria)


class RatingRound(models.Model):
    """The rating of one time of the plan: by which rubric and rules. Fixed when its first films are dealt.

    `tolerance_total`: totals that differ by more go to be settled; `tolerance_criterion`: so does a criterion that
    differs by as much. `seed` gives who rates what and in which order (`coaching.ratings.dealing`).
    """

    class Rule(models.TextChoices):
        MEAN = "mean", _("The mean of the two raters; half points may come of it")
        WHOLE = "whole", _("Whole points: any difference of the totals is settled")

    class Film(models.TextChoices):
        LAST = "last", _("The last film in the window")
        FIRST = "first", _("The first film in the window")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="rating_rounds")
    time_point = models.OneToOneField(TimePoint, on_delete=models.PROTECT, related_name="rating_round")
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="rounds")
    outcome = models.ForeignKey(Outcome, null=True, blank=True, on_delete=models.PROTECT, related_name="rating_rounds")
    rule = models.CharField(max_length=6, choices=Rule.choices, default=Rule.MEAN)
    film = models.CharField(max_length=6, choices=Film.choices, default=Film.LAST)
    tolerance_total = models.PositiveSmallIntegerField(default=1)
    tolerance_criterion = models.PositiveSmallIntegerField(default=2)
    unblinded_allowed = models.BooleanField(default=False)
    seed = models.BigIntegerField()
    dealt_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    dealt_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("time_point__position", "pk")

    def __str__(self) -> str:
        return f"{self.study}: ratings {self.time_point}"


class RatedFilm(models.Model):
    """One student's film in a round, under a random id. `state` and `score` follow from the ratings.

    DIFFERS: the study holds another value for this student, outcome and time, which nothing overwrites by itself.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for ratings")
        DISPUTED = "disputed", _("Raters differ")
        SCORED = "scored", _("Scored")
        UNRATEABLE = "unrateable", _("Can't be rated")
        DIFFERS = "differs", _("Another value is in the study")

    class How(models.TextChoices):
        MEAN = "mean", _("Mean of two raters")
        SAME = "same", _("Both raters gave the same")
        THIRD = "third", _("A third rater")
        CONSENSUS = "consensus", _("Consensus of the raters")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(RatingRound, on_delete=models.CASCADE, related_name="films")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="rated_films")
    session = models.ForeignKey("coaching.Session", on_delete=models.CASCADE, related_name="rated_films")
    batch = models.PositiveSmallIntegerField(help_text=_("1 for the films of the first deal; late ones count on."))
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    score = models.FloatField(null=True, blank=True)
    how = models.CharField(max_length=10, choices=How.choices, blank=True)

    class Meta:
        ordering = ("round", "pk")
        indexes = (models.Index(fields=["round", "state"], name="rated_film_by_state"),)
        constraints = (
            models.UniqueConstraint(fields=["round", "participant"], name="one_rated_film_per_round"),
            models.CheckConstraint(
                condition=Q(state__in=["scored", "differs"], score__isnull=False)
                | Q(state__in=["waiting", "disputed", "unrateable"], score__isnull=True),
                name="scored_films_have_a_score",
            ),
        )

    def __str__(self) -> str:
        return f"film {self.pk}"


class RatingTask(models.Model):
    """One film for one rater, under a random id that tells nothing. `position` is the rater's own random order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(RatedFilm, on_delete=models.CASCADE, related_name="tasks")
    rater = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rating_tasks")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("film__round", "position")
        constraints = (models.UniqueConstraint(fields=["film", "rater"], name="rater_once_per_film"),)

    def __str__(self) -> str:
        return f"task {self.pk}"


class Rating(models.Model):
    """What one rater said of a film. Append-only: the newest row of a task counts.

    `blind`: the rater could not know the group, and had not opened what the coach said of the film.
    """

    task = models.ForeignKey(RatingTask, on_delete=models.CASCADE, related_name="ratings")
    points = models.JSONField(default=dict, help_text=_("Criterion's key: whole points; empty if it can't be rated."))
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    cannot_rate = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    blind = models.BooleanField()
    rated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(total__isnull=True) & ~Q(cannot_rate="") | Q(total__isnull=False, cannot_rate=""),
                name="points_or_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.total}" if self.total is not None else self.cannot_rate


class Settlement(models.Model):
    """The final points of a film on which the raters differed, and why. Written once."""

    film = models.OneToOneField(RatedFilm, on_delete=models.CASCADE, related_name="settlement")
    points = models.JSONField(default=dict)
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    blind = models.BooleanField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.film}: {self.total}"
