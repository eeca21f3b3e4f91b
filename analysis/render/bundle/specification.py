"""What is to be computed, and the numbers that must come out: the one source of all scripts of a bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from analysis.export import safe_cell
from analysis.render.dictionary import codebook_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.results import OutcomeReport, Report


@dataclass(frozen=True, slots=True)
class Arm:
    """`in_data` is how data.csv writes the key (one like a formula has an apostrophe); `code` is SPSS's."""

    key: str
    in_data: str
    code: int
    name: str


@dataclass(frozen=True, slots=True)
class Level:
    """An effect size with the confidence of its interval."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Task:
    """One outcome: its groups in order (first minus second), and what the report computed of it."""

    key: str
    in_data: str
    variable: str
    groups: tuple[str, ...]
    planned_test: str
    centres: tuple[str, ...]
    t_tests: bool
    anova: bool
    effects: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    confidence: float
    arms: tuple[Arm, ...]
    tasks: tuple[Task, ...]

    def values(self) -> dict[str, object]:
        """As JSON values."""
        return asdict(self)

    def arm(self, key: str) -> Arm:
        return next(arm for arm in self.arms if arm.key == key)


def specification_of(report: Report) -> Specification:
    """The report's own choices: nothing is added to them and nothing left out."""
    book = codebook_of(report)
    names = {group.key: group.name for outcome in report.outcomes for group in outcome.groups}
    return Specification(
        confidence=report.confidence,
        arms=tuple(Arm(key, safe_cell(key), code, names[key]) for code, key in enumerate(book.arms, start=1)),
        tasks=tuple(
            Task(
                key=outcome.key,
                in_data=safe_cell(outcome.key),
                variable=book.variable(outcome.key).name,
                groups=tuple(group.key for group in outcome.groups),
                planned_test=outcome.planned_test,
                centres=tuple(test.centre for test in outcome.levene),
                t_tests=outcome.welch is not None,
                anova=outcome.anova is not None,
                effects=tuple(Level(effect.name, effect.confidence) for effect in outcome.effects),
            )
            for outcome in report.outcomes
        ),
    )


def expected_of(report: Report) -> dict[str, float]:
    """Every number that the scripts must reach, by a name such as "training_accuracy/welch/t", with all its digits."""
    return {f"{outcome.key}/{name}": value for outcome in report.outcomes for name, value in _numbers(outcome)}


def _numbers(outcome: OutcomeReport) -> Iterator[tuple[str, float]]:
    for group in outcome.groups:
        yield f"group_{group.key}/n", group.n
        moments = ((name, getattr(group, name)) for name in ("mean", "sd", "se", "ci_low", "ci_high"))
        yield from ((f"group_{group.key}/{name}", value) for name, value in moments if value is not None)
    for spread in outcome.levene:
        yield from _fields(f"levene_{spread.centre}", spread, ("f", "df1", "df2", "p"))
    for test in (outcome.student, outcome.welch):
        if test is not None:
            yield from _fields(test.variant, test, ("t", "df", "p", "mean_difference", "se", "ci_low", "ci_high"))
    if outcome.anova:
        for name in ("between", "within"):
            row = getattr(outcome.anova, name)
            yield from ((f"anova/{name}_{part}", getattr(row, part)) for part in ("ss", "df", "ms"))
        yield from _fields("anova", outcome.anova, ("total_ss", "total_df", "f", "p"))
    for effect in outcome.effects:
        level = f"{effect.name}_{100 * effect.confidence:g}"
        yield from _fields(level, effect, ("estimate", "ci_low", "ci_high"))


def _fields(prefix: str, of: object, names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    return ((f"{prefix}/{name}", getattr(of, name)) for name in names)
