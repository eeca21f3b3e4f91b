"""The report as a document: headings, paragraphs, tables and figures in reading order. Every format draws this.

A new part of the report is one function in `SECTIONS`, or blocks from outside (`further`); no renderer changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analysis.apa import apa_sentences
from analysis.format import apa, percent
from analysis.reading import exclusion_reason, paper_remarks, planned_test_name, problem_sentence, sentences
from analysis.render.figures.data import (
    Drawing,
    estimation,
    forest,
    profile,
    quantiles,
    raincloud,
    table_of,
)
from analysis.rich import Rich, words
from analysis.tables import Cell, Row, Table, further_tables, main_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analysis.format import Skin
    from analysis.results import AtTime, OutcomeReport, Report

    Section = Callable[[Report, Skin], Iterator["Block"]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is a part of the report; the title stands above it."""

    level: Literal[1, 2]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`kind`: "text"; "note", in small print; "warning", which must be seen."""

    runs: Rich
    kind: Literal["text", "note", "warning"] = "text"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption, its text for those who don't see it, and its table. `key` is its file's name.

    `number` is counted over the document, from 1. `source` is the label of data that were not recorded, or empty; it
    stands in the picture.
    """

    key: str
    caption: str
    alt: str
    drawing: Drawing
    table: Table
    source: str = ""
    number: int = 0


Block = Heading | Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """`label` says that the data are not recorded ones, and is empty for real data; every page and file carries it.

    `made_at` is the frozen report's time in ISO 8601, `language` a code such as "en".
    """

    title: str
    language: str
    label: str
    made_at: str
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Figure))


def document_of(
    report: Report,
    skin: Skin = "default",
    *,
    notices: Sequence[str] = (),
    further: Sequence[Block] = (),
) -> Document:
    """The report's document in the active language. `skin` is how its tables print a tiny p.

    `notices` stand first, as warnings (a consent that was withdrawn since); `further` are blocks of what a stored
    report has beyond its outcomes (findings, missing data, deviations), before where the numbers come from.
    Characters that no file format holds (controls, halves of a pair) are replaced by "�", here and for all formats.
    """
    report = printable(report)
    blocks: list[Block] = [Paragraph(words(printable(notice)), kind="warning") for notice in notices]
    for section in SECTIONS:
        blocks += section(report, skin)
    return Document(
        title=report.study,
        language=get_language() or "en",
        label=source_label(report),
        made_at=report.provenance.made_at,
        blocks=tuple(_numbered([*blocks, *printable(tuple(further)), *_provenance(report)])),
    )


def source_label(report: Report) -> str:
    """What every page, picture and file of a demonstration says; empty for recorded data."""
    return _("Demonstration data, not recorded from students") if report.is_demonstration else ""


def _opening(report: Report, _skin: Skin) -> Iterator[Block]:
    if report.is_demonstration:
        yield Paragraph(words(source_label(report) + "."), kind="warning")
    if report.data_note:
        yield Paragraph(words(report.data_note), kind="warning")
    if not report.outcomes:
        yield Paragraph(words(_("This study has no outcomes yet.")))


def _outcomes(report: Report, skin: Skin) -> Iterator[Block]:
    for number, outcome in enumerate(report.outcomes, start=1):
        yield Heading(1, outcome.name)
        yield from _words(outcome)
        yield from _outcome_figures(outcome, report)
        yield from main_tables(outcome, skin=skin, number=number, data_note=report.data_note)
        yield from further_tables(outcome, skin=skin, data_note=report.data_note)
        yield from _left_out(outcome)


def _words(outcome: OutcomeReport) -> Iterator[Block]:
    """What was asked, the answer in plain words, the sentence for a manuscript, and what could not be computed."""
    planned = _("Planned test: %(test)s.") % {"test": planned_test_name(outcome)}
    yield Paragraph(words(" ".join(filter(None, (outcome.hypothesis, planned)))))
    if said := sentences(outcome):
        yield Paragraph(words(" ".join(said)))
    for sentence in apa_sentences(outcome):
        yield Paragraph(sentence)
    for problem in outcome.problems:
        yield Paragraph(words(problem_sentence(outcome, problem)), kind="warning")
    for remark in paper_remarks(outcome):
        yield Paragraph(words(remark), kind="note")


