"""Two frozen reports of a study side by side: what changed in the data, the code, the plan and the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.plans.changes import Change, changes
from analysis.plans.words import estimate_words, p_words

if TYPE_CHECKING:
    from analysis.frozen.snapshot import Frozen
    from analysis.plans.findings import Finding
    from analysis.plans.people import Person


@dataclass(frozen=True, slots=True)
class NumberPair:
    """One hypothesis in both reports; empty where one has it not."""

    key: str
    question: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Difference:
    """`people_new`, `people_gone`, `people_changed`: how many students' records; the values that differ are counted."""

    same_data: bool
    people_new: int
    people_gone: int
    people_changed: int
    values_changed: int
    same_code: bool
    versions: tuple[Change, ...]
    plan: tuple[Change, ...]
    numbers: tuple[NumberPair, ...]


VERSIONS = ("liftlab", "python", "numpy", "scipy", "django")


def compare(first: Frozen, second: Frozen) -> Difference:
    one = {person.code: person for person in first.data.people}
    two = {person.code: person for person in second.data.people}
    both = [(one[code], two[code]) for code in one.keys() & two.keys()]
    made, again = first.report.provenance, second.report.provenance
    return Difference(
        same_data=first.data_sha256 == second.data_sha256,
        people_new=len(two.keys() - one.keys()),
        people_gone=len(one.keys() - two.keys()),
        people_changed=sum(before != after for before, after in both),
        values_changed=sum(_values(before, after) for before, after in both),
        same_code=made.code_sha256 == again.code_sha256,
        versions=tuple(
            Change(name, getattr(made, name), getattr(again, name))
            for name in VERSIONS
            if getattr(made, name) != getattr(again, name)
        ),
        plan=changes(first.plan.document(), second.plan.document()),
        numbers=_numbers(first, second),
    )


def _values(before: Person, after: Person) -> int:
    keys = before.values.keys() | after.values.keys()
    return sum(before.values.get(key) != after.values.get(key) for key in keys)


def _numbers(first: Frozen, second: Frozen) -> tuple[NumberPair, ...]:
    one, two = ({row.key: row for row in frozen.findings} for frozen in (first, second))
    return tuple(
        NumberPair(
            key,
            (two.get(key) or one[key]).question,
            _said(one[key]) if key in one else "",
            _said(two[key]) if key in two else "",
        )
        for key in dict.fromkeys((*one, *two))
    )


def _said(finding: Finding) -> str:
    primary = finding.primary
    if primary.p is None:
        return "–"
    estimate = f"{estimate_words(primary.estimate)}, " if primary.estimate else ""
    return f"{estimate}{p_words(primary)}, N = {sum(count.n for count in primary.counts)}"
