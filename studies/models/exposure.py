"""How much was trained: lessons with who was there, and what films add. The denominator of every injury rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User

if TYPE_CHECKING:
    from typing import Self


class Lesson(models.Model):
    """One lesson of a class, or of one of its sections: its rows say who was there. `version` guards two editors."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="lessons_held")
    held_on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=40, blank=True)
    logged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-held_on", "-pk")
        indexes = (models.Index(fields=["study", "held_on"], name="lesson_by_day"),)

    def __str__(self) -> str:
        return f"{self.study} {self.held_on}"


class TrainingSessionQuerySet(models.QuerySet["TrainingSession"]):
    def attended(self) -> Self:
        """Training that took place: no row of somebody who was missing."""
        return self.filter(attendance=TrainingSession.Attendance.PRESENT)

    def lessons(self) -> Self:
        """Attended lessons: without days that are known from films alone."""
        return self.attended().exclude(source=TrainingSession.Source.UPLOAD)


class TrainingSession(models.Model):
    """Exposure: one lesson of one student, or a day of training that only films tell of.

    Who was missing has a row too, with 0 minutes. `sets`, `repetitions` and `load_kg` are what counts: the greater of
    what a person entered (`..._by_hand`) and what the films of that day show, since a film is of the lesson's own sets.
    While no film was counted the `..._by_hand` columns are empty. A day known from films has no minutes until somebody
    enters them.
    """

    class Attendance(models.TextChoices):
        PRESENT = "present", _("Present")
        ABSENT = "absent", _("Absent")
        EXCUSED = "excused", _("Excused")

    class Source(models.TextChoices):
        LESSON = "lesson", _("Lesson")
        UPLOAD = "upload", _("Films")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="training_sessions")
    lesson = models.ForeignKey(Lesson, null=True, blank=True, on_delete=models.CASCADE, related_name="rows")
    held_on = models.DateField()
    attendance = models.CharField(max_length=8, choices=Attendance.choices, default=Attendance.PRESENT)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.LESSON)
    minutes = models.PositiveSmallIntegerField()
    sets = models.PositiveSmallIntegerField(default=0)
    repetitions = models.PositiveSmallIntegerField(default=0)
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    sets_by_hand = models.PositiveSmallIntegerField(null=True, blank=True)
    repetitions_by_hand = models.PositiveSmallIntegerField(null=True, blank=True)
    load_by_hand_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    logged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = TrainingSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-pk")
        indexes = (models.Index(fields=["participant", "held_on"], name="session_by_day"),)
        constraints = (
            models.UniqueConstraint(fields=["lesson", "participant"], name="once_in_a_lesson"),
            models.UniqueConstraint(
                fields=["participant", "held_on"],
                condition=models.Q(source="upload"),
                name="one_day_of_films_per_student",
            ),
            models.CheckConstraint(
                condition=models.Q(attendance="present") | models.Q(minutes=0),
                name="who_was_missing_trained_no_minutes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.held_on}"


class CountedFilm(models.Model):
    """What one analysed film adds to a day of training; analysed again, it is counted anew and not twice.

    `film` is the film's key in the part that analyses it.
    """

    training_session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="films")
    film = models.CharField(max_length=40, unique=True)
    repetitions = models.PositiveSmallIntegerField()
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.film}: {self.repetitions}"
