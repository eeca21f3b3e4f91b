"""Who takes part, in which arm, how much they trained, and what hurt."""

from studies.models.audit import AuditChain, AuditEntry
from studies.models.exposure import CountedFilm, Lesson, TrainingSession, TrainingSessionQuerySet
from studies.models.health import (
    HealthAnswer,
    HealthProblem,
    HealthReminder,
    HealthWeek,
    Injury,
    InjuryChange,
    InjuryQuerySet,
    SafetyAlert,
    SafetyRules,
)
from studies.models.log import AccessRecord, Measurement, Outcome, TimePoint
from studies.models.randomisation import Assignment, RandomisationPlan
from studies.models.roster import Baseline, Invitation, RosterImport, ScreeningEntry
from studies.models.trial import (
    AllocationList,
    Arm,
    Membership,
    Participant,
    ParticipantQuerySet,
    Reassignment,
    Study,
    StudyQuerySet,
    User,
)

__all__ = [
    "AccessRecord",
    "AllocationList",
    "Arm",
    "Assignment",
    "AuditChain",
    "AuditEntry",
    "Baseline",
    "CountedFilm",
    "HealthAnswer",
    "HealthProblem",
    "HealthReminder",
    "HealthWeek",
    "Injury",
    "InjuryChange",
    "InjuryQuerySet",
    "Invitation",
    "Lesson",
    "Measurement",
    "Membership",
    "Outcome",
    "Participant",
    "ParticipantQuerySet",
    "RandomisationPlan",
    "Reassignment",
    "RosterImport",
    "SafetyAlert",
    "SafetyRules",
    "ScreeningEntry",
    "Study",
    "StudyQuerySet",
    "TimePoint",
    "TrainingSession",
    "TrainingSessionQuerySet",
    "User",
]
