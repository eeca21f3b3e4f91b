"""Routes of consent and privacy for programs."""

from __future__ import annotations

from django.urls import path

from studies.consent.api import ConsentCountersign, StudyConsent, StudyConsentTexts
from studies.privacy.api import StudentConsent, StudentData, StudyExport
from studies.privacy.guard_api import ErasureDecision, StudentErasure, StudyDeletions, StudyErasures, StudyPrivacy

urlpatterns = [
    path("students/<int:pk>/consent/", StudentConsent.as_view(), name="student-consent"),
    path("students/<int:pk>/data/", StudentData.as_view(), name="student-data"),
    path("students/<int:pk>/erasure/", StudentErasure.as_view(), name="student-erasure"),
    path("studies/<int:pk>/consent/", StudyConsent.as_view(), name="study-consent"),
    path("studies/<int:pk>/consent/texts/", StudyConsentTexts.as_view(), name="study-consent-texts"),
    path(
        "studies/<int:pk>/consent/<int:record_pk>/countersign/",
        ConsentCountersign.as_view(),
        name="consent-countersign",
    ),
    path("studies/<int:pk>/privacy/", StudyPrivacy.as_view(), name="study-privacy"),
    path("studies/<int:pk>/deletions/", StudyDeletions.as_view(), name="study-deletions"),
    path("studies/<int:pk>/erasures/", StudyErasures.as_view(), name="study-erasures"),
    path("studies/<int:pk>/erasures/<int:request_pk>/", ErasureDecision.as_view(), name="erasure-decision"),
    path("studies/<int:pk>/exports/", StudyExport.as_view(), name="study-exports"),
]
