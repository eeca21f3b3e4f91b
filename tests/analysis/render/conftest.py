from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from analysis.datasets import Exclusion
from analysis.provenance import provenance
from analysis.render.edition import edition_of
from analysis.render.formats import render
from analysis.render.plain import data
from analysis.reports import build_report
from tests.analysis.render.made import MADE_AT, outcome
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.results import Report
    from studies.models import Study


@pytest.fixture
def report(demo: Study) -> Report:
    """The demonstration study's report, made at a fixed time."""
    return build_report(demo, made_at=MADE_AT)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with every kind of test, a stranger's names, and somebody left out."""
    report = made(
        outcome("jump", {"a": [1.5, 2.25, 4.1, 7.7, 3.0], "b": [3.3, 5.0, 9.9, 9.1]}, name='Jump "height" \\ ü'),
        outcome("grip", {"a": [10, 12, 13], "b": [9, 9, 14], "=c": [2, 3, 8]}, test="anova"),
        outcome(
            "pull",
            {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]},
            test="student",
            exclusions=(Exclusion("X1", "b", "no_value"),),
        ),
    )
    sha = hashlib.sha256(data(edition_of(report))).hexdigest()
    report = dataclasses.replace(report, provenance=provenance(data_sha256=sha, made_at=report.provenance.made_at))
    folder = tmp_path_factory.mktemp("bundle")
    zipfile.ZipFile(io.BytesIO(render(report, "bundle"))).extractall(folder)
    return folder / "a-study"
