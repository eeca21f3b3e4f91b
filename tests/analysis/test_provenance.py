from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import scipy
from django.conf import settings

from analysis.provenance import CODE, code_sha256, liftlab_version, provenance


def test_the_versions_are_those_that_run() -> None:
    found = provenance(data_sha256="d" * 64, made_at="2024-08-18T00:00:00+00:00")
    assert (found.numpy, found.scipy) == (np.__version__, scipy.__version__)
    assert found.data_sha256 == "d" * 64


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["project"]
    assert liftlab_version() == project["version"]


def test_the_code_hash_covers_every_file_of_the_analysis() -> None:
    digest = hashlib.sha256()
    names = sorted(str(path.relative_to(CODE).as_posix()) for path in CODE.rglob("*.py"))
    for name in names:
        digest.update(name.encode() + b"\0" + (CODE / name).read_bytes() + b"\0")
    assert "stats/ttest.py" in names
    assert code_sha256() == digest.hexdigest()
