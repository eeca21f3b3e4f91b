"""A frozen report as a file of any format, made by a worker for the person who asked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from docx import Document

from analysis.frozen.building import build
from analysis.frozen.services import mark_withdrawn, order_report
from analysis.models import FrozenReport
from analysis.plans.services import first_plan, save_plan
from analysis.render.formats import FORMATS
from studies.jobs.services import run
from studies.models import AuditEntry, Job
from tests.factory import make_measurement, make_outcome, make_participant, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User
    from tests.factory import Personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    """A study with a frozen report of one outcome."""
    made = make_personas(ended=True)
    outcome = make_outcome(made.study)
    for key, values in {"a": [7.0, 8.0, 8.0, 9.0, 10.0], "b": [3.0, 5.0, 6.0, 6.0, 8.0]}.items():
        arm = made.study.arms.get(key=key)
        arm.name = {"a": "ZQXFIRST", "b": "ZQXSECOND"}[key]
        arm.save()
        for value in values:
            make_measurement(outcome, make_participant(made.study, arm=arm), value)
    plan = save_plan(study=made.study, by=made.owner, plan=first_plan(made.study))
    build(order_report(plan=plan, by=made.owner).pk)
    return made


def file_for(client: Client, user: User, people: Personas, key: str) -> bytes:
    """Ask on the page, let a worker make it, and read what is stored."""
    client.force_login(user)
    report = FrozenReport.objects.get(study=people.study)
    response = client.post(reverse("analysis:frozen-make", args=[report.pk]), {"format": key})
    job = Job.objects.get(requested_by=user, params__format=key)
    assert response.headers["Location"] == reverse("studies:job", args=[job.pk])
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("done", "")
    with default_storage.open(job.file) as handle:
        content: bytes = handle.read()
    return content


@pytest.mark.parametrize("key", list(FORMATS))
def test_every_format_is_made(client: Client, people: Personas, key: str) -> None:
    content = file_for(client, people.owner, people, key)
    assert len(content) > 200
    exported = AuditEntry.objects.filter(study=people.study, action=f"frozen report ({key})")
    assert exported.count() == 1


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_a_file_holds_the_plan_who_is_missing_and_what_was_withdrawn(client: Client, people: Personas) -> None:
    mark_withdrawn(people.study.participants.exclude(measurements=None).first())  # type: ignore[arg-type]
    text = text_of(file_for(client, people.owner, people, "docx"))
    report = FrozenReport.objects.get(study=people.study)
    assert "Based on data since withdrawn: 1 students." in text
    assert report.plan.sha256 in text
    assert "Who is missing, and why" in text
    assert "ZQXFIRST" in text


def test_a_blinded_reader_gets_letters(client: Client, people: Personas) -> None:
    for key in ("docx", "md", "csv", "data", "json", "html"):
        content = file_for(client, people.researcher, people, key)
        text = text_of(content) if key == "docx" else content.decode()
        assert "ZQX" not in text, key
        assert "Group A" in text or "group-a" in text, key


def test_the_file_is_for_who_asked_and_only_while_they_may(client: Client, people: Personas) -> None:
    file_for(client, people.researcher, people, "md")
    job = Job.objects.get()
    client.force_login(people.owner)
    assert client.get(reverse("studies:job-download", args=[job.pk])).status_code == 404
    people.study.memberships.filter(user=people.researcher).delete()
    client.force_login(people.researcher)
    assert client.get(reverse("studies:job-download", args=[job.pk])).status_code in {403, 404}


def test_a_format_that_there_is_not_is_refused(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    report = FrozenReport.objects.get(study=people.study)
    response = client.post(reverse("analysis:frozen-make", args=[report.pk]), {"format": "exe"}, follow=True)
    assert "Choose a format from the list." in response.content.decode()
    assert not Job.objects.exists()
