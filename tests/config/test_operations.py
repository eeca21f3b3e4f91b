"""Readiness, figures for Prometheus, and the doctor."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from coaching.models import AnalysisRun, Session
from config.operations.doctor import Finding, examine
from studies import append_only
from tests.factory import make_participant, make_study, make_user

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def run_of(state: str, *, waited: dt.timedelta = dt.timedelta(0), **values: object) -> AnalysisRun:
    session = Session.objects.create(participant=make_participant(make_study()), video="films/x.mp4")
    created_at = timezone.now() - waited
    return AnalysisRun.objects.create(session=session, state=state, created_at=created_at, **values)


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """Every sample: (name, label values by alphabet ...) -> value."""
    response = client.get("/metrics/", headers={"Authorization": "Bearer scrape-me"})
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def test_the_figures_are_those_of_the_rows(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    now = timezone.now()
    run_of("queued", waited=dt.timedelta(minutes=10))
    run_of("queued", waited=dt.timedelta(minutes=2))
    run_of("running", stage="pose")
    run_of("done", started_at=now - dt.timedelta(seconds=50), finished_at=now - dt.timedelta(seconds=10))
    run_of("failed", failure_code="no_person", finished_at=now)
    run_of("failed", failure_code="no_person", finished_at=now - dt.timedelta(hours=25))
    Session.objects.create(participant=make_participant(make_study()), rejected_code="too_large")
    found = figures(client)
    assert found["liftlab_runs", "queued"] == 2
    assert found["liftlab_runs", "running"] == 1
    assert found["liftlab_runs_in_stage", "pose"] == 1
    assert found["liftlab_queue_wait_seconds",] == pytest.approx(600, abs=30)
    assert found["liftlab_runs_ended_day", "failed", "no_person"] == 1
    assert found["liftlab_run_seconds_day",] == pytest.approx(40, abs=0.1)
    assert found["liftlab_uploads_day", "too_large"] == 1
    assert found["liftlab_uploads_day", "kept"] == 6


def test_requests_are_counted_with_their_time(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    before = figures(client).get(("liftlab_request_seconds_count", "4xx", "GET"), 0.0)
    client.get("/no-such-page/")
    assert figures(client)["liftlab_request_seconds_count", "4xx", "GET"] == before + 1


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "scrape-m"])
def test_without_the_token_there_is_no_such_page(client: Client, settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    assert client.get("/metrics/", headers={"Authorization": given}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics/", headers={"Authorization": given}).status_code == 404


def test_a_site_is_ready_when_every_migration_is_applied(client: Client) -> None:
    assert client.get("/ready/").json() == {"status": "ok"}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    response = client.get("/ready/")
    assert (response.status_code, response.json()) == (503, {"status": "migrations waiting"})


def by_probe() -> dict[str, Finding]:
    return {finding.probe: finding for finding in examine()}


def test_a_site_that_works_is_well(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    (tmp_path / "beat-schedule").touch()
    found = by_probe()
    assert {probe for probe, finding in found.items() if finding.verdict == "ill"} == set()
    assert found["queue"].says == "empty"


def test_the_doctor_names_what_is_ill_and_how_to_mend_it(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    beat = tmp_path / "beat-schedule"
    beat.touch()
    os.utime(beat, (0, time.time() - 600))
    (tmp_path / "backups").mkdir()
    old = tmp_path / "backups" / "liftlab-20200101T000000Z.tar.gz.age"
    old.touch()
    os.utime(old, (0, time.time() - 5 * 86400))
    run_of("queued", waited=dt.timedelta(hours=2))
    append_only.remove(connection)
    found = by_probe()
    append_only.install(connection)
    assert (found["beat"].verdict, found["beat"].says) == ("ill", "silent for 10 min")
    assert (found["queue"].verdict, found["queue"].says) == ("look", "1 waiting, the first for 120 min")
    assert found["audit"].verdict == "ill"
    assert (found["backups"].verdict, found["backups"].says) == ("look", "1, the newest 120 h old")
    assert all(finding.mend for finding in found.values() if finding.verdict != "well")


def test_a_storage_that_cannot_be_written_is_a_finding_not_a_crash(settings: Settings, tmp_path: Path) -> None:
    blocked = tmp_path / "media"
    blocked.write_text("a file where a folder should be")
    settings.MEDIA_ROOT = blocked
    found = by_probe()["media"]
    assert found.verdict == "ill"
    assert "user that runs LiftLab" in found.mend


def test_the_command_ends_with_one_when_something_is_ill(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    assert ended.value.code == 1
    verdicts = {row["probe"]: row["verdict"] for row in json.loads(out.getvalue())}
    assert (verdicts["beat"], verdicts["database"]) == ("ill", "well")
    (tmp_path / "beat-schedule").touch()
    call_command("doctor", stdout=out)


def test_runs_are_queued_again_from_the_admin(client: Client) -> None:
    failed = run_of("failed", failure_code="worker_lost")
    without_film = AnalysisRun.objects.create(
        session=Session.objects.create(participant=failed.session.participant), state="failed"
    )
    client.force_login(make_user(is_superuser=True))
    chosen = {"action": "analyse_again", "_selected_action": [failed.pk, without_film.pk]}
    response = client.post("/admin/coaching/analysisrun/", chosen, follow=True)
    assert "1 of 2 films wait for their analysis." in response.content.decode()
    assert list(failed.session.runs.values_list("state", flat=True)) == ["queued", "failed"]
