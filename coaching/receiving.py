"""An upload request, from whichever door, as a kept session or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coaching import resumable, services
from coaching.access import can_upload_for
from coaching.codes import upload_advice
from coaching.forms import AboutFilmForm, FilmForm, SlicedFilmForm
from coaching.uploads import FilmUploadHandler

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, QueryDict
    from django.utils.datastructures import MultiValueDict

    from coaching.models import PendingUpload, Session
    from studies.models import Participant, User

HTTP_STATUS = {"duplicate": 409, "too_large": 413, "not_a_video": 415, "storage_full": 507, "no_consent": 403}


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
        return _invalid(form)
    session = _submit(user, form.cleaned_data, handler)
    if session is None:
        return Received(None, "no_file", upload_advice("no_file"))
    return _queued(session)


def begin_film(user: User, fields: QueryDict) -> PendingUpload | Received:
    """The upload in slices that was announced, new or as it was left; or why it is refused."""
    form = SlicedFilmForm(fields, participants=can_upload_for(user))
    if not form.is_valid():
        return _invalid(form)
    data = form.cleaned_data
    about = {name: data[name] for name in ("participant", "name", "size", "mark", "load_kg", "note", "live_set")}
    try:
        services.check_consent(data["participant"])
        return resumable.begin(uploaded_by=user, **about, bar=_bar(data))
    except services.RefusedError as refused:
        return _refused(data["participant"], user, data["name"], refused)


def receive_slice(pending: PendingUpload, offset: int, source: resumable.Readable, *, cut: str = "") -> Received | None:
    """Keep a slice. None: more is to come; else the film is whole or refused, and the upload is over.

    `cut` is the code with which `config.body_limit` cut the request's body.

    Raises resumable.WrongOffsetError, and PendingUpload.DoesNotExist when the upload ended meanwhile.
    """
    try:
        services.check_consent(pending.participant)
        here = resumable.append(pending, offset, source) if not cut else 0
    except services.RefusedError as error:
        cut = error.code
    if cut:
        resumable.give_up(pending)
        refused = services.RefusedError(cut, size=pending.size_bytes)
        return _refused(pending.participant, pending.uploaded_by, pending.original_name, refused)
    return _queued(resumable.finish(pending)) if here == pending.size_bytes else None


def _invalid(form: AboutFilmForm) -> Received:
    problem = next(error for errors in form.errors.values() for error in errors)
    return Received(None, "invalid", str(problem))


def _refused(participant: Participant, user: User, name: str, refused: services.RefusedError) -> Received:
    session = services.refuse_video(
        participant=participant, uploaded_by=user, name=name, size=refused.size, code=refused.code
    )
    return Received(session, refused.code, upload_advice(refused.code))


def _queued(session: Session) -> Received:
    if session.rejected_code:
        return Received(session, session.rejected_code, upload_advice(session.rejected_code), session.duplicate_of)
    try:
        services.start_run(session)
    except services.RefusedError as refused:  # closed between film and run: the film is kept
        return Received(session, refused.code, upload_advice(refused.code))
    return Received(session)


def _submit(user: User, data: dict[str, Any], handler: object) -> Session | None:
    """The row of what came; None when nothing did."""
    about = {"participant": data["participant"], "uploaded_by": user}
    if isinstance(handler, FilmUploadHandler) and handler.refused:
        return services.refuse_video(**about, name=handler.name, size=handler.size, code=handler.refused)
    file = data["file"]
    if not file:
        return None
    said = {"load_kg": data["load_kg"], "note": data["note"], "bar": _bar(data)}
    return services.submit_video(**about, file=file, name=file.name, **said)


def _bar(data: dict[str, Any]) -> services.AboutBarEntries:
    return services.AboutBarEntries(data["stature_cm"], data["plate_mm"], data["loss_alert_percent"])
