"""Files made in the background: for who asked for them. The owner asked here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from studies.models import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.world import World

TABLE = """
studies:jobs                              GET    302 200 200 200 200 200 200 200 200 200 200
studies:job                               GET    302 404 404 404 404 404 404 404 404 200 404
studies:job-cancel                        POST   302 404 404 404 404 404 404 404 404 302 404
studies:job-download                      GET    302 404 404 404 404 404 404 404 404 200 404
jobs                                      GET    403 200 200 200 200 200 200 200 200 200 200
job                                       GET    403 404 404 404 404 404 404 404 404 200 404
job                                       DELETE 403 404 404 404 404 404 404 404 404 204 404
job-file                                  GET    403 404 404 404 404 404 404 404 404 200 404
"""


def _job(world: World) -> dict[str, object]:
    return {"pk": Job.objects.get(kind="audit", study=world.people.study).pk}


def prepare(world: World) -> None:
    file = default_storage.save("export/house.jsonl", ContentFile(b"{}\n"))
    Job.objects.create(
        kind="audit",
        study=world.people.study,
        requested_by=world.people.owner,
        state=Job.State.DONE,
        file=file,
        file_name="audit.jsonl",
        content_type="application/x-ndjson",
    )


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:job": _job,
    "job": _job,
}
WITHOUT_ARGUMENTS = {"studies:jobs", "jobs"}
