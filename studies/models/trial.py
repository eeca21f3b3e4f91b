"""A study, its arms, its staff, and who takes part in which arm."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from typing import Self


class User(AbstractUser):
    """A person who signs in. What they may do follows from their memberships and participations, not from a field."""


class StudyQuerySet(models.QuerySet["Study"]):
    def visible_to(self, user: User) -> Self:
        """Studies the user works in or takes part in. Superusers see all."""
        if user.is_superuser:
            return self
        # Subqueries, not joins: counts annotated on top of this stay right.
        works_in = Membership.objects.filter(user=user).values("study")
        takes_part_in = Participant.objects.filter(user=user).values("study")
        return self.filter(Q(pk__in=works_in) | Q(pk__in=takes_part_in))


def new_blinding_seed() -> str:
    return secrets.token_hex(16)


class Study(models.Model):
    """One trial: its arms, its people, and the protocol in words."""

    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    is_demonstration = models.BooleanField(
        default=False, help_text=_("Invented or reconstructed data; every report says so.")
    )
    data_note = models.TextField(blank=True, help_text=_("Printed under every table made from this study's rows."))
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    feedback_released_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("From this moment every arm sees the AI coach's feedback, also that withheld before."),
    )
    unblinded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From this moment blinded roles see which group is which.")
    )
    unblinded_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    unblinding_reason = models.TextField(blank=True, editable=False)
    blinding_seed = models.CharField(
        max_length=64,
        default=new_blinding_seed,
        editable=False,
        help_text="Deals the letters that stand for the groups (studies.blinding). Secret: never shown or exported.",
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("From this moment nothing is added to the study.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StudyQuerySet.as_manager()

    asked_for: tuple[int, Membership | None] | None = None
    """Set by the door (`studies.access`): for whom this row was fetched, and as what, so that one request asks once."""

    class Meta:
        verbose_name_plural = "studies"
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class Arm(models.Model):
    """A group of the trial. `position` is the order of the paper's tables: the first arm minus the second."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    ratio = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(10)], help_text=_("Share of the students.")
    )
    gives_ai_feedback = models.BooleanField(
        default=False, help_text=_("Students of this arm see the AI coach's feedback.")
    )

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=["study", "key"], name="arm_key_once_per_study"),)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A member of staff in one study."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        INSTRUCTOR = "instructor", _("Instructor")
        ASSESSOR = "assessor", _("Assessor")
        RESEARCHER = "researcher", _("Researcher")
        OFFICER = "officer", _("Data-protection officer")

    WITH_STUDENTS = (Role.OWNER, Role.INSTRUCTOR, Role.RESEARCHER)
    """Who works with the rows of students; assessors see films to rate, officers see records of who did what."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    sections = models.JSONField(
        default=list, blank=True, help_text=_("The sections that an instructor works with; none named: all of them.")
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=["study", "user"], name="one_role_per_study"),)

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def limited_to(self) -> frozenset[str]:
        """The only sections whose students this person works with; empty: everybody's."""
        return frozenset(self.sections) if self.role == self.Role.INSTRUCTOR else frozenset()


class AllocationList(models.Model):
    """One randomisation of a study, with everything needed to make the same list again. Never changed, only followed.

    `roster` (participant codes) and `arm_keys` are the inputs of `studies.randomise.allocate` beside the seed;
    `sha256` is `studies.randomise.commitment` of all four. A student moved by hand later has a `Reassignment`.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="allocation_lists")
    seed = models.BigIntegerField()
    algorithm = models.CharField(max_length=60)
    roster = models.JSONField(default=list)
    arm_keys = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(blank=True, help_text=_("Why the study was allocated again, if it was."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.study}: {self.algorithm}, {self.sha256[:12]}"


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def visible_to(self, user: User) -> Self:
        """The user's own rows, and those of the studies where they are staff (researchers: without the name).

        An instructor of some sections gets the students of these. One query at once, for the user's sections.
        """
        if user.is_superuser:
            return self
        mine = Membership.objects.filter(user=user, role__in=Membership.WITH_STUDENTS)
        allowed = Q(user=user)
        limited = {row.study_id: row.limited_to for row in mine if row.limited_to}
        for study, sections in limited.items():
            allowed |= Q(study=study, section__in=sections)
        return self.filter(allowed | Q(study__in=mine.exclude(study__in=list(limited)).values("study")))

    def unassigned(self) -> Self:
        return self.filter(arm__isnull=True)

    def waiting(self) -> Self:
        """Without an arm, and eligible: those whom a draw is for."""
        return self.unassigned().filter(eligibility=Participant.Eligibility.ELIGIBLE)


class Participant(models.Model):
    """A student in a study. `code` is the pseudonym that researchers see.

    The arm comes from a list that was drawn at once (`allocation`) or from a committed plan (`plan`).
    """

    class Eligibility(models.TextChoices):
        ELIGIBLE = "eligible", _("Eligible")
        UNCONFIRMED = "unconfirmed", _("To be confirmed")
        EXCLUDED = "excluded", _("Excluded")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations")
    code = models.CharField(max_length=20)
    year_of_study = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(8)])
    arm = models.ForeignKey(Arm, null=True, blank=True, on_delete=models.PROTECT, related_name="participants")
    allocation = models.ForeignKey(
        AllocationList, null=True, blank=True, on_delete=models.PROTECT, related_name="participants"
    )
    plan = models.ForeignKey(
        "RandomisationPlan", null=True, blank=True, on_delete=models.PROTECT, related_name="participants"
    )
    section = models.CharField(max_length=40, blank=True, help_text=_("The class that the student trains with."))
    eligibility = models.CharField(max_length=12, choices=Eligibility.choices, default=Eligibility.ELIGIBLE)
    enrolled_at = models.DateTimeField(default=timezone.now)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["study", "user"], name="enrolled_once_per_study"),
            models.UniqueConstraint(fields=["study", "code"], name="code_once_per_study"),
            models.CheckConstraint(
                condition=Q(arm__isnull=True, allocation__isnull=True, plan__isnull=True)
                | Q(arm__isnull=False, allocation__isnull=False, plan__isnull=True)
                | Q(arm__isnull=False, allocation__isnull=True, plan__isnull=False),
                name="arm_comes_from_a_list_or_a_plan",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def receives_ai_feedback(self) -> bool:
        """Whether this student may read the AI coach's feedback now: their arm gives it, or the study released it."""
        if self.study.feedback_released_at is not None and self.study.feedback_released_at <= timezone.now():
            return True
        return self.arm is not None and self.arm.gives_ai_feedback


class Reassignment(models.Model):
    """A student moved to another arm by hand, against the allocation list: by whom and why. Append-only."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="reassignments")
    from_arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="+")
    to_arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-changed_at", "-pk")

    def __str__(self) -> str:
        return f"{self.participant}: {self.from_arm} to {self.to_arm}"
