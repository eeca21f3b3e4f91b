"""What a frozen report holds, and its text: the report that exports render, the plan, the findings, and the records."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from analysis.datasets import ArmData, Dataset, Exclusion
from analysis.plans.people import Data, series
from analysis.reports import assemble, outcome_report
from analysis.thaw import Unreadable, thaw
from studies.randomise.stream import canonical, sha256_of

if TYPE_CHECKING:
    from analysis.datasets import Reason
    from analysis.plans.document import Plan
    from analysis.plans.findings import Finding
    from analysis.plans.gaps import Missing
    from analysis.results import OutcomeReport, Report
    from studies.models import Outcome, Study

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where a report departs from what was registered. `kind`: not_registered, plan_changed, moved, early_look.

    `before` and `after` are the registered and the used value as JSON text, or a count in `after`; of an early look
    its day.
    """

    kind: str
    where: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Groups are named by their keys throughout: who may read which group is which is decided at every look.

    `registered_version` is that of the last plan saved before anybody could know an outcome; None without one.
    """

    schema: int
    report: Report
    plan: Plan
    plan_version: int
    plan_sha256: str
    plan_stage: str
    plan_saved_at: str
    registered_version: int | None
    deviations: tuple[Deviation, ...]
    findings: tuple[Finding, ...]
    missing: Missing
    data: Data
    data_sha256: str

    def text(self) -> str:
        """Canonical JSON; its SHA-256 is the report's. Raises ValueError for a number that is none."""
        return canonical(_finite(asdict(self), "report"))


def data_sha256(data: Data) -> str:
    return sha256_of(canonical(_finite(asdict(data), "data", keep=True)))


def read_frozen(text: str) -> Frozen:
    """The snapshot of a stored text. Raises `analysis.thaw.Unreadable`, also for one of another schema."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise Unreadable(f"not of schema {SCHEMA}")
    return thaw(Frozen, document)


def _finite(document: Any, where: str, *, keep: bool = False) -> Any:
    """The same with -0.0 as 0.0, so that text and numbers stay one thing, and no NaN or infinity (`keep`: as text)."""
    if isinstance(document, dict):
        return {name: _finite(value, f"{where}.{name}", keep=keep) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [_finite(value, where, keep=keep) for value in document]
    if isinstance(document, float):
        if not math.isfinite(document):
            if keep:
                return str(document)
            raise ValueError(f"{where} is {document}")
        return float(document) + 0.0
    return document


def rendered_outcomes(
    study: Study, plan: Plan, data: Data, findings: tuple[Finding, ...], *, beside_paper: bool
) -> tuple[OutcomeReport, ...]:
    """Each measured outcome at each time that the plan tests, in the form that exports render. The first hypothesis
    about it says which test is planned.
    """
    outcomes: dict[str, Outcome] = {row.key: row for row in study.outcomes.select_related("main_time_point")}
    found: dict[str, OutcomeReport] = {}
    for row, finding in zip(plan.hypotheses, findings, strict=True):
        if row.is_rate:
            continue
        outcome = outcomes[row.outcome]
        main = outcome.main_time_point.key if outcome.main_time_point else ""
        key = row.outcome if row.time_point == main else series(row.outcome, row.time_point)
        if key not in found:
            found[key] = outcome_report(
                outcome,
                _dataset(finding, data),
                planned_test=row.test,
                confidence=plan.confidence,
                beside_paper=beside_paper,
                key=key,
            )
    return tuple(found.values())


AS_EXPORTED: dict[str, Reason] = {
    "no_arm": "no_arm",
    "excluded": "no_arm",
    "no_consent": "no_consent",
    "withdrawn": "withdrawn",
    "not_finite": "not_finite",
}
"""A plan's reason -> the one that exports know; every other is a value that is not there."""


def _dataset(finding: Finding, data: Data) -> Dataset:
    """The complete cases of a finding, everybody else with the reason as exports know it."""
    gone = {row.code for row in finding.left_out}
    used = {code for group in finding.groups for code in group.codes}
    aside = [person for person in data.drawn() if person.code not in gone | used]
    left_out = [Exclusion(row.code, row.arm, AS_EXPORTED.get(row.reason, "no_value")) for row in finding.left_out]
    left_out += [Exclusion(person.code, person.arm, "off_protocol") for person in aside]
    return Dataset(
        arms=tuple(ArmData(group.key, group.key, group.codes, group.values) for group in finding.groups),
        exclusions=tuple(sorted(left_out, key=lambda row: row.code)),
    )


def rendered(
    study: Study, plan: Plan, data: Data, findings: tuple[Finding, ...], *, made_at: str, blinded: bool = False
) -> Report:
    """`blinded`: nothing stands beside the paper's numbers, which would tell the groups."""
    beside_paper = study.is_demonstration and not hasattr(study, "dry_run_of") and not blinded
    outcomes = rendered_outcomes(study, plan, data, findings, beside_paper=beside_paper)
    return assemble(study, outcomes, confidence=plan.confidence, made_at=made_at)
