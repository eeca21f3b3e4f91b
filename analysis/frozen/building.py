"""Build a frozen report: claim the row, read the records once, compute, and store everything in one transaction."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from analysis.frozen.blinded import analyse_blinded, lettered, shown
from analysis.frozen.snapshot import SCHEMA, Deviation, Frozen, data_sha256, read_frozen, rendered
from analysis.models import FrozenReport
from analysis.plans.changes import changes
from analysis.plans.document import require_fit
from analysis.plans.fields import PlanError
from analysis.plans.findings import analyse
from analysis.plans.gaps import who_is_missing
from analysis.plans.loading import load, names_of
from analysis.plans.services import plan_of, registered_plan
from studies import audit
from studies.blinding import letters_of
from studies.closing.looks import LOOKED
from studies.models import Participant
from studies.randomise.stream import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.models import AnalysisPlan
    from analysis.plans.findings import Finding
    from analysis.plans.people import Data
    from studies.models import Study

logger = logging.getLogger(__name__)
READ, COMPUTED = 10, 95
"""Per cent of the work that is done when the records are read, and when every hypothesis is tested."""


class ReportStopped(Exception):
    """Another attempt owns the row."""


class NobodyInStudy(Exception):
    """There is nothing to report on."""


def build(report_id: int) -> None:
    """Make a report if it is still waiting; a message that comes twice, or late, does nothing.

    Every end is a state of the row. Raises only when the database can't be written; then the reaper takes over.
    """
    report = FrozenReport.objects.claim(report_id, worker=f"{socket.gethostname()}:{os.getpid()}"[:100])
    if report is None:
        logger.info("report %s: nothing to do", report_id)
        return
    started = time.monotonic()
    try:
        _freeze(report, compute(report))
    except ReportStopped:
        logger.info("report %s: attempt %s is over", report.pk, report.attempt)
    except PlanError as error:
        report.fail(f"plan_{error.code}"[:40])
    except NobodyInStudy:
        report.fail("nobody")
    except MemoryError:
        logger.exception("report %s: out of memory", report.pk)
        report.fail("out_of_memory")
    except Exception:
        logger.exception("report %s: unexpected", report.pk)
        report.fail("internal")
    logger.info("report %s, attempt %s: over after %.1f s", report.pk, report.attempt, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What is stored: the snapshot, and the one for who is blinded; None where nobody is any more."""

    whole: Frozen
    blinded: Frozen | None


def compute(report: FrozenReport) -> Snapshots:
    """The snapshots, from the rows of this moment. Raises PlanError, NobodyInStudy, ReportStopped."""
    study, saved = report.study, report.plan
    plan = plan_of(saved)
    require_fit(plan, names_of(study))
    data = load(study, plan)
    if not data.people:
        raise NobodyInStudy
    _beat(report, READ)
    letters = {} if study.unblinded_at is not None else letters_of(study)
    share = (COMPUTED - READ) // (2 if letters else 1)

    def on_progress(done: int, of: int) -> None:
        _beat(report, READ + share * done // of)

    def on_more_progress(done: int, of: int) -> None:
        _beat(report, READ + share + share * done // of)

    made_at = timezone.now().isoformat(timespec="seconds")
    findings = analyse(plan, data, on_progress=on_progress)
    rendering = rendered(study, plan, data, findings, made_at=made_at)
    registered = registered_plan(study)
    whole = Frozen(
        schema=SCHEMA,
        report=rendering,
        plan=plan,
        plan_version=saved.version,
        plan_sha256=saved.sha256,
        plan_stage=saved.stage,
        plan_saved_at=saved.saved_at.isoformat(timespec="seconds"),
        registered_version=registered.version if registered else None,
        deviations=(*deviations(saved, registered, data), *early(study)),
        findings=findings,
        missing=who_is_missing(plan, data),
        data=data,
        data_sha256=data_sha256(data),
    )
    if not letters:
        return Snapshots(_kept(whole), None)
    under = lettered(data, letters)
    findings = analyse_blinded(plan, under, on_progress=on_more_progress)
    told = shown(under)
    blinded = replace(
        whole,
        report=rendered(study, plan, under, findings, made_at=made_at, blinded=True),
        findings=findings,
        missing=who_is_missing(plan, under),
        data=told,
        data_sha256=data_sha256(told),
    )
    return Snapshots(_kept(whole), _kept(blinded))


def _kept(frozen: Frozen) -> Frozen:
    """Read back before it is kept, so that a report that can't be read never exists; whole numbers in real columns
    become reals by that, and the text is the same whenever it is written again.
    """
    return read_frozen(frozen.text())


def _beat(report: FrozenReport, percent: int) -> None:
    if not report.beat(percent):
        raise ReportStopped


def deviations(used: AnalysisPlan, registered: AnalysisPlan | None, data: Data) -> tuple[Deviation, ...]:
    """Where the report departs from what was registered, and who was moved between groups after the draw."""
    found = []
    if registered is None:
        found.append(Deviation("not_registered"))
    elif registered.sha256 != used.sha256:
        found += [
            Deviation("plan_changed", row.where, row.before, row.after)
            for row in changes(registered.document, used.document)
        ]
    moved = sum(person.arm != person.arm_now for person in data.people)
    if moved:
        found.append(Deviation("moved", after=str(moved)))
    return tuple(found)


def early(study: Study) -> Iterator[Deviation]:
    """The looks at the groups before the study was over, oldest first. Their reasons may name groups: not for here."""
    for look in study.milestones.filter(kind=LOOKED).order_by("at", "pk"):
        yield Deviation("early_look", after=look.at.date().isoformat())


@transaction.atomic
def _freeze(report: FrozenReport, made: Snapshots) -> None:
    """Documents, hashes, participants and the end of the run: all, or nothing."""
    frozen, text = made.whole, made.whole.text()
    under_letters = made.blinded.text() if made.blinded else ""
    codes = [person.code for person in frozen.data.people]
    people = Participant.objects.filter(study_id=report.study_id, code__in=codes)
    FrozenReport.participants.through.objects.bulk_create(
        FrozenReport.participants.through(frozenreport_id=report.pk, participant_id=pk)
        for pk in people.values_list("pk", flat=True)
    )
    frozen_now = report.freeze(
        document=text,
        sha256=sha256_of(text),
        data_sha256=frozen.data_sha256,
        blinded_document=under_letters,
        blinded_sha256=sha256_of(under_letters) if under_letters else "",
        blinded_data_sha256=made.blinded.data_sha256 if made.blinded else "",
        code_sha256=frozen.report.provenance.code_sha256,
    )
    if not frozen_now:
        raise ReportStopped  # and the participants' rows go with the transaction
    audit.done(
        report.study_id,
        report.made_by,
        "report frozen",
        report=report.pk,
        plan=report.plan.version,
        sha256=sha256_of(text),
        deviations=len(frozen.deviations),
    )


def recomputed(frozen: Frozen) -> bool:
    """Whether the stored records and plan still give the stored findings, to every digit."""
    again = analyse(frozen.plan, frozen.data)
    return _plain(again) == _plain(frozen.findings)


def _plain(found: tuple[Finding, ...]) -> object:
    return json.loads(json.dumps([asdict(row) for row in found]))
