"""Reading the body of an upload: never more of it than is allowed.

Two doors, because of how ASGI works: Django spools a whole body to the disk before any upload handler sees it, so
`config.body_limit` cuts what is too large in front of Django; the handler here counts again, for servers without it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from coaching import media
from config.body_limit import CUT_HEADER, FORM_BYTES

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest


def max_bytes() -> int:
    """The largest film that is accepted, in bytes; a megabyte is 10^6, as phones count."""
    return int(settings.UPLOAD_MAX_MB) * 1_000_000


class FilmUploadHandler(TemporaryFileUploadHandler):
    """Puts the film into a temporary file that its owner alone can read, and stops reading at the limit.

    After the form was read, `refused` is the code of what was wrong with the body (empty: nothing), `name` the file's
    name, and `size` its size in bytes as far as it is known.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.refused = ""
        self.name = ""
        self.size = 0
        self._announced = 0
        self._cut = request.META.get(CUT_HEADER, "")

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        self._announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.name = args[1]
        if self._cut or self._announced > max_bytes() + FORM_BYTES:
            self._stop(self._cut or "too_large", size=self._announced)
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._stop_if_full(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size = start + len(raw_data)
        if self.size > max_bytes():
            self._stop("too_large", size=max(self._announced, self.size))
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._stop_if_full(error)

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        try:
            return super().file_complete(file_size)
        except OSError as error:  # the last buffer did not fit
            self._stop_if_full(error)
            return None

    def upload_interrupted(self) -> None:
        self._drop()
        self.refused = self.refused or "upload_interrupted"

    def _stop_if_full(self, error: OSError) -> None:
        if not media.is_full(error):
            raise error
        self._stop("storage_full", size=self.size)

    def _stop(self, code: str, *, size: int) -> None:
        self.refused, self.size = code, size
        self._drop()
        raise StopUpload(connection_reset=True)

    def _drop(self) -> None:
        """Give back what the file holds so far. On a full disk even closing it fails once."""
        if not hasattr(self, "file"):
            return
        path = Path(self.file.temporary_file_path())
        with suppress(OSError):
            self.file.close()
        path.unlink(missing_ok=True)
