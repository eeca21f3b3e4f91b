"""An upload request, from whichever door, as a kept session or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coaching import services
from coaching.access import can_upload_for
from coaching.codes import upload_advice
from coaching.forms import FilmForm
from coaching.uploads import FilmUploadHandler

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, QueryDict
    from django.utils.datastructures import MultiValueDict

    from coaching.models import Session
    from studies.models import User

HTTP_STATUS = {"duplicate": 409, "too_large": 413, "not_a_video": 415, "storage_full": 507}


@dataclass(frozen=True, slots=True)
class Received:
    """`session` is the kept film with its analysis queued, or the row of a refused one, or None: nothing was sent.

    Without a kept film, `code` and `advice` say why, and `existing` is the session that has the same film already.
    """

    session: Session | None
    code: str = ""
    advice: str = ""
    existing: Session | None = None

    @property
    def http_status(self) -> int:
        return HTTP_STATUS.get(self.code, 422) if self.code else 201


def limit_body(request: HttpRequest) -> None:
    """Must come before anything reads the form; the check of the CSRF token does."""
    request.upload_handlers = [FilmUploadHandler(request)]


def receive_film(
    user: User, fields: QueryDict, files: MultiValueDict[str, UploadedFile[bytes]], handler: object
) -> Received:
    """Keep what came and queue its analysis. `handler` is the request's first upload handler."""
    form = FilmForm(fields, files, participants=can_upload_for(user))
    if not form.is_valid():
        problem = next(error for errors in form.errors.values() for error in errors)
        return Received(None, "invalid", str(problem))
    session = _submit(user, form.cleaned_data, handler)
    if session is None:
        return Received(None, "no_file", upload_advice("no_file"))
    if session.rejected_code:
        return Received(session, session.rejected_code, upload_advice(session.rejected_code), session.duplicate_of)
    services.start_run(session)
    return Received(session)


def _submit(user: User, data: dict[str, Any], handler: object) -> Session | None:
    """The row of what came; None when nothing did."""
    about = {"participant": data["participant"], "uploaded_by": user}
    if isinstance(handler, FilmUploadHandler) and handler.refused:
        return services.refuse_video(**about, name=handler.name, size=handler.size, code=handler.refused)
    file = data["file"]
    if not file:
        return None
    return services.submit_video(**about, file=file, name=file.name, load_kg=data["load_kg"], note=data["note"])
