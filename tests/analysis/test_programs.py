"""Injury rates, dry runs and a report's files for programs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from analysis.frozen.building import build
from analysis.frozen.services import order_report
from analysis.models import DryRun
from analysis.plans.services import save_plan
from studies.models import Job, Membership
from tests.analysis.injuries.test_figures import a_study_over
from tests.analysis.plans.classes import measured_class, plan
from tests.factory import make_staff
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def test_injury_rates_are_the_pages_figures(client: Client) -> None:
    """5 injuries in 100 hours, as in the test of the figures; no contrast for who is blinded."""
    people = a_study_over()
    found = get(client, people.owner, "study-injury-rates", people.study.pk)
    total = found["total"]
    assert (total["injuries"], total["hours"], total["median_days"]) == (5, 100.0, 8.0)
    assert total["all_injuries"]["rate"] == pytest.approx(50)
    assert total["by_days_lost"] == {"0": 1, "1-7": 1, "8-28": 2, ">28": 1}
    assert found["regions"] == [{"region": "Knee", "injuries": 5, "days_lost": 49}]
    assert ([group["name"] for group in found["groups"]], found["kept_back"]) == (["Arm a", "Arm b"], "")
    blind = get(client, people.researcher, "study-injury-rates", people.study.pk)
    assert (blind["kept_back"], blind["groups"], blind["ratio"]) == ("blinded", [], None)


def test_a_dry_run_is_made_of_assumptions(client: Client) -> None:
    study, _students = measured_class()
    owner = make_staff(study, Membership.Role.OWNER)
    few = {"students_per_arm": 4, "effect": 1, "trials": 100, "lessons": 2}
    assert post(client, owner, "study-dry-runs", study.pk, **few | {"effect": 99}).status_code == 400
    found = made(post(client, owner, "study-dry-runs", study.pk, **few), 202)
    run = DryRun.objects.get()
    assert (found["copy"], found["report"], found["expected"]) == (run.copy_id, run.report_id, [])
    assert (found["assumptions"]["students_per_arm"], found["assumptions"]["sd"]) == (4, 1.5)
    assert get(client, owner, "study-dry-runs", study.pk)["results"] == [found]
    assert code_of(post(client, owner, "study-dry-runs", found["copy"], **few)) == "is_invented"


def test_a_reports_files_are_fetched_or_ordered(client: Client) -> None:
    study, _students = measured_class()
    owner = make_staff(study, Membership.Role.OWNER)
    report = order_report(plan=save_plan(study=study, by=owner, plan=plan()), by=owner)
    assert post(client, owner, "frozen-report-files", report.pk, format="docx").status_code == 404  # not made yet
    build(report.pk)
    report.refresh_from_db()
    file = client.get(reverse("frozen-report-file", args=[report.pk, "json"]))
    assert hashlib.sha256(file.content).hexdigest() == report.sha256
    assert client.get(reverse("frozen-report-file", args=[report.pk, "docx"])).status_code == 404
    job = made(post(client, owner, "frozen-report-files", report.pk, format="docx"), 202)
    assert Job.objects.get().params == {"report": report.pk, "format": "docx"}
    assert (job["state"], job["download_url"]) == ("queued", None)
    again = made(post(client, owner, "frozen-report-again", report.pk), 202)
    assert (again["plan_version"], again["id"] > report.pk) == (1, True)
    assert code_of(post(client, owner, "frozen-report-again", report.pk)) == "being_made"
