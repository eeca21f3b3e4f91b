"""Files made in the background: once, by one worker, for one person, for a time."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.jobs import kinds, services
from studies.jobs.kinds import Kind, Made, register
from studies.models import Job, Membership
from tests.factory import make_participant, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client
    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

    from studies.jobs.kinds import Work
    from studies.models import User

pytestmark = pytest.mark.django_db

CONTENT = b"0123456789" * 1000
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Media and files in the making of one test, and the kinds as they were before it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    before = dict(kinds._KINDS)
    register(Kind("numbers", "Numbers", numbers, may=lambda user, job: user.is_active, keep_days=3))
    yield
    kinds._KINDS.clear()
    kinds._KINDS.update(before)


def numbers(work: Work) -> Made:
    if code := work.job.params.get("refuse"):
        raise StudyError(code, "no")
    path = work.folder / "numbers.txt"
    path.write_bytes(CONTENT)
    if work.job.params.get("cancelled meanwhile"):
        services.cancel(work.job)
    if work.job.params.get("crash"):
        raise ZeroDivisionError
    work.report(50)
    return Made(path, "numbers.txt", "text/plain")


def asked(by: User | None = None, **params: Any) -> Job:
    return services.start(kind="numbers", by=by or make_user(), params=params)


def after(job: Job) -> Job:
    services.run(job.pk)
    job.refresh_from_db()
    return job


def stored(job: Job) -> bytes:
    with default_storage.open(job.file) as handle:
        data: bytes = handle.read()
    return data


def test_a_job_leaves_a_file_with_its_hash_and_a_day_of_expiry() -> None:
    job = after(asked())
    assert (job.state, job.percent, job.size_bytes) == ("done", 100, len(CONTENT))
    assert job.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert stored(job) == CONTENT
    assert job.expires_at is not None
    assert dt.timedelta(days=3) - HOUR < job.expires_at - timezone.now() <= dt.timedelta(days=3)


def test_a_message_that_comes_twice_makes_nothing_twice() -> None:
    job = after(asked())
    first = job.file
    assert (after(job).file, job.attempt) == (first, 1)
    assert len(default_storage.listdir("export")[1]) == 1


def test_the_same_request_is_not_queued_twice_but_another_is() -> None:
    by = make_user()
    assert asked(by) == asked(by)
    assert asked(by, year=2) != asked(by)
    assert Job.objects.count() == 2


def test_the_worker_is_called_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, settings: Settings
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        asked()
    assert len(callbacks) == 1


@pytest.mark.parametrize(
    ("params", "state", "code"),
    [
        ({"refuse": "nothing_to_write"}, "failed", "nothing_to_write"),
        ({"crash": True}, "failed", "internal"),
        ({"cancelled meanwhile": True}, "cancelled", ""),
    ],
)
def test_a_job_that_ends_without_a_file_says_why_and_leaves_none(
    params: dict[str, Any], state: str, code: str, tmp_path: Path
) -> None:
    job = after(asked(**params))
    assert (job.state, job.error_code, job.file) == (state, code, "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_worker_that_lost_its_job_keeps_nothing() -> None:
    job = asked()
    slow = Job.objects.claim(job.pk, worker="slow")
    assert slow is not None
    Job.objects.filter(pk=job.pk).update(attempt=2)
    assert not slow.beat(10)
    assert not slow.close(state="done", file="export/slow")
    job.refresh_from_db()
    assert (job.state, job.file, job.percent) == ("running", "", 0)


def test_a_dead_workers_job_is_made_again_and_given_up_after_three_times() -> None:
    job = asked()
    states = []
    for _attempt in range(3):
        Job.objects.claim(job.pk, worker="dead")
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - HOUR)
        services.reap()
        job.refresh_from_db()
        states.append((job.state, job.error_code))
    assert states == [("queued", ""), ("queued", ""), ("failed", "worker_lost")]


def test_a_file_is_deleted_when_its_time_is_over_and_not_before() -> None:
    job, later = after(asked()), after(asked(make_user()))
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now() - HOUR)
    name = job.file
    assert services.expire() == 1
    job.refresh_from_db()
    assert (job.state, job.file, default_storage.exists(name)) == ("expired", "", False)
    assert stored(later) == CONTENT


def test_a_download_goes_on_where_it_stopped(client: Client) -> None:
    job = after(asked())
    assert job.requested_by is not None
    client.force_login(job.requested_by)
    url = reverse("studies:job-download", args=[job.pk])
    whole = client.get(url)
    assert b"".join(whole.streaming_content) == CONTENT  # type: ignore[attr-defined]
    assert whole.headers["Accept-Ranges"] == "bytes"
    rest = client.get(url, headers={"Range": "bytes=4000-"})
    assert (rest.status_code, rest.content) == (206, CONTENT[4000:])
    assert rest.headers["Content-Range"] == f"bytes 4000-9999/{len(CONTENT)}"
    assert rest.headers["ETag"] == whole.headers["ETag"] == f'"{job.sha256}"'


def test_a_file_is_nobody_elses(client: Client) -> None:
    job = after(asked())
    client.force_login(make_user(is_superuser=True))
    for name in ("job", "job-download"):
        assert client.get(reverse(f"studies:{name}", args=[job.pk])).status_code == 404
    assert str(job.pk) not in client.get(reverse("studies:jobs")).content.decode()


def test_who_lost_the_role_lost_the_file(client: Client) -> None:
    people = make_personas()
    job = services.start(kind="audit", by=people.owner, study=people.study)
    assert after(job).state == "done"
    client.force_login(people.owner)
    url = reverse("studies:job-download", args=[job.pk])
    assert client.get(url).status_code == 200
    Membership.objects.filter(user=people.owner).update(role="researcher")
    assert client.get(url).status_code == 404


def test_who_lost_the_role_meanwhile_gets_no_file() -> None:
    study = make_study()
    by = make_staff(study, Membership.Role.OWNER)
    job = services.start(kind="audit", by=by, study=study)
    Membership.objects.filter(user=by).delete()
    assert (after(job).state, job.error_code) == ("failed", "not_allowed")


def test_the_page_polls_while_it_is_made_and_reloads_when_it_is_ready(client: Client) -> None:
    job = asked()
    assert job.requested_by is not None
    client.force_login(job.requested_by)
    url = reverse("studies:job", args=[job.pk])
    assert 'hx-trigger="every 2s"' in client.get(url).content.decode()
    asks = {"HX-Request": "true"}
    assert client.get(f"{url}?seen=queued-0", headers=asks).status_code == 204
    after(job)
    assert client.get(f"{url}?seen=queued-0", headers=asks).headers["HX-Refresh"] == "true"
    assert "numbers.txt" in client.get(url).content.decode()


def test_the_program_gets_the_address_when_the_file_is_there(client: Client) -> None:
    job = asked()
    assert job.requested_by is not None
    client.force_login(job.requested_by)
    url = reverse("job", args=[job.pk])
    assert client.get(url).json()["download_url"] is None
    after(job)
    assert client.get(url).json()["download_url"] == reverse("job-file", args=[job.pk])
    assert client.get(reverse("jobs")).json()["count"] == 1


def test_a_job_about_a_student_goes_with_the_student() -> None:
    participant = make_participant(make_study())
    services.start(kind="numbers", by=make_user(), participant=participant)
    participant.delete()
    assert Job.objects.count() == 0
