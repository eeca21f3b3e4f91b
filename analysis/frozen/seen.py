"""A frozen report as one reader may see it: with the groups' names, or the one computed under their letters."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.http import Http404

from analysis.frozen.blinded import analyse_blinded, lettered
from analysis.frozen.snapshot import Frozen, read_frozen
from analysis.models import FrozenReport
from analysis.plans.findings import analyse
from analysis.results import Group
from studies.access import arms_shown_to, sees_arms, study_for
from studies.blinding import letters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.plans.document import Plan
    from analysis.plans.findings import Finding
    from analysis.plans.people import Data
    from studies.models import Study, User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Labels:
    """`names`: key of a group, or of its letter, -> name, in the order in which this reader may see them."""

    names: Mapping[str, str]
    blinded: bool


@dataclass(frozen=True, slots=True)
class Hashes:
    """SHA-256 of what this reader gets: the document, and its records. Another's would tell who knows the names."""

    document: str
    data: str


def report_for(user: User, pk: int) -> FrozenReport:
    """The report with study and plan, for somebody who works in its study. Raises Http404 or PermissionDenied."""
    report = FrozenReport.objects.select_related("study", "plan", "made_by").filter(pk=pk).first()
    if report is None:
        raise Http404("no such report")
    study_for(user, report.study_id, staff=True, whole=True)
    return report


def labels_for(user: User, study: Study) -> Labels:
    names = {arm.key: arm.name for arm in arms_shown_to(user, study)}
    return Labels(names, blinded=not sees_arms(user, study))


def hashes_for(report: FrozenReport, *, blinded: bool) -> Hashes:
    if blinded:
        return Hashes(report.blinded_sha256, report.blinded_data_sha256)
    return Hashes(report.sha256, report.data_sha256)


def is_readable(report: FrozenReport, labels: Labels) -> bool:
    """Whether there is a snapshot for this reader: reports of before the letters had one hold none for the blinded."""
    return report.state == FrozenReport.State.DONE and (bool(report.blinded_sha256) or not labels.blinded)


def stored_for(user: User, report: FrozenReport) -> tuple[Frozen, Labels]:
    """The snapshot for this reader as it is stored, byte for byte what its hash is of. Raises Http404 without one."""
    labels = labels_for(user, report.study)
    if not is_readable(report, labels):
        raise Http404("not made yet, or not for this reader")
    return read_frozen(report.blinded_document if labels.blinded else report.document), labels


def frozen_for(user: User, report: FrozenReport) -> tuple[Frozen, Labels]:
    """The snapshot for this reader, with the groups' names in its rendered part. Raises Http404 without one."""
    frozen, labels = stored_for(user, report)
    return _named(frozen, labels), labels


def findings_for(user: User, study: Study, plan: Plan, data: Data) -> tuple[tuple[Finding, ...], Labels]:
    """What a plan that is not frozen finds, as this reader may see it."""
    labels = labels_for(user, study)
    if labels.blinded:
        return _named(analyse_blinded(plan, lettered(data, letters_of(study))), labels), labels
    return _named(analyse(plan, data), labels), labels


def _named(value: T, labels: Labels) -> T:
    """The same with the groups' names put in, however deep."""
    if isinstance(value, tuple):
        return cast("T", tuple(_named(row, labels) for row in value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, Group):
        return cast("T", replace(value, name=labels.names.get(value.key, value.key)))
    inner = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    changed: dict[str, Any] = {name: new for name, own in inner.items() if (new := _named(own, labels)) is not own}
    seen: T = replace(cast("Any", value), **changed) if changed else value
    return seen
