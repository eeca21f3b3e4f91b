"""The report of a study as a value: frozen inputs, parameters, numbers, versions. Exports and pages render it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.datasets import Exclusion
    from analysis.paper import Comparison
    from analysis.provenance import Provenance
    from analysis.stats import Anova, Effect, Levene, TTest

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Group:
    """One arm's values, and what describes them. The moments are None for an arm with fewer than two values.

    All in the outcome's unit; `ci_low` to `ci_high` is the mean's interval at the report's confidence.
    """

    key: str
    name: str
    n: int
    mean: float | None
    sd: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    codes: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AtTime:
    """All arms at one time of the plan, to describe a course; the planned test reads the main time alone."""

    key: str
    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a part of an outcome's report is missing. `arms` are keys; analysis.reading has the sentence."""

    code: str
    arms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """One outcome with the test that the plan names for it, and nothing that the plan does not name.

    `times` are the times of the plan with any value, in order; empty where there are fewer than two.
    A planned t test fills `student` and `welch` (SPSS prints both rows; `planned_test` is the one to read), a planned
    ANOVA fills `anova`. Levene's test is there in its three centrings, for information.
    """

    key: str
    name: str
    unit: str
    hypothesis: str
    planned_test: str
    groups: tuple[Group, ...]
    exclusions: tuple[Exclusion, ...]
    levene: tuple[Levene, ...]
    student: TTest | None
    welch: TTest | None
    anova: Anova | None
    effects: tuple[Effect, ...]
    problems: tuple[Problem, ...]
    paper: Comparison | None
    times: tuple[AtTime, ...] = ()

    @property
    def planned_t(self) -> TTest | None:
        return self.student if self.planned_test == "student" else self.welch

    def arm_name(self, key: str) -> str:
        return next((group.name for group in self.groups if group.key == key), key)


@dataclass(frozen=True, slots=True)
class Report:
    """A study's report. `confidence` is that of the intervals of means and differences."""

    schema: int
    study: str
    is_demonstration: bool
    data_note: str
    confidence: float
    outcomes: tuple[OutcomeReport, ...]
    provenance: Provenance

    def snapshot(self) -> dict[str, Any]:
        """Everything as JSON values, floats with all their digits. Participants by code, never by name."""
        return asdict(self)
