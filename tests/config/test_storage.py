"""Films in an S3-compatible store, against a real server of its protocol on loopback."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.handlers.asgi import ASGIRequest
from django.core.management import CommandError, call_command
from django.test import AsyncRequestFactory, override_settings
from moto.server import ThreadedMotoServer

from coaching import media
from coaching.models import AnalysisRun
from coaching.pipeline import run_analysis
from coaching.services import reap, start_run, submit_video
from config.celery import app as celery
from config.errors import StoreDownError
from config.operations.archive import make_backup, new_key, restore
from studies.serving import SLICE_BYTES, serve
from tests.coaching.films import write_film
from tests.factory import make_participant, make_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.http import HttpResponseBase

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("films")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def storage(address: str, bucket: str) -> dict[str, Any]:
    options = {"bucket_name": bucket, "endpoint_url": address, "region_name": "us-east-1", "addressing_style": "path"}
    keys = {"access_key": "key", "secret_key": "secret", "default_acl": None, "file_overwrite": False}
    return {"BACKEND": "config.storage.Bucket", "OPTIONS": options | keys}


def use(address: str, bucket: str) -> override_settings:
    from django.conf import settings

    return override_settings(STORAGES={**settings.STORAGES, "default": storage(address, bucket)})


def client(address: str) -> Any:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    return boto3.resource("s3", endpoint_url=address, region_name="us-east-1", **keys)


@pytest.fixture
def bucket(server: str) -> Iterator[Any]:
    """A bucket of its own, as the default storage."""
    name = f"films-{secrets.token_hex(4)}"
    made = client(server).create_bucket(Bucket=name)
    with use(server, name):
        yield made


def bucket_storage() -> Any:
    return storages["default"]


@pytest.fixture
def down(bucket: Any) -> Iterator[None]:
    """The store stops answering."""
    with use("http://127.0.0.1:9", bucket.name):
        yield


def body(response: HttpResponseBase) -> bytes:
    async def whole() -> bytes:
        return b"".join([piece async for piece in response])  # type: ignore[attr-defined]

    return asyncio.run(whole())


def ask(name: str, **headers: str) -> HttpResponseBase:
    request = AsyncRequestFactory().get("/film", headers=headers)
    assert isinstance(request, ASGIRequest)
    return serve(request, name, content_type="video/webm", filename="set.webm")


def test_a_file_is_private_and_kept_under_its_own_name(bucket: Any) -> None:
    name = default_storage.save("video/a.webm", ContentFile(b"film"))
    assert name == "video/a.webm"
    assert default_storage.save("video/a.webm", ContentFile(b"other")) != name
    grants = bucket.Object(name).Acl().grants
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    with default_storage.open(name) as handle:
        assert handle.read() == b"film"


def test_slices_come_without_fetching_the_whole(bucket: Any) -> None:
    content = os.urandom(3 * SLICE_BYTES + 17)
    name = default_storage.save("video/long.webm", ContentFile(content))
    part = ask(name, Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, content[100:200])  # type: ignore[attr-defined]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    tail = ask(name, Range="bytes=-17")
    assert tail.content == content[-17:]  # type: ignore[attr-defined]
    assert body(ask(name)) == content


def test_what_no_row_names_is_swept_when_it_is_old(bucket: Any) -> None:
    kept = default_storage.save("video/kept.webm", ContentFile(b"x"))
    left = default_storage.save("overlay/left.webm", ContentFile(b"x"))
    assert media.sweep({kept}, older_than_s=3600.0) == 0
    assert media.sweep({kept}, older_than_s=-10.0) == 1
    assert not default_storage.exists(left)
    assert default_storage.exists(kept)


def test_the_command_makes_a_bucket_once(server: str) -> None:
    with use(server, f"new-{secrets.token_hex(4)}"):
        said = [io.StringIO(), io.StringIO()]
        for out in said:
            call_command("make_bucket", stdout=out)
        assert [out.getvalue().split()[-1] for out in said] == ["made.", "there."]
        assert default_storage.listdir("video") == ([], [])


def test_a_bucket_is_not_made_where_films_lie_on_the_disk() -> None:
    with pytest.raises(CommandError, match="S3_BUCKET"):
        call_command("make_bucket")


def test_a_store_that_does_not_answer_is_one_error(down: None) -> None:
    for call in (
        lambda: default_storage.exists("video/x"),
        lambda: default_storage.size("video/x"),
        lambda: default_storage.save("video/x", ContentFile(b"x")),
        lambda: default_storage.open("video/x").read(),
        lambda: default_storage.listdir("video"),
        lambda: default_storage.delete("video/x"),
        lambda: bucket_storage().read_range("video/x", 0, 1),
    ):
        with pytest.raises(StoreDownError):
            call()
    assert ask("video/x").status_code == 503


def test_what_is_not_there_is_not_found(bucket: Any) -> None:
    with pytest.raises(FileNotFoundError):
        default_storage.open("video/none")
    with pytest.raises(FileNotFoundError):
        bucket_storage().read_range("video/none", 0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_film_is_analysed_from_the_bucket_and_its_result_goes_there(bucket: Any, tmp_path: Path) -> None:
    session = sent(write_film(tmp_path / "set.mp4"))
    run = start_run(session)
    run_analysis(run.pk)
    run.refresh_from_db()
    assert run.state == AnalysisRun.State.DONE
    session.refresh_from_db()
    stored = {item.key for item in bucket.objects.all()}
    result = run.assessment  # nobody is in this film, so there is no overlay
    assert {session.video, result.series, result.poster, result.arrays} - {""} <= stored
    assert result.poster
    assert len([name for name in stored if name.startswith("video/")]) == 1  # the stripped one only


@pytest.mark.django_db(transaction=True)
def test_a_run_survives_a_store_that_goes_away(bucket: Any, tmp_path: Path, server: str) -> None:
    session = sent(write_film(tmp_path / "set.mp4"))
    run = start_run(session)
    with use("http://127.0.0.1:9", bucket.name):
        run_analysis(run.pk)
        refused = sent(write_film(tmp_path / "other.mp4", seconds=3.0))
    run.refresh_from_db()
    assert (run.state, run.handed_back) == (AnalysisRun.State.QUEUED, 1)
    assert refused.rejected_code == "storage_down"
    celery.control.purge()  # what waits there is not taken by anybody
    AnalysisRun.objects.update(dispatched_at="2020-01-01T00:00:00Z")
    assert reap().called_again == 1
    run_analysis(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (AnalysisRun.State.DONE, 2)


def sent(film: Path) -> Any:
    with film.open("rb") as handle:
        return submit_video(
            participant=make_participant(make_study()), uploaded_by=None, file=File(handle), name=film.name
        )


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_the_bucket_and_fills_another(bucket: Any, tmp_path: Path, server: str) -> None:
    default_storage.save("video/deep/film.webm", ContentFile(b"film"))
    identity, recipient = new_key()
    made = make_backup(tmp_path / "backup.age", recipient=recipient)
    assert made.files == 1
    name = f"restored-{secrets.token_hex(4)}"
    client(server).create_bucket(Bucket=name)
    with use(server, name):
        restore(tmp_path / "backup.age", identity=identity)
        with default_storage.open("video/deep/film.webm") as handle:
            assert handle.read() == b"film"
