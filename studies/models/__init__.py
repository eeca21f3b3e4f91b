"""Who takes part, in which arm, how much they trained, and what hurt."""

from studies.models.audit import AuditChain, AuditEntry
from studies.models.consent import ConsentRecord, ConsentStatus, ConsentText, PrivacyPolicy
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
from studies.models.jobs import Job
from studies.models.log import AccessRecord, Measurement, Outcome, TimePoint
from studies.models.privacy import DeletionProof, ErasureRequest, ParticipantKey, RetentionWarning
from studies.models.protocol import ProtocolDraft, ProtocolVersion, StudyMilestone
from studies.models.questionnaires import AnswerSheet, Questionnaire, QuestionnaireWave, ScaleFeed
from studies.models.randomisation import Assignment, RandomisationPlan
from studies.models.roster import Baseline, Invitation, RosterImport, ScreeningEntry
from studies.models.tokens import ApiToken
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
    "ApiToken",
    "Arm",
    "Assignment",
    "AuditChain",
    "AuditEntry",
    "Baseline",
    "ConsentRecord",
    "ConsentStatus",
    "ConsentText",
    "CountedFilm",
    "DeletionProof",
    "ErasureRequest",
    "HealthAnswer",
    "HealthProblem",
    "HealthReminder",
    "HealthWeek",
    "Injury",
    "InjuryChange",
    "InjuryQuerySet",
    "Invitation",
    "Job",
    "Lesson",
    "Measurement",
    "Membership",
    "Outcome",
    "Participant",
    "ParticipantKey",
    "ParticipantQuerySet",
    "PrivacyPolicy",
    "ProtocolDraft",
    "ProtocolVersion",
    "Questionnaire",
    "QuestionnaireWave",
    "RandomisationPlan",
    "Reassignment",
    "RetentionWarning",
    "RosterImport",
    "SafetyAlert",
    "SafetyRules",
    "ScaleFeed",
    "ScreeningEntry",
    "Study",
    "StudyMilestone",
    "StudyQuerySet",
    "TimePoint",
    "TrainingSession",
    "TrainingSessionQuerySet",
    "User",
]