def _outcome_figures(outcome: OutcomeReport, report: Report) -> Iterator[Block]:
    level = percent(report.confidence)
    shown: tuple[tuple[str, Drawing | None, str, str], ...] = (
        (
            "raincloud",
            raincloud(outcome, level=report.confidence),
            _(
                "%(outcome)s of every student, by group. "
                "Box: quartiles. Diamond and line: mean with its %(level)s interval"
            ),
            _("Raincloud plot of %(outcome)s, a dot for every student. %(groups)s."),
        ),
        (
            "estimation",
            estimation(outcome),
            _("%(outcome)s of every student, and the difference of the means with its %(level)s interval"),
            _("Estimation plot of %(outcome)s. %(groups)s. %(difference)s"),
        ),
        (
            "profile",
            profile(outcome, level=report.confidence),
            _("%(outcome)s over the times: every student, and the means with their %(level)s intervals"),
            _("Profile plot of %(outcome)s over %(times)s: means of each group with intervals. %(course)s."),
        ),
        (
            "qq",
            quantiles(outcome),
            _("%(outcome)s against a normal distribution (Q-Q), by group. It informs; it chooses no test"),
            _("Q-Q plot of %(outcome)s: sorted values against normal quantiles, by group."),
        ),
    )
    said = sentences(outcome)
    about = {
        "outcome": outcome.name,
        "level": level,
        "groups": "; ".join(_group_in_words(outcome, place) for place in range(len(outcome.groups))),
        "times": ", ".join(time.name for time in outcome.times),
        "course": "; ".join(map(_course_in_words, outcome.times)),
        "difference": said[1] if len(said) > 1 else "",
    }
    for kind, drawing, caption, alt in shown:
        if drawing is not None:
            yield _figure(f"{outcome.key}-{kind}", drawing, caption=caption % about, alt=alt % about, report=report)


def _group_in_words(outcome: OutcomeReport, place: int) -> str:
    group = outcome.groups[place]
    if group.mean is None:
        return f"{group.name}: n = {group.n}"
    return _("%(name)s: n = %(n)d, mean %(mean)s, from %(low)g to %(high)g") % {
        "name": group.name,
        "n": group.n,
        "mean": apa(group.mean),
        "low": min(group.values),
        "high": max(group.values),
    }


def _course_in_words(time: AtTime) -> str:
    means = (f"{group.name} {apa(group.mean)}" for group in time.groups if group.mean is not None)
    return f"{time.name}: {', '.join(means)}"


def _left_out(outcome: OutcomeReport) -> Iterator[Block]:
    """Everybody who is in no test, with the reason."""
    if outcome.exclusions:
        yield Table(
            key="left-out",
            caption=_("Left out: %(outcome)s") % {"outcome": outcome.name},
            stub=1,
            head=((Cell(_("Student")), Cell(_("Group")), Cell(_("Reason"))),),
            body=tuple(
                Row(
                    (Cell(row.code),),
                    (Cell(outcome.arm_name(row.arm) if row.arm else ""), Cell(exclusion_reason(row.reason))),
                )
                for row in outcome.exclusions
            ),
        )


def _side_by_side(report: Report, _skin: Skin) -> Iterator[Block]:
    drawing = forest(report)
    if drawing is not None:
        level = percent(drawing.level)
        yield Heading(1, _("All outcomes side by side"))
        yield _figure(
            "forest",
            drawing,
            caption=_("Hedges' g of every outcome with its %(level)s interval") % {"level": level},
            alt=_("Forest plot of Hedges' g: %(rows)s.")
            % {
                "rows": "; ".join(
                    f"{row.name} {apa(row.estimate)} [{apa(row.ci_low)}, {apa(row.ci_high)}]" for row in drawing.rows
                )
            },
            report=report,
        )


def _provenance(report: Report) -> Iterator[Block]:
    made = report.provenance
    yield Heading(1, _("Where these numbers come from"))
    yield Table(
        key="provenance",
        caption=_("Data, code and versions"),
        stub=1,
        head=((Cell(_("What")), Cell(_("Which"))),),
        body=tuple(
            Row((Cell(what),), (Cell(which),))
            for what, which in (
                (_("SHA-256 of the data (CSV)"), made.data_sha256),
                (_("SHA-256 of the code"), made.code_sha256),
                ("LiftLab", made.liftlab),
                ("Python", made.python),
                ("NumPy", made.numpy),
                ("SciPy", made.scipy),
                ("Django", made.django),
                (_("Made at"), made.made_at),
            )
        ),
    )


SECTIONS: tuple[Section, ...] = (_opening, _outcomes, _side_by_side)


def _figure(key: str, drawing: Drawing, *, caption: str, alt: str, report: Report) -> Figure:
    table = table_of(drawing, key=key, caption=_("Values of the figure: %(caption)s") % {"caption": caption})
    return Figure(key=key, caption=caption, alt=alt.strip(), drawing=drawing, table=table, source=source_label(report))


def _numbered(blocks: list[Block]) -> Iterator[Block]:
    """Figures counted from 1, each with a key that is a file's name and nobody else's."""
    number = 0
    keys: set[str] = set()
    for block in blocks:
        if isinstance(block, Figure):
            number += 1
            key = re.sub(r"[^A-Za-z0-9_-]", "_", block.key)
            key = f"{key}-{number}" if key.lower() in keys else key
            keys.add(key.lower())
            yield replace(block, number=number, key=key)
        else:
            yield block


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(value: T) -> T:
    """The same value with "�" for what no file format holds, in every text of it, however deep."""
    found: Any = value
    if isinstance(found, str):
        found = _UNPRINTABLE.sub("\ufffd", found)
    elif isinstance(found, tuple) and not (found and isinstance(found[0], (int, float))):
        found = tuple(printable(part) for part in found)
    elif is_dataclass(found) and not isinstance(found, type):
        found = replace(found, **{f.name: printable(getattr(found, f.name)) for f in fields(found)})
    clean: T = found
    return clean
