"""The plan as a document: dataclasses, their JSON, and what is wrong with a file that is no plan. Knows no Django rows.

Nothing here is chosen by looking at data. Every refusal is a PlanError: a code, where in the document, and a sentence.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from django.utils.translation import gettext_lazy as _

from analysis.plans.fields import (
    PlanError,
    is_number,
    read_bound,
    read_choice,
    read_list,
    read_number,
    read_object,
    read_text_field,
    read_whole,
)
from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEMA = 1
MOST_BYTES = 200_000
MOST_HYPOTHESES = 40

TestName = Literal[
    "student",
    "welch",
    "anova",
    "welch_anova",
    "mann_whitney",
    "brunner_munzel",
    "kruskal_wallis",
    "ancova",
    "cluster_t",
    "random_intercept",
    "randomisation",
    "equivalence",
    "poisson",
    "quasi_poisson",
    "negative_binomial",
]
TESTS: tuple[TestName, ...] = get_args(TestName)
RATE_TESTS: frozenset[str] = frozenset({"poisson", "quasi_poisson", "negative_binomial"})
MANY_ARMS: frozenset[str] = (
    frozenset({"anova", "welch_anova", "kruskal_wallis", "ancova", "randomisation"}) | RATE_TESTS
)
"""Tests that take more than two groups."""
INJURY_LOG = "injury-log"
"""Stands for the log of injuries with the hours of training, in place of a measured outcome."""
COVARIATES = ("age", "experience", "mass", "working_load", "one_rm", "year", "attended", "before")
"""What may help to fill gaps: values at the start, the share of lessons attended, and the outcome's value before."""

Multiplicity = Literal["holm", "bh", "none"]
PopulationName = Literal["itt", "per_protocol"]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One question, with the one test that answers it. `time_point` and `before` are keys; empty: values of no time.

    `low` and `high` are the bounds of equivalence in the outcome's unit. `before` is where ANCOVA and the imputation
    read the same outcome before the training.
    """

    key: str
    question: str
    estimand: str
    outcome: str
    test: TestName
    time_point: str = ""
    before: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def is_rate(self) -> bool:
        return self.test in RATE_TESTS


@dataclass(frozen=True, slots=True)
class Population:
    """`primary` is whose result is read. Per protocol: stayed in the group that was drawn, and attended at least
    `min_attended` of the lessons held for their section (or of `planned_lessons`, where the plan fixes the number).
    """

    primary: PopulationName = "itt"
    min_attended: float = 0.8
    planned_lessons: int | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What happens to missing values. Complete cases are read; imputation shows how much that matters.

    `shifts`, in the outcome's unit, are added to the imputed values of the first group: values missing because they
    are worse than those of similar students who stayed.
    """

    imputations: int = 20
    method: Literal["pmm", "normal"] = "pmm"
    covariates: tuple[str, ...] = ("before", "attended")
    shifts: tuple[float, ...] = ()
    seed: int = 20240818


@dataclass(frozen=True, slots=True)
class Plan:
    hypotheses: tuple[Hypothesis, ...]
    alpha: float = 0.05
    confidence: float = 0.95
    multiplicity: Multiplicity = "holm"
    population: Population = field(default_factory=Population)
    gaps: Gaps = field(default_factory=Gaps)
    draws: int = 100_000
    seed: int = 20240901
    notes: str = ""
    schema: int = SCHEMA

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found

    def sha256(self) -> str:
        """Of canonical JSON: two plans are the same when this is."""
        return sha256_of(canonical(self.document()))

    def text(self) -> str:
        """The file that is offered for download; reading it gives this plan again."""
        return json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n"

    def hypothesis(self, key: str) -> Hypothesis:
        return next(row for row in self.hypotheses if row.key == key)


@dataclass(frozen=True, slots=True)
class Names:
    """What a study has that a plan may name. `arms` is their number."""

    outcomes: Collection[str]
    time_points: Collection[str]
    arms: int


