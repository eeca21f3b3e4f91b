"""What hurt: injuries, weekly answers about health, alerts. All of it is health data, read through the doors only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.trial import Participant, Study, User

if TYPE_CHECKING:
    from typing import Self


class InjuryQuerySet(models.QuerySet["Injury"]):
    def standing(self) -> Self:
        """Without those that were struck out as entered by mistake."""
        return self.filter(struck_at=None)

    def counted(self) -> Self:
        """What rates count: standing, and not begun before the student was in the study."""
        return self.standing().filter(before_enrolment=False)


class Injury(models.Model):
    """One injury as the IOC consensus of 2020 records it (docs/injuries.md). Never deleted: struck out with a reason.

    Empty choices are "not known". `days_lost` counts the days after that of the injury until full training again.
    """

    class Region(models.TextChoices):
        HEAD = "head", _("Head")
        NECK = "neck", _("Neck")
        CHEST = "chest", _("Chest")
        ABDOMEN = "abdomen", _("Abdomen")
        UPPER_BACK = "upper_back", _("Upper back")
        LOWER_BACK = "lower_back", _("Lower back")
        SHOULDER = "shoulder", _("Shoulder")
        UPPER_ARM = "upper_arm", _("Upper arm")
        ELBOW = "elbow", _("Elbow")
        FOREARM = "forearm", _("Forearm")
        WRIST = "wrist", _("Wrist")
        HAND = "hand", _("Hand or finger")
        ELBOW_WRIST = "elbow_wrist", _("Elbow or wrist")
        HIP_GROIN = "hip_groin", _("Hip or groin")
        THIGH = "thigh", _("Thigh")
        KNEE = "knee", _("Knee")
        CALF = "calf", _("Lower leg")
        ANKLE = "ankle", _("Ankle")
        FOOT = "foot", _("Foot or toe")
        LOWER_LEG = "lower_leg", _("Lower leg, ankle or foot")
        OTHER = "other", _("Other")

    COARSE = (Region.ELBOW_WRIST, Region.LOWER_LEG)
    """Regions of older entries; the map tells their parts apart, so pages offer them no more."""

    class Side(models.TextChoices):
        LEFT = "left", _("Left")
        RIGHT = "right", _("Right")
        BOTH = "both", _("Both")
        MIDDLE = "middle", _("Middle")

    class Onset(models.TextChoices):
        ACUTE_SUDDEN = "acute_sudden", _("Suddenly, in one moment")
        REPETITIVE_SUDDEN = "repetitive_sudden", _("Suddenly, after much repeated load")
        REPETITIVE_GRADUAL = "repetitive_gradual", _("Gradually, over days or weeks")

    class Tissue(models.TextChoices):
        MUSCLE = "muscle", _("Muscle: strain, tear, cramp")
        TENDON = "tendon", _("Tendon")
        LIGAMENT = "ligament", _("Joint sprain, ligament, capsule")
        CARTILAGE = "cartilage", _("Cartilage, meniscus, disc")
        BURSA = "bursa", _("Bursa, joint lining")
        FRACTURE = "fracture", _("Bone: fracture")
        BONE_STRESS = "bone_stress", _("Bone: stress injury")
        NERVE = "nerve", _("Nerve")
        CONCUSSION = "concussion", _("Concussion")
        CONTUSION = "contusion", _("Bruise")
        SKIN = "skin", _("Skin: cut, graze, torn callus")
        OTHER = "other", _("Another tissue")
        NONSPECIFIC = "nonspecific", _("Pain, tissue not specified")

    class Activity(models.TextChoices):
        DEADLIFT = "deadlift", _("Deadlift")
        OTHER_LIFT = "other_lift", _("Another lift")
        WARM_UP = "warm_up", _("Warm-up or stretching")
        LESSON = "lesson", _("Something else in the lesson")
        OTHER_SPORT = "other_sport", _("Sport outside the study")
        DAILY_LIFE = "daily_life", _("Daily life")

    class Course(models.TextChoices):
        NEW = "new", _("New")
        REINJURY = "reinjury", _("The same again, after it had healed")
        EXACERBATION = "exacerbation", _("An earlier one got worse before it healed")

    class Source(models.TextChoices):
        INSTRUCTOR = "instructor", _("Instructor")
        STUDENT = "student", _("Student's own report")
        OSTRC = "ostrc", _("Weekly questionnaire")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="injuries")
    occurred_on = models.DateField()
    region = models.CharField(max_length=20, choices=Region.choices)
    side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    onset = models.CharField(max_length=20, choices=Onset.choices, blank=True)
    tissue = models.CharField(max_length=12, choices=Tissue.choices, blank=True)
    activity = models.CharField(max_length=12, choices=Activity.choices, blank=True)
    course = models.CharField(max_length=12, choices=Course.choices, blank=True)
    pain = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(10)], help_text=_("Worst pain, 0 to 10.")
    )
    days_lost = models.PositiveSmallIntegerField(default=0)
    returned_on = models.DateField(null=True, blank=True, help_text=_("First day of full training again."))
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    form_related = models.BooleanField(null=True, blank=True)
    judged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    form_reason = models.CharField(max_length=300, blank=True, help_text=_("Why technique is held to be the cause."))
    note = models.TextField(blank=True)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.INSTRUCTOR)
    before_enrolment = models.BooleanField(
        default=False, help_text=_("Began before the student was in the study: kept, and in no rate.")
    )
    logged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    logged_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(max_length=300, blank=True)

    objects = InjuryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "injuries"
        ordering = ("-occurred_on", "-pk")
        indexes = (models.Index(fields=["participant", "occurred_on"], name="injury_by_day"),)
        constraints = (
            models.CheckConstraint(condition=Q(pain__isnull=True) | Q(pain__lte=10), name="pain_is_0_to_10"),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True) | Q(returned_on__gte=models.F("occurred_on")),
                name="nobody_returns_before_the_injury",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant}: {self.get_region_display()}"

    @property
    def time_loss(self) -> str:
        """The consensus' bin of `days_lost`: "0", "1-7", "8-28" or ">28"."""
        return next((name for most, name in TIME_LOSS if self.days_lost <= most), ">28")


