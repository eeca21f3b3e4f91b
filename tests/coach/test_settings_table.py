"""The table of thresholds: complete, plausible, and versioned."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from coaching.vision import settings_table
from coaching.vision.settings_table import DEFAULT, VERSION, Band, Limit


def test_the_table_names_its_version() -> None:
    assert DEFAULT.version == VERSION


def test_thresholds_cannot_be_changed_in_passing() -> None:
    with pytest.raises(FrozenInstanceError):
        DEFAULT.quality.min_detected = 0.5  # type: ignore[misc]


def test_every_number_says_where_it_comes_from() -> None:
    lines = inspect.getsource(settings_table).splitlines()
    silent = [
        line.strip()
        for i, line in enumerate(lines)
        if ": float =" in line
        or ": int =" in line
        or "= Limit(" in line
        or "= Band(" in line
        or "= Strictness(" in line
        if not any(f"[{grade}]" in text for text in lines[max(i - 4, 0) : i + 1] for grade in ("L", "C", "MEAS", "D"))
    ]
    assert silent == []


def test_bands_and_limits_are_plausible() -> None:
    for field in fields(DEFAULT.form):
        value = getattr(DEFAULT.form, field.name)
        if isinstance(value, Band):
            assert value.low < value.high
            assert 0.0 < value.sigma < value.high - value.low
        if isinstance(value, Limit):
            assert value.sigma > 0.0
    assert DEFAULT.form.lean_deg.low == -DEFAULT.form.lean_deg.high


def test_all_groups_are_frozen_records() -> None:
    groups = [getattr(DEFAULT, field.name) for field in fields(DEFAULT) if is_dataclass(getattr(DEFAULT, field.name))]
    assert len(groups) == 10
