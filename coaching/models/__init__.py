"""A film of a set, the runs that analyse it, and what the coach said."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.live.models import LiveChunk, LiveSet  # noqa: F401 - Django looks for models here
from coaching.models import instruction, ratings  # noqa: F401 - Django finds an app's models from here
from coaching.models.bar import AboutBar
from coaching.models.runs import AnalysisRun as AnalysisRun
from studies.models import Participant, Study, User

if TYPE_CHECKING:
    from typing import Self


def media_path(kind: str, suffix: str) -> str:
    """A random name under a folder by kind: nothing in it tells who, when or which arm."""
    return f"{kind}/{uuid.uuid4().hex}{suffix}"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        """Sessions of the user's own, and of the studies where they are owner, instructor or researcher."""
        if user.is_superuser:
            return self
        # A subquery, not a join: nothing counted twice, and counts annotated on top stay right.
        return self.filter(participant__in=Participant.objects.visible_to(user))

    def with_latest_run(self) -> Self:
        """With all that a card in a list shows: two queries, whatever the number of sessions."""
        return self.select_related("participant__study", "participant__arm", "participant__user").prefetch_related(
            models.Prefetch("runs", queryset=AnalysisRun.objects.select_related("assessment"))
        )


class Session(AboutBar):
    """One filmed set of one student: what was uploaded, kept whatever becomes of it.

    A refused upload (too large, not a video) is a row too, with `rejected_code` and without a file.

    `size_bytes` and `sha256` are those of the upload: they tell whether it comes a second time. The file behind `video`
    is the upload itself until the worker has taken sound, place and date out of it; `stored_sha256` is of what is there
    from then on. Where that can't be done `kept_as_sent` says why.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="sessions")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    original_name = models.CharField(max_length=255, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    video = models.CharField(max_length=200, blank=True, help_text=_("Storage name; empty when rejected or deleted."))
    container = models.CharField(max_length=10, blank=True, help_text=_("What the content is, whatever the name says."))
    stored_sha256 = models.CharField(
        max_length=64, blank=True, help_text=_("Of the stored file, once it has no sound, place and date; else empty.")
    )
    kept_as_sent = models.CharField(
        max_length=40, blank=True, help_text=_("Code of why sound, place and date are still in the stored file.")
    )
    playable = models.CharField(
        max_length=200, blank=True, help_text=_("Storage name: a copy for browsers that can't play the film itself.")
    )
    rejected_code = models.CharField(max_length=40, blank=True)
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="duplicates"
    )
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        indexes = (
            models.Index(fields=["participant", "-uploaded_at"], name="session_newest_first"),
            models.Index(fields=["-uploaded_at", "-id"], name="session_newest_of_all"),
        )
        constraints = (
            # Two uploads of one file at the same moment: the database decides which of them is the duplicate.
            models.UniqueConstraint(
                fields=["participant", "sha256"],
                condition=Q(rejected_code="") & ~Q(sha256=""),
                name="film_kept_once_per_participant",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.uploaded_at:%Y-%m-%d %H:%M}"

    @property
    def latest_run(self) -> AnalysisRun | None:
        """The newest run; from the prefetched ones where the list page brought them along."""
        return next(iter(self.runs.all()), None)


class PendingUpload(AboutBar):
    """A film that is on its way in slices (`coaching.resumable`). The row goes when the film is whole, or given up.

    How much of it is here is the length of its file under `INCOMING_DIR`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    original_name = models.CharField(max_length=255, blank=True)
    size_bytes = models.BigIntegerField(help_text=_("Of the whole film."))
    mark = models.CharField(max_length=64, blank=True, help_text=_("Tells two files of one name and size apart."))
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    live_set = models.ForeignKey(
        "coaching.LiveSet",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The set that was lifted live, of which this is the film."),
    )
    started_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["participant", "uploaded_by", "original_name", "size_bytes", "mark"],
                name="upload_of_a_file_begun_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.original_name} of {self.participant}, on its way"


