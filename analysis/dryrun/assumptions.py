"""What a dry run assumes: every number is the planner's, and is printed beside what follows from it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from studies.errors import StudyError

LIMITS: dict[str, tuple[float, float]] = {
    "students_per_arm": (2, 500),
    "effect": (-10, 10),
    "mean": (0, 10),
    "sd": (0.1, 10),
    "gain": (-10, 10),
    "correlation": (0, 0.99),
    "dropout": (0, 0.9),
    "lessons": (1, 100),
    "lesson_minutes": (10, 300),
    "attendance": (0.1, 1),
    "injuries_per_1000_h": (0, 500),
    "injury_ratio": (0.01, 100),
    "trials": (100, 10_000),
    "seed": (0, 2**53 - 1),
}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Scores on the rubric's whole points from 0 to 10. `effect`: by how much the first group ends higher than the
    others. `mean` and `sd` at the start, `gain` of the others until the end, `correlation` of both scores.
    `injuries_per_1000_h` of the others; of the first group `injury_ratio` times that.
    """

    students_per_arm: int = 25
    effect: float = 1.0
    mean: float = 5.0
    sd: float = 1.5
    gain: float = 1.0
    correlation: float = 0.5
    dropout: float = 0.1
    lessons: int = 30
    lesson_minutes: int = 90
    attendance: float = 0.9
    injuries_per_1000_h: float = 4.0
    injury_ratio: float = 1.0
    trials: int = 1000
    seed: int = 20240901

    def document(self) -> dict[str, Any]:
        return asdict(self)


def checked(assumptions: Assumptions) -> Assumptions:
    """Raises StudyError out_of_range, naming the number."""
    for field in fields(assumptions):
        value = getattr(assumptions, field.name)
        low, high = LIMITS[field.name]
        if not math.isfinite(value) or not low <= value <= high:
            text = _("%(name)s: a number from %(low)g to %(high)g is needed.")
            raise StudyError("out_of_range", text % {"name": field.name, "low": low, "high": high})
    return assumptions
