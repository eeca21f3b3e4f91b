"""A frozen report as a file of any format: made by a worker, since a print takes seconds, from the snapshot alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.export import DOWNLOADED
from analysis.frozen.page import deviation_words, section_of
from analysis.frozen.seen import frozen_for, report_for
from analysis.frozen.tables import missing_tables
from analysis.render.document import Heading, Paragraph
from analysis.render.edition import edition_of
from analysis.render.formats import FORMATS, file_name
from analysis.rich import words
from studies.access import record_class_access, record_export
from studies.jobs.kinds import Made
from studies.models import Participant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.frozen.seen import Labels
    from analysis.frozen.snapshot import Frozen
    from analysis.models import FrozenReport
    from analysis.render.document import Block
    from studies.jobs.kinds import Work


def make_file(work: Work) -> Made:
    """The file, with the groups as the person who asked may read them."""
    job, user = work.job, work.job.requested_by
    assert user is not None
    kind = FORMATS[job.params["format"]]
    report = report_for(user, job.params["report"])
    frozen, labels = frozen_for(user, report)
    work.report(10)
    edition = edition_of(frozen.report, notices=list(notices(report)), further=list(further(frozen, labels)))
    path = work.folder / "report"
    path.write_bytes(kind.make(edition))
    record_class_access(user, Participant.objects.filter(study=report.study), DOWNLOADED)
    record_export(user, report.study, f"frozen report ({kind.key})", rows=len(frozen.data.people))
    return Made(path, file_name(frozen.report, kind.key), kind.content_type)


def notices(report: FrozenReport) -> Iterator[str]:
    """What must be read before anything else."""
    count = report.withdrawn.count()
    if count:
        yield _("Based on data since withdrawn: %(count)s students.") % {"count": count}


def further(frozen: Frozen, labels: Labels) -> Iterator[Block]:
    """What a stored report has beyond its outcomes: each planned question, who is missing, where it left the plan."""
    yield Heading(1, _("The planned analyses"))
    for finding in frozen.findings:
        section = section_of(finding, labels)
        yield Heading(2, section.outcome.name)
        for sentence in (*section.sentences, *section.problems, section.left_out, section.effect):
            if sentence:
                yield Paragraph(words(sentence))
        yield from section.tables
        yield from section.checks
    yield Heading(1, _("Missing data"))
    yield from missing_tables(frozen, labels.names)
    yield Heading(1, _("The plan, and where this report left it"))
    stage = _("Plan version %(number)s, SHA-256 %(hash)s.") % {
        "number": frozen.plan_version,
        "hash": frozen.plan_sha256,
    }
    yield Paragraph(words(stage))
    for deviation in frozen.deviations:
        yield Paragraph(words(deviation_words(deviation)), kind="warning")
    if not frozen.deviations:
        yield Paragraph(words(_("Nothing was done otherwise than registered.")))
