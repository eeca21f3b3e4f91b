"""Routes of consent."""

from __future__ import annotations

from django.urls import path

from studies.consent import views

patterns = [
    path("students/<int:pk>/consent/", views.consent, name="consent"),
    path("students/<int:pk>/consent/withdraw/", views.consent_withdraw, name="consent-withdraw"),
    path("students/<int:pk>/consent/<int:record_pk>.pdf", views.consent_copy, name="consent-copy"),
    path("consent/guardian/<str:token>/", views.guardian, name="guardian"),
    path("studies/<int:pk>/consent/", views.consent_overview, name="consent-overview"),
    path("studies/<int:pk>/consent/text/", views.consent_text, name="consent-text"),
    path(
        "studies/<int:pk>/consent/<int:record_pk>/countersign/", views.consent_countersign, name="consent-countersign"
    ),
]
