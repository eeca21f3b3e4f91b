"""Who takes part, in which arm, how much they trained, and what hurt."""

from studies.models.audit import AuditChain, AuditEntry
from studies.models.consent import ConsentRecord, ConsentStatus, ConsentText, PrivacyPolicy
from studies.models.jobs import Job
from studies.models.log import AccessRecord, Injury, Measurement, Outcome, TimePoint, TrainingSession
from studies.models.privacy import DeletionProof, ErasureRequest, ParticipantKey, RetentionWarning
from studies.models.protocol import ProtocolDraft, ProtocolVersion, StudyMilestone
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
    "ApiToken",
    "Arm",
    "Assignment",
    "AuditChain",
    "AuditEntry",
    "Baseline",
    "ConsentRecord",
    "ConsentStatus",
    "ConsentText",
    "DeletionProof",
    "ErasureRequest",
    "Injury",
    "Invitation",
    "Job",
    "Measurement",
    "Membership",
    "Outcome",
    "Participant",
    "ParticipantKey",
    "ParticipantQuerySet",
    "PrivacyPolicy",
    "ProtocolDraft",
    "ProtocolVersion",
    "RandomisationPlan",
    "Reassignment",
    "RetentionWarning",
    "RosterImport",
    "ScreeningEntry",
    "Study",
    "StudyMilestone",
    "StudyQuerySet",
    "TimePoint",
    "TrainingSession",
    "User",
]
