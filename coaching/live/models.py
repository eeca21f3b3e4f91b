"""A set in front of the camera, and its landmarks until it is stored like an upload."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, User


class LiveSet(models.Model):
    """One set that is judged while it goes on. recording -> finished | discarded.

    `epoch` is the fence: each connection takes the next, and only the newest one's frames are written. `following` and
    `last_ms` say where it goes on after a break. `feedback` is what the arm gave when it was finished, for the record;
    what is shown is decided anew at every connection.
    """

    class State(models.TextChoices):
        RECORDING = "recording", _("Recording")
        FINISHED = "finished", _("Finished")
        DISCARDED = "discarded", _("Discarded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="live_sets")
    started_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECORDING)
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    stature_cm = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(120)), MaxValueValidator(Decimal(230))],
    )
    plate_mm = models.PositiveSmallIntegerField(null=True, blank=True)
    loss_alert_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0)
    following = models.PositiveBigIntegerField(default=0, help_text=_("Sequence number of the next frame."))
    last_ms = models.FloatField(null=True, blank=True)
    last_frame_at = models.DateTimeField(null=True, blank=True)
    dropped = models.JSONField(default=dict)
    count = models.PositiveSmallIntegerField(default=0, help_text=_("Repetitions as they were counted live."))
    last_cue = models.CharField(max_length=40, blank=True)
    feedback = models.BooleanField(default=False)
    velocity = models.JSONField(default=dict)
    session = models.OneToOneField(
        "coaching.Session", null=True, blank=True, on_delete=models.CASCADE, related_name="live_set"
    )
    film = models.ForeignKey(
        "coaching.Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="filmed_live_sets"
    )

    class Meta:
        ordering = ("-started_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["participant"], condition=Q(state="recording"), name="one_live_set_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="finished", session__isnull=False) | ~Q(state="finished"),
                name="a_finished_live_set_has_a_session",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} live {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def stature_m(self) -> float | None:
        return None if self.stature_cm is None else float(self.stature_cm) / 100.0


class LiveChunk(models.Model):
    """Frames of a set in the order of the coach, one behind the other as docs/live.md describes them; two seconds.

    `number` increases; it is the sequence of the frame that follows.
    They go when the set is stored: then they are in the result's arrays.
    """

    live_set = models.ForeignKey(LiveSet, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["live_set", "number"], name="live_chunk_once"),)

    def __str__(self) -> str:
        return f"chunk {self.number}"
