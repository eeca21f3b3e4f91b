"""The audit as a file that anybody can follow: a job, because a semester's chain is long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from studies.access import OVERSEES, record_export, role_in, sees_arms
from studies.audit import document_of
from studies.jobs.kinds import Kind, Made
from studies.models import AuditEntry

if TYPE_CHECKING:
    from pathlib import Path

    from studies.jobs.kinds import Work
    from studies.models import Job, Study, User

AT_ONCE = 2_000


def reads_it(user: User, job: Job) -> bool:
    """The file is for who may read the study's whole audit, as long as they may."""
    return job.study is not None and role_in(user, job.study) in OVERSEES and sees_arms(user, job.study)


def make(work: Work) -> Made:
    """The whole chain, an entry a line, oldest first, each with its hash (docs/audit.md says how to follow it)."""
    study, user = work.job.study, work.job.requested_by
    assert study is not None
    assert user is not None
    rows = AuditEntry.objects.filter(study=study).count()
    record_export(user, study, "audit", rows=rows)
    path = work.folder / "audit.jsonl"
    write_chain(study, path, work, total=rows + 1)
    return Made(path, f"audit-{study.pk}.jsonl", "application/x-ndjson")


def write_chain(study: Study, path: Path, work: Work, *, total: int) -> int:
    """Write the chain as it is now; returns how many entries. `total` is for the progress only."""
    written = 0
    with path.open("w", encoding="utf-8") as out:
        rows = AuditEntry.objects.filter(study=study).order_by("number")
        for written, entry in enumerate(rows.iterator(chunk_size=AT_ONCE), start=1):
            out.write(json.dumps(document_of(entry) | {"hash": entry.hash}, ensure_ascii=False) + "\n")
            if written % 100 == 0:
                work.report(100 * written // max(total, 1))
    return written


KIND = Kind("audit", _("Audit (JSON lines)"), make, may=reads_it)