class Assessment(models.Model):
    """What the coach said about a session in one run. `document` is the JSON of docs/pipeline.md, frozen."""

    run = models.OneToOneField(AnalysisRun, on_delete=models.CASCADE, related_name="assessment")
    document = models.JSONField()
    view = models.CharField(max_length=10, blank=True)
    refused_code = models.CharField(max_length=40, blank=True)
    rep_count = models.PositiveSmallIntegerField(default=0)
    model_sha256 = models.CharField(max_length=64, blank=True)
    series = models.CharField(max_length=200, blank=True, help_text=_("Storage name: per-frame curves, JSON."))
    arrays = models.CharField(
        max_length=200, blank=True, help_text=_("Storage name: landmarks and features, compressed arrays.")
    )
    overlay = models.CharField(
        max_length=200, blank=True, help_text=_("Storage name: the film with skeleton and panel.")
    )
    poster = models.CharField(max_length=200, blank=True, help_text=_("Storage name: a still for lists, JPEG."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"assessment of {self.run}"


class RepetitionRecord(models.Model):
    """One repetition of an assessment, as a row: for lists, statistics and, later, the instructor's corrections."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="repetitions")
    number = models.PositiveSmallIntegerField()
    start_s = models.FloatField()
    lockout_s = models.FloatField()
    end_s = models.FloatField()
    verdict = models.CharField(max_length=10, blank=True)
    p_correct = models.FloatField(null=True, blank=True)
    concentric_s = models.FloatField(null=True, blank=True)
    top_s = models.FloatField(null=True, blank=True)
    eccentric_s = models.FloatField(null=True, blank=True)
    floor_s = models.FloatField(null=True, blank=True)
    faults = models.JSONField(default=list)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["assessment", "number"], name="repetition_number_once"),)

    def __str__(self) -> str:
        return f"repetition {self.number}"


class Still(models.Model):
    """One picture of a result with the drawing that shows a fault, or its absence. Goes with the assessment.

    `cue`: what a cue speaks of. `better`: the same moment in a repetition of this set without the fault. `best`: this
    set's best repetition at that moment, for cues of later sets.
    """

    class Purpose(models.TextChoices):
        CUE = "cue", _("What a cue speaks of")
        BETTER = "better", _("The same moment without the fault")
        BEST = "best", _("The best repetition, for later sets")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="stills")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    fault = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField(help_text=_("Of the repetition."))
    at_s = models.FloatField()
    image = models.CharField(max_length=200, help_text=_("Storage name, JPEG."))

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["assessment", "purpose", "fault"], name="still_once_per_purpose_and_fault"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} of {self.fault} in repetition {self.number}"


class StrictnessChoice(models.Model):
    """How early the coach tells what it found, as an instructor chose it. Append-only: the newest row counts.

    Without `participant` it is the whole study's; with it one student's, and an empty level takes that back. It changes
    what is told of later sets, never what was measured or judged.
    """

    class Level(models.TextChoices):
        LENIENT = "lenient", _("Lenient")
        STANDARD = "standard", _("Standard")
        STRICT = "strict", _("Strict")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="strictness_choices")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="strictness_choices"
    )
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    chosen_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["study", "participant"], name="strictness_of_whom"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(participant__isnull=False) | ~Q(level=""), name="a_study_has_a_strictness"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant or self.study}: {self.level or 'as the study'}"


class RepetitionReview(models.Model):
    """What an instructor says of one repetition, beside the coach's verdict, which stays as it is. Append-only.

    A change of mind is another row: of one reviewer's rows about a repetition the newest counts, the earlier ones
    stay. `number` is the coach's, or, with `added`, the next free one: a repetition that the coach missed. Bounds are
    always the whole three, so that a row is a label by itself. `blind` is the server's to decide, when the row is made.
    """

    class Decision(models.TextChoices):
        CORRECT = "correct", _("Correct")
        INCORRECT = "incorrect", _("Incorrect")
        NOT_A_REPETITION = "not_a_repetition", _("Not a repetition")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="reviews")
    # A run alone can't be deleted from under its reviews; with the whole session, as the student may ask, it can.
    assessment = models.ForeignKey(Assessment, on_delete=models.RESTRICT, related_name="reviews")
    number = models.PositiveSmallIntegerField()
    added = models.BooleanField(default=False, help_text=_("The coach did not find this repetition."))
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=timezone.now, editable=False)
    blind = models.BooleanField(default=False, help_text=_("Said before the reviewer had opened the coach's result."))
    carried_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="carried_to",
        help_text=_("The same words about an earlier analysis of the film, confirmed for this one."),
    )
    decision = models.CharField(max_length=20, choices=Decision.choices)
    faults = models.JSONField(default=list)
    start_s = models.FloatField()
    lockout_s = models.FloatField()
    end_s = models.FloatField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["assessment", "number"], name="review_of_repetition"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(start_s__gte=0, start_s__lt=F("lockout_s"), lockout_s__lte=F("end_s")),
                name="reviewed_bounds_are_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"review of repetition {self.number}"