def read_text(raw: bytes) -> Plan:
    """A plan from a file. Raises PlanError: `too_large`, `not_text`, `not_json`, and as `read`."""
    if len(raw) > MOST_BYTES:
        raise PlanError("too_large", "", _("This file is too large for a plan. Choose the JSON file of a plan."))
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise PlanError("not_text", "", _("This file is not text. Choose the JSON file of a plan.")) from None
    except (ValueError, RecursionError) as error:
        text = _("This file is not valid JSON: %(reason)s") % {"reason": str(error)[:200]}
        raise PlanError("not_json", "", text) from None
    return read(document)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read(document: object) -> Plan:
    """Raises PlanError: `not_a_plan`, `unknown_field`, `missing_field`, `wrong_type`, `unknown_choice`, `out_of_range`,
    `other_schema`, `no_hypothesis`, `too_many`, `key_twice`, `bounds`, `bad_key`, `draw_is_of_everybody`.
    """
    given = read_object(document, "", Plan)
    if given.get("schema", SCHEMA) != SCHEMA:
        raise PlanError("other_schema", "schema", _("This plan is of another version of LiftLab."))
    rows = read_list(given.get("hypotheses"), "hypotheses")
    if not rows:
        raise PlanError("no_hypothesis", "hypotheses", _("A plan needs at least one hypothesis."))
    if len(rows) > MOST_HYPOTHESES:
        raise PlanError("too_many", "hypotheses", _("A plan takes at most %(most)d hypotheses.") % {"most": 40})
    plan = Plan(
        hypotheses=tuple(_hypothesis(row, f"hypotheses[{at}]") for at, row in enumerate(rows)),
        alpha=read_number(given, "alpha", "", default=0.05, low=0.0001, high=0.2),
        confidence=read_number(given, "confidence", "", default=0.95, low=0.5, high=0.9999),
        multiplicity=read_choice(given, "multiplicity", "", get_args(Multiplicity), default="holm"),
        population=_population(given.get("population", {})),
        gaps=_gaps(given.get("gaps", {})),
        draws=read_whole(given, "draws", "", default=100_000, low=999, high=5_000_000),
        seed=read_whole(given, "seed", "", default=20240901, low=0, high=2**53 - 1),
        notes=read_text_field(given, "notes", "", most=4000, default=""),
    )
    if plan.population.primary == "per_protocol" and any(row.test == "randomisation" for row in plan.hypotheses):
        text = _("A randomisation test is of everybody who was drawn: read it by intention to treat.")
        raise PlanError("draw_is_of_everybody", "population.primary", text)
    keys = [row.key for row in plan.hypotheses]
    for key in keys:
        if keys.count(key) > 1:
            raise PlanError("key_twice", "hypotheses", _("Two hypotheses have the key “%(key)s”.") % {"key": key})
    return plan


def require_fit(plan: Plan, names: Names) -> None:
    """What the plan names is there. Raises PlanError: `unknown_outcome`, `unknown_time_point`, `two_arms_needed`,
    `before_missing`, `rate_needs_log`, `log_needs_rate`, `same_time`.
    """
    for at, row in enumerate(plan.hypotheses):
        where = f"hypotheses[{at}]"
        _require_outcome(row, where, names)
        for name in ("time_point", "before"):
            key = getattr(row, name)
            if key and key not in names.time_points:
                known = ", ".join(sorted(names.time_points)) or "–"
                text = _("The plan names the time “%(key)s”, which this study does not have. It has: %(known)s.")
                raise PlanError("unknown_time_point", f"{where}.{name}", text % {"key": key, "known": known})
        if row.test == "ancova" and row.before == row.time_point:
            raise PlanError(
                "before_missing",
                f"{where}.before",
                _("ANCOVA compares at an equal start: name the time before the training, other than the time after."),
            )
        if row.test not in MANY_ARMS | RATE_TESTS and names.arms != 2:
            text = _("“%(test)s” compares two groups; this study has %(count)d. Plan an analysis of variance.")
            raise PlanError("two_arms_needed", f"{where}.test", text % {"test": row.test, "count": names.arms})


