"""Where a report's numbers come from: versions, the hash of the code that made them, the hash of the data."""

from __future__ import annotations

import functools
import hashlib
import platform
import tomllib
from dataclasses import dataclass
from pathlib import Path

import django
import numpy as np
import scipy
from django.conf import settings

CODE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Provenance:
    """`data_sha256` is the hash of the CSV that the report offers, byte for byte; `code_sha256` that of `analysis/`."""

    liftlab: str
    python: str
    numpy: str
    scipy: str
    django: str
    code_sha256: str
    data_sha256: str
    made_at: str


def provenance(*, data_sha256: str, made_at: str) -> Provenance:
    """The installation's versions with the given data. `made_at` is an ISO 8601 time with its zone."""
    return Provenance(
        liftlab=liftlab_version(),
        python=platform.python_version(),
        numpy=np.__version__,
        scipy=str(scipy.__version__),
        django=django.get_version(),
        code_sha256=code_sha256(),
        data_sha256=data_sha256,
        made_at=made_at,
    )


@functools.cache
def liftlab_version() -> str:
    """The project's version in pyproject.toml, the only place where it stands."""
    document = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))
    return str(document["project"]["version"])


@functools.cache
def code_sha256() -> str:
    """Hash of every Python file of `analysis/` by name and content: it tells whether two reports were made alike.

    Independent of git, so that an installation from an archive or an image has it too.
    """
    digest = hashlib.sha256()
    for path in sorted(CODE.rglob("*.py")):
        digest.update(path.relative_to(CODE).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()
