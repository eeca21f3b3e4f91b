"""Plans and reports for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from analysis.frozen.building import build
from analysis.models import FrozenReport
from studies.models import AuditEntry, Membership
from tests.analysis.plans.classes import measured_class, plan
from tests.factory import make_staff

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_a_plan_is_saved_and_a_report_made_and_read(client: Client) -> None:
    study, _students = measured_class()
    by = make_staff(study, Membership.Role.INSTRUCTOR)
    client.force_login(by)
    reports = reverse("study-frozen-reports", args=[study.pk])
    assert client.post(reports).json()["code"] == "no_plan"
    plans = reverse("study-analysis-plans", args=[study.pk])
    document = plan().document()
    saved = client.post(plans, {"document": document, "seen_version": 0}, JSON)
    assert (saved.status_code, saved.json()["version"], saved.json()["registered"]) == (201, 1, False)
    assert client.get(plans).json()["results"][0]["document"] == document
    made = client.post(reports)
    assert (made.status_code, made.json()["state"]) == (202, "queued")
    assert client.post(reports).json()["code"] == "being_made"
    build(made.json()["id"])
    found = client.get(reverse("frozen-report", args=[made.json()["id"]])).json()
    assert (found["state"], found["withdrawn"], found["failure"]) == ("done", 0, "")
    snapshot = client.get(reverse("frozen-report-snapshot", args=[found["id"]])).json()
    assert snapshot["data_sha256"] == found["data_sha256"]
    assert snapshot["findings"][0]["primary"]["p"] < 0.05
    assert AuditEntry.objects.filter(kind="exported", actor=by).count() == 1


def test_a_plan_that_does_not_fit_says_where(client: Client) -> None:
    study, _students = measured_class(4)
    client.force_login(make_staff(study, Membership.Role.OWNER))
    document = plan().document()
    document["hypotheses"][0]["outcome"] = "strength"
    url = reverse("study-analysis-plans", args=[study.pk])
    refused = client.post(url, {"document": document, "seen_version": 0}, JSON)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["where"]) == ("unknown_outcome", "hypotheses[0].outcome")
    document["hypotheses"][0]["outcome"] = "score"
    assert client.post(url, {"document": document, "seen_version": 3}, JSON).json()["code"] == "changed_meanwhile"
    assert client.post(url, {"document": [], "seen_version": 0}, JSON).status_code == 422


def test_a_report_that_is_not_made_has_no_snapshot(client: Client) -> None:
    study, _students = measured_class(4)
    client.force_login(make_staff(study, Membership.Role.OWNER))
    client.post(
        reverse("study-analysis-plans", args=[study.pk]), {"document": plan().document(), "seen_version": 0}, JSON
    )
    client.post(reverse("study-frozen-reports", args=[study.pk]))
    report = FrozenReport.objects.get()
    assert client.get(reverse("frozen-report-snapshot", args=[report.pk])).status_code == 404
