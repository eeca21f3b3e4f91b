"""Judged sets with values that a test can compute by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coaching.vision.bands import exceeds
from coaching.vision.history import JudgedSet
from coaching.vision.settings_table import DEFAULT
from coaching.vision.types import Fault, Rep

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = DEFAULT.form.hips_first_deg


def hips(value: float, *, at_s: float = 1.3) -> Fault:
    """Hips first, measured as `value` degrees; its probability by the limit of the settings table."""
    return Fault("hips_first", exceeds(value, LIMIT), observable=True, value=value, sigma=3.0, unit="deg", at_s=at_s)


def hidden(name: str) -> Fault:
    return Fault(name, None, observable=False, unit="deg", reason="Not observable.")


def rep(index: int, *faults: Fault, p_correct: float | None = None) -> Rep:
    start = 4.0 * index
    return Rep(index, start, start + 1.5, start + 3.0, 0.9, faults, p_correct=p_correct)


def set_of(values: Sequence[float], *, p_correct: float = 0.9, at: str = "1", **changes: Any) -> JudgedSet:
    """One repetition for each value of hips first."""
    reps = tuple(rep(i, hips(x, at_s=4.0 * i + 0.5), p_correct=p_correct) for i, x in enumerate(values, start=1))
    fields = {"key": f"set {at}", "at": at, "view": "side", "engine": "pose", "reps": reps}
    return JudgedSet(**{**fields, **changes})
