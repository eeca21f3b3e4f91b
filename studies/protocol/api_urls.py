from __future__ import annotations

from django.urls import path

from studies.protocol.api import StudyProtocol, StudyProtocolDraft, StudyProtocolVersion, StudyProtocolVersions

urlpatterns = [
    path("studies/<int:pk>/protocol/", StudyProtocol.as_view(), name="study-protocol"),
    path("studies/<int:pk>/protocol/draft/", StudyProtocolDraft.as_view(), name="study-protocol-draft"),
    path("studies/<int:pk>/protocol/versions/", StudyProtocolVersions.as_view(), name="study-protocol-versions"),
    path(
        "studies/<int:pk>/protocol/versions/<int:number>/",
        StudyProtocolVersion.as_view(),
        name="study-protocol-version",
    ),
]
