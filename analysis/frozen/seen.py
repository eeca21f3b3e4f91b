"""A frozen report as one reader may see it: groups by the names that `studies.access.arm_name` gives this person.

A snapshot names groups by their keys. For a blinded reader the keys themselves are exchanged too, everywhere, also in
files: a key such as "control" says as much as a name.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.http import Http404
from django.utils.text import slugify

from analysis.frozen.snapshot import Frozen, read_frozen
from analysis.models import FrozenReport
from analysis.plans.findings import Finding
from analysis.results import Group, OutcomeReport, Report
from studies.access import arm_name, sees_arms, study_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studies.models import Study, User

T = TypeVar("T")
ARM_FIELDS = frozenset({"arm", "arm_now", "arms", "first", "second", "reference", "groups", "group"})
"""Fields of results that hold a group's key, or a tuple of them."""


@dataclass(frozen=True, slots=True)
class Labels:
    """`keys`: key in the snapshot -> key for this reader; `names`: key for this reader -> name. In one order."""

    keys: Mapping[str, str]
    names: Mapping[str, str]
    blinded: bool

    @property
    def order(self) -> list[str]:
        """Groups as they stand in tables. For a blinded reader by label: the tables' order would tell."""
        shown = list(self.names)
        return sorted(shown, key=lambda key: self.names[key]) if self.blinded else shown


def report_for(user: User, pk: int) -> FrozenReport:
    """The report with study and plan, for somebody who works in its study. Raises Http404 or PermissionDenied."""
    report = FrozenReport.objects.select_related("study", "plan", "made_by").filter(pk=pk).first()
    if report is None:
        raise Http404("no such report")
    study_for(user, report.study_id, staff=True, whole=True)
    return report


def labels_for(user: User, study: Study) -> Labels:
    arms = list(study.arms.all())
    for arm in arms:
        arm.study = study
    names = [arm_name(user, arm) for arm in arms]
    blinded = not sees_arms(user, study)
    shown = (
        [slugify(name) or f"group-{at}" for at, name in enumerate(names, 1)] if blinded else [arm.key for arm in arms]
    )
    return Labels(
        keys={arm.key: key for arm, key in zip(arms, shown, strict=True)},
        names=dict(zip(shown, names, strict=True)),
        blinded=blinded,
    )


def frozen_for(user: User, report: FrozenReport) -> tuple[Frozen, Labels]:
    """The snapshot with this reader's keys, and the groups' names in its rendered part. Raises Http404 while there is
    none.
    """
    if report.state != FrozenReport.State.DONE:
        raise Http404("not made yet")
    labels = labels_for(user, report.study)
    return relabelled(read_frozen(report.document), labels), labels


def relabelled(frozen: Frozen, labels: Labels) -> Frozen:
    seen = _relabel(frozen, labels)
    if not labels.blinded:
        return seen
    # Sections drawn as wholes, and how the draw went, would tell the groups.
    people = tuple(replace(person, cluster="", source="", levels={}, number=0) for person in seen.data.people)
    return replace(seen, data=replace(seen.data, people=people, design={}))


def _relabel(value: T, labels: Labels) -> T:
    """The same with keys exchanged in the fields that hold them, and the groups' names put in."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        if isinstance(value, Group) and field.name in {"key", "name"}:
            key = labels.keys.get(value.key, value.key)
            changed[field.name] = key if field.name == "key" else labels.names.get(key, key)
        elif field.name == "detail":
            changed[field.name] = _detail(own, labels) if labels.blinded else own
        elif field.name in ARM_FIELDS and not isinstance(value, Report | OutcomeReport | Finding):
            changed[field.name] = _exchange(own, labels)
        else:
            changed[field.name] = _inner(own, labels)
    seen: T = replace(cast("Any", value), **changed)
    return seen


def _inner(own: Any, labels: Labels) -> Any:
    if isinstance(own, tuple):
        return tuple(_relabel(row, labels) for row in own)
    return _relabel(own, labels)


def _exchange(own: Any, labels: Labels) -> Any:
    if isinstance(own, str):
        return labels.keys.get(own, own)
    if isinstance(own, tuple):
        return tuple(_exchange(row, labels) if isinstance(row, str) else _relabel(row, labels) for row in own)
    return _relabel(own, labels)


def _detail(own: Any, labels: Labels) -> Any:
    """A library's result as JSON values: its texts are names of groups and of methods."""
    if isinstance(own, dict):
        return {name: _detail(value, labels) for name, value in own.items()}
    if isinstance(own, list | tuple):
        return [_detail(value, labels) for value in own]
    return labels.keys.get(own, own) if isinstance(own, str) else own


def relabel_findings(findings: tuple[Finding, ...], labels: Labels) -> tuple[Finding, ...]:
    """Findings that are not frozen, as this reader may see them."""
    return tuple(_relabel(row, labels) for row in findings)
