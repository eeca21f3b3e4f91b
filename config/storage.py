"""Films and results in an S3-compatible object store, so that web and workers on other hosts share them.

django-storages does the work. Added here: slices without fetching the whole film, and one error of the operating
system's kind when the store does not answer, where boto's own would be met as a mistake of ours.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from config.errors import StoreDownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files import File

CONNECT_S, READ_S, TRIES = 3, 20, 3
NOT_FOUND = 404


@contextmanager
def as_store_down() -> Iterator[None]:
    """Raise StoreDownError for what boto raises, but FileNotFoundError for what is not there."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == NOT_FOUND:
            raise FileNotFoundError(str(error)) from error
        raise StoreDownError(str(error)) from error
    except BotoCoreError as error:
        raise StoreDownError(str(error)) from error


class Bucket(S3Storage):  # type: ignore[misc]
    """A private bucket. Nothing in it has an address of its own: views serve it, after asking who may."""

    def __init__(self, **settings: Any) -> None:
        patience = Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": settings.get("addressing_style") or "auto"},
            signature_version="s3v4",
        )
        super().__init__(**settings, client_config=patience)

    def read_range(self, name: str, first: int, last: int) -> bytes:
        """Bytes `first` to `last`, both in it. Raises FileNotFoundError, StoreDownError."""
        with as_store_down():
            found = self.bucket.Object(self._normalize_name(name)).get(Range=f"bytes={first}-{last}")
            data: bytes = found["Body"].read()
            return data

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with as_store_down():
            opened: File[bytes] = super()._open(name, mode)
            return opened

    def _save(self, name: str, content: IO[bytes]) -> str:
        with as_store_down():
            return str(super()._save(name, content))

    def exists(self, name: str) -> bool:
        with as_store_down():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with as_store_down():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        with as_store_down():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with as_store_down():
            folders, files = super().listdir(name)
            return folders, files