def _require_outcome(row: Hypothesis, where: str, names: Names) -> None:
    if row.is_rate != (row.outcome == INJURY_LOG):
        code = "rate_needs_log" if row.is_rate else "log_needs_rate"
        text = _("Injuries over hours of training go with a rate model, and a rate model with “%(log)s”.")
        raise PlanError(code, f"{where}.outcome", text % {"log": INJURY_LOG})
    if not row.is_rate and row.outcome not in names.outcomes:
        known = ", ".join(sorted(names.outcomes)) or "–"
        text = _("The plan names the outcome “%(key)s”, which this study does not have. It has: %(known)s.")
        raise PlanError("unknown_outcome", f"{where}.outcome", text % {"key": row.outcome, "known": known})


def _hypothesis(document: object, where: str) -> Hypothesis:
    given = read_object(document, where, Hypothesis)
    row = Hypothesis(
        key=read_text_field(given, "key", where, most=40),
        question=read_text_field(given, "question", where, most=500),
        estimand=read_text_field(given, "estimand", where, most=1000),
        outcome=read_text_field(given, "outcome", where, most=60),
        test=read_choice(given, "test", where, TESTS),
        time_point=read_text_field(given, "time_point", where, most=40, default=""),
        before=read_text_field(given, "before", where, most=40, default=""),
        low=read_bound(given, "low", where),
        high=read_bound(given, "high", where),
    )
    if not row.key.replace("-", "").replace("_", "").isalnum() or not row.key.isascii():
        raise PlanError("bad_key", f"{where}.key", _("A key is made of letters a-z, digits, - and _."))
    if row.test == "equivalence" and not _are_bounds(row.low, row.high):
        text = _("Equivalence needs the smallest difference that would matter: low, high or both, low below high.")
        raise PlanError("bounds", f"{where}.low", text)
    return row


def _are_bounds(low: float | None, high: float | None) -> bool:
    if low is None or high is None:
        return (low is None) != (high is None)
    return low < high


def _population(document: object) -> Population:
    given = read_object(document, "population", Population)
    lessons = given.get("planned_lessons")
    return Population(
        primary=read_choice(given, "primary", "population", get_args(PopulationName), default="itt"),
        min_attended=read_number(given, "min_attended", "population", default=0.8, low=0.0, high=1.0),
        planned_lessons=None
        if lessons is None
        else read_whole(given, "planned_lessons", "population", default=1, low=1, high=1000),
    )


def _gaps(document: object) -> Gaps:
    given = read_object(document, "gaps", Gaps)
    covariates = read_list(given.get("covariates", ["before", "attended"]), "gaps.covariates")
    for at, name in enumerate(covariates):
        if name not in COVARIATES:
            text = _("“%(name)s” is not known here. Known are: %(known)s.")
            known = {"name": str(name)[:60], "known": ", ".join(COVARIATES)}
            raise PlanError("unknown_choice", f"gaps.covariates[{at}]", text % known)
    shifts = read_list(given.get("shifts", []), "gaps.shifts")
    for at, shift in enumerate(shifts):
        if not is_number(shift):
            raise PlanError("wrong_type", f"gaps.shifts[{at}]", _("A shift is a number in the outcome's unit."))
    return Gaps(
        imputations=read_whole(given, "imputations", "gaps", default=20, low=2, high=500),
        method=read_choice(given, "method", "gaps", ("pmm", "normal"), default="pmm"),
        covariates=tuple(dict.fromkeys(covariates)),
        shifts=tuple(float(shift) for shift in shifts[:10]),
        seed=read_whole(given, "seed", "gaps", default=20240818, low=0, high=2**53 - 1),
    )
