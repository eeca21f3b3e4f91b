from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.reports import build_report
from tests.analysis.render.made import MADE_AT

if TYPE_CHECKING:
    from analysis.results import Report
    from studies.models import Study


@pytest.fixture
def report(demo: Study) -> Report:
    """The demonstration study's report, made at a fixed time."""
    return build_report(demo, made_at=MADE_AT)
