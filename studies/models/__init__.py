"""Who takes part, in which arm, how much they trained, and what hurt."""

from studies.models.audit import AuditChain, AuditEntry
from studies.models.log import AccessRecord, Injury, Measurement, Outcome, TimePoint, TrainingSession
from studies.models.questionnaires import AnswerSheet, Questionnaire, QuestionnaireWave, ScaleFeed
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
    "AnswerSheet",
    "Arm",
    "Assignment",
    "AuditChain",
    "AuditEntry",
    "Baseline",
    "Injury",
    "Invitation",
    "Measurement",
    "Membership",
    "Outcome",
    "Participant",
    "ParticipantQuerySet",
    "Questionnaire",
    "QuestionnaireWave",
    "RandomisationPlan",
    "Reassignment",
    "RosterImport",
    "ScaleFeed",
    "ScreeningEntry",
    "Study",
    "StudyQuerySet",
    "TimePoint",
    "TrainingSession",
    "User",
]