TIME_LOSS = ((0, "0"), (7, "1-7"), (28, "8-28"))
"""Most days lost, and the bin's name; beyond them ">28"."""


class InjuryChange(models.Model):
    """One saved change of an injury: which fields, and the coded values before and after.

    Free text leaves its name only. Append-only. `version` is the one that the change made.
    """

    injury = models.ForeignKey(Injury, on_delete=models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    texts = models.JSONField(default=list, help_text=_("Names of the free texts that changed."))
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=["injury", "version"], name="injury_version_once"),)

    def __str__(self) -> str:
        return f"{self.injury_id}, version {self.version}"


class HealthWeek(models.Model):
    """One week that a study's students are asked about, Monday to Sunday."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="health_weeks")
    starts_on = models.DateField(help_text=_("A Monday."))
    opens_on = models.DateField()
    due_on = models.DateField(help_text=_("Answers after this day are kept and marked as late."))

    class Meta:
        ordering = ("-starts_on",)
        constraints = (models.UniqueConstraint(fields=["study", "starts_on"], name="health_week_once"),)

    def __str__(self) -> str:
        return f"{self.study} {self.starts_on}"


class HealthAnswer(models.Model):
    """One student's answer about one week. Without problems: full participation without health problems."""

    week = models.ForeignKey(HealthWeek, on_delete=models.CASCADE, related_name="answers")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="health_answers")
    answered_at = models.DateTimeField(default=timezone.now)
    late = models.BooleanField(default=False)

    class Meta:
        ordering = ("-week__starts_on",)
        constraints = (models.UniqueConstraint(fields=["week", "participant"], name="one_answer_per_week"),)

    def __str__(self) -> str:
        return f"{self.participant} {self.week.starts_on}"


class HealthProblem(models.Model):
    """One problem of one week: the four answers as 0 to 3, None where the first made them redundant.

    `severity` is 0-100 and `substantial` as in `studies.health.scoring`.
    """

    class Kind(models.TextChoices):
        INJURY = "injury", _("Injury or pain")
        ILLNESS = "illness", _("Illness")

    answer = models.ForeignKey(HealthAnswer, on_delete=models.CASCADE, related_name="problems")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    region = models.CharField(max_length=20, choices=Injury.Region.choices, blank=True)
    side = models.CharField(max_length=8, choices=Injury.Side.choices, blank=True)
    participation = models.PositiveSmallIntegerField()
    training = models.PositiveSmallIntegerField(null=True, blank=True)
    performance = models.PositiveSmallIntegerField(null=True, blank=True)
    symptoms = models.PositiveSmallIntegerField(null=True, blank=True)
    severity = models.PositiveSmallIntegerField()
    substantial = models.BooleanField()
    injury = models.ForeignKey(Injury, null=True, blank=True, on_delete=models.SET_NULL, related_name="weekly_problems")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.answer}: {self.severity}"


class HealthReminder(models.Model):
    """That a student was reminded by e-mail of a week's questions: once when it opens, once on its last day."""

    week = models.ForeignKey(HealthWeek, on_delete=models.CASCADE, related_name="reminders")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["week", "participant", "number"], name="reminded_once_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.week.starts_on} no. {self.number}"


class SafetyRules(models.Model):
    """From when on a study's instructors are alerted. A study without a row has these defaults."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="safety_rules")
    pain_from = models.PositiveSmallIntegerField(default=7, validators=[MinValueValidator(1), MaxValueValidator(10)])
    score_from = models.PositiveSmallIntegerField(default=40, validators=[MinValueValidator(1), MaxValueValidator(100)])
    days_lost_from = models.PositiveSmallIntegerField(default=8, validators=[MinValueValidator(1)])
    injuries_a_week = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name_plural = "safety rules"

    def __str__(self) -> str:
        return f"safety rules of {self.study}"


class SafetyAlertQuerySet(models.QuerySet["SafetyAlert"]):
    def open(self) -> Self:
        """Nobody has acknowledged them yet."""
        return self.filter(acknowledged_at=None)


class SafetyAlert(models.Model):
    """Something that an instructor must know at once. It names no group; it stays until somebody acknowledges it.

    `key` is what raised it, so that one thing alerts once: an injury or a weekly problem.
    """

    class Kind(models.TextChoices):
        PAIN = "pain", _("Strong pain")
        SCORE = "score", _("Severe health problem")
        DAYS = "days", _("Many days lost")
        WEEK = "week", _("Many injuries within a week: stop rule")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="safety_alerts")
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="safety_alerts"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=40)
    value = models.PositiveSmallIntegerField()
    limit = models.PositiveSmallIntegerField()
    raised_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    objects = SafetyAlertQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["study", "kind", "key"], name="alerted_once"),)

    def __str__(self) -> str:
        return f"{self.study}: {self.kind} {self.value}"
