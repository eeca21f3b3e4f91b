from __future__ import annotations

import pytest

from studies.templatetags.study_numbers import hours


@pytest.mark.parametrize(
    ("minutes", "written"), [(0, "0"), (2880, "48"), (135, "2.3"), (45, "0.8"), (59, "1"), (61, "1")]
)
def test_minutes_are_written_as_hours_with_at_most_one_decimal(minutes: int, written: str) -> None:
    assert hours(minutes) == written
