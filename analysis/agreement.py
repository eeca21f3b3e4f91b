"""Coach against instructors, and instructors against each other: the study's reviews as agreement tables.

What is counted is a repetition as one reviewer sees it; a repetition that two have reviewed counts once for each.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysis.format import percent, spss
from analysis.stats.agreement import Pair, agreement
from analysis.tables import Cell, Row, Table
from coaching.models import RepetitionRecord, RepetitionReview
from coaching.reviews.selectors import counted, current_repetitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from analysis.stats.agreement import Agreement, Figure
    from studies.models import Study

Reason = Literal["no_verdict", "not_a_repetition", "missed", "taken_back"]

CORRECT, INCORRECT, NOT_ONE = "correct", "incorrect", "not_a_repetition"
VERDICTS = (INCORRECT, CORRECT)
"""The positive category first: what the coach is there to find is an incorrect repetition."""
DECISIONS = (INCORRECT, CORRECT, NOT_ONE)
NO_VERDICT, NOT_FOUND = "", "not_found"
COLUMNS = (INCORRECT, CORRECT, NO_VERDICT, NOT_FOUND)
REASONS: dict[Reason, str | _StrPromise] = {
    "no_verdict": gettext_lazy("the coach gave no verdict"),
    "not_a_repetition": gettext_lazy("the instructor says it is no repetition"),
    "missed": gettext_lazy("the coach did not find it"),
    "taken_back": gettext_lazy("added by an instructor and taken back"),
}
WORDS: dict[str, str | _StrPromise] = {
    CORRECT: gettext_lazy("Correct"),
    INCORRECT: gettext_lazy("Incorrect"),
    NOT_ONE: gettext_lazy("Not a repetition"),
    NO_VERDICT: gettext_lazy("No verdict"),
    NOT_FOUND: gettext_lazy("Not found"),
}


_NAMES: dict[str, str | _StrPromise] = {
    "accuracy": gettext_lazy("Agreement"),
    "sensitivity": gettext_lazy("Sensitivity"),
    "specificity": gettext_lazy("Specificity"),
    "kappa": gettext_lazy("Cohen's kappa"),
}


@dataclass(frozen=True, slots=True)
class TwoInstructors:
    """`only_one`: repetitions that one of the two has reviewed and the other has not, of sets that both worked on."""

    first: str
    second: str
    agreement: Agreement
    only_one: int


@dataclass(frozen=True, slots=True)
class AgainstCoach:
    """`everything` counts reviews by (instructor's decision, coach's verdict); `agreement` those with both verdicts."""

    reviews: int
    everything: dict[tuple[str, str], int]
    exclusions: tuple[tuple[Reason, int], ...]
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """`reviewed` of the coach's `repetitions` in the study's newest results have a review.

    `all` counts each reviewer's newest word about a repetition; `blind` their newest before they had seen the result,
    whatever they said afterwards.
    """

    study: str
    repetitions: int
    reviewed: int
    all: AgainstCoach
    blind: AgainstCoach
    instructors: tuple[TwoInstructors, ...]


def review_report(study: Study) -> ReviewReport:
    """All figures from the study's counted reviews; six queries, whatever their number."""
    rows = RepetitionReview.objects.filter(session__participant__study=study)
    written = list(rows.select_related("reviewer", "session__participant").order_by("pk"))
    reviews = counted(written)
    said = _verdicts(written)
    current = set(current_repetitions(study).values_list("assessment", "number"))
    return ReviewReport(
        study=study.title,
        repetitions=len(current),
        reviewed=len(current & {(review.assessment_id, review.number) for review in reviews}),
        all=_against_coach(reviews, said),
        blind=_against_coach(counted(review for review in written if review.blind), said),
        instructors=tuple(_between_instructors(reviews)),
    )


def _against_coach(reviews: Sequence[RepetitionReview], said: Mapping[tuple[int, int], str]) -> AgainstCoach:
    pairs, left_out, everything = [], Counter[Reason](), Counter[tuple[str, str]]()
    for review in reviews:
        verdict = said.get((review.assessment_id, review.number), NO_VERDICT)
        everything[review.decision, NOT_FOUND if review.added else verdict] += 1
        reason = _reason(review, verdict)
        if reason:
            left_out[reason] += 1
        else:
            pairs.append(Pair(review.session.participant.code, review.decision, verdict))
    return AgainstCoach(
        reviews=len(reviews),
        everything=dict(everything),
        exclusions=tuple((reason, left_out[reason]) for reason in REASONS if left_out[reason]),
        agreement=agreement(pairs, VERDICTS, positive=INCORRECT) if pairs else None,
    )


def _verdicts(reviews: Sequence[RepetitionReview]) -> dict[tuple[int, int], str]:
    about = {review.assessment_id for review in reviews}
    rows = RepetitionRecord.objects.filter(assessment__in=about).values_list("assessment", "number", "verdict")
    return {(assessment, number): verdict for assessment, number, verdict in rows}


def _reason(review: RepetitionReview, verdict: str) -> Reason | None:
    if review.added:
        return "taken_back" if review.decision == NOT_ONE else "missed"
    if review.decision == NOT_ONE:
        return "not_a_repetition"
    return None if verdict in VERDICTS else "no_verdict"


def _between_instructors(reviews: Sequence[RepetitionReview]) -> list[TwoInstructors]:
    """Every two reviewers with a repetition in common, in the order of their names."""
    by_reviewer: dict[int, dict[tuple[int, int], RepetitionReview]] = {}
    names = {}
    for review in reviews:
        names[review.reviewer_id] = review.reviewer.get_full_name() or review.reviewer.get_username()
        by_reviewer.setdefault(review.reviewer_id, {})[review.assessment_id, review.number] = review
    found = []
    for one, other in itertools.combinations(sorted(by_reviewer, key=lambda pk: (names[pk], pk)), 2):
        first, second = by_reviewer[one], by_reviewer[other]
        common = sorted(first.keys() & second.keys())
        if not common:
            continue
        sets = {assessment for assessment, _number in first} & {assessment for assessment, _number in second}
        pairs = [Pair(first[at].session.participant.code, first[at].decision, second[at].decision) for at in common]
        found.append(
            TwoInstructors(
                first=names[one],
                second=names[other],
                agreement=agreement(pairs, DECISIONS),
                only_one=sum(assessment in sets for assessment, _number in first.keys() ^ second.keys()),
            )
        )
    return found


def coach_tables(report: ReviewReport) -> tuple[Table, ...]:
    """Everything that was said, the part of it that was said blind, then the figures of both beside each other."""
    tables = []
    if report.all.reviews:
        tables.append(_everything(report.all, _("Reviews by what the instructor (rows) and the coach (columns) said")))
    if report.blind.reviews:
        tables.append(_everything(report.blind, _("Of these, said before the reviewer had seen the coach's verdict")))
    if report.all.agreement:
        tables.append(_coach_figures(report.all.agreement, report.blind.agreement))
    return tuple(tables)


def instructor_tables(two: TwoInstructors) -> tuple[Table, ...]:
    names = {"first": two.first, "second": two.second}
    caption = _("%(first)s (rows) and %(second)s (columns), repetitions") % names
    table = two.agreement.table
    grid = {(a, b): table[i][j] for i, a in enumerate(DECISIONS) for j, b in enumerate(DECISIONS)}
    notes = []
    if two.only_one:
        notes.append(
            _("%(n)d repetitions of their common sets were reviewed by one of them only.") % {"n": two.only_one}
        )
    counts = _counts("instructors", caption, DECISIONS, DECISIONS, grid, corner=two.first, notes=tuple(notes))
    return (
        counts,
        _figures([("", two.agreement)], _("Agreement of %(first)s and %(second)s") % names, _people(two.agreement)),
    )


def _everything(part: AgainstCoach, caption: str) -> Table:
    notes = tuple(
        _("Left out of the figures: %(n)d, because %(reason)s.") % {"n": count, "reason": REASONS[reason]}
        for reason, count in part.exclusions
    )
    return _counts(
        "everything",
        caption,
        DECISIONS,
        COLUMNS,
        part.everything,
        corner=_("Instructor"),
        notes=notes,
    )


def _counts(
    key: str,
    caption: str,
    rows: Sequence[str],
    columns: Sequence[str],
    counts: dict[tuple[str, str], int],
    *,
    corner: str,
    notes: tuple[str, ...],
) -> Table:
    def line(name: str, values: Sequence[int]) -> Row:
        return Row(headers=(Cell(name),), values=tuple(Cell(str(value)) for value in (*values, sum(values))))

    body = [line(str(WORDS[row]), [counts.get((row, column), 0) for column in columns]) for row in rows]
    sums = [sum(counts.get((row, column), 0) for row in rows) for column in columns]
    head = (Cell(corner), *(Cell(str(WORDS[column])) for column in columns), Cell(_("Total")))
    return Table(key=key, caption=caption, stub=1, head=(head,), body=(*body, line(_("Total"), sums)), notes=notes)


def _coach_figures(found: Agreement, blind: Agreement | None) -> Table:
    """The blind reviews' figures under those of all: a reader compares them figure by figure."""
    parts = [(_("all"), found)] + ([(_("blind"), blind)] if blind else [])
    notes = [
        _(
            "Sensitivity: of the repetitions that the instructor calls incorrect, the share that the coach calls "
            "incorrect. Specificity: the same of the correct ones."
        ),
        *_people(found, _("All reviews:") if blind else ""),
    ]
    if blind:
        notes += _people(blind, _("Blind reviews:"))
        notes.append(_("Blind reviews were given before the reviewer had seen what the coach said of the film."))
    notes.append(_("Who has seen the coach's verdict may follow it: there the agreement is an upper limit."))
    return _figures(parts, _("How far the coach agrees with the instructors"), tuple(notes))


def _figures(parts: Sequence[tuple[str, Agreement]], caption: str, notes: tuple[str, ...]) -> Table:
    """A row for each figure and part. A part's name has a column of its own where there are several."""
    several = len(parts) > 1
    level = percent(parts[0][1].confidence)
    stub = (_("Figure"), _("Reviews")) if several else (_("Figure"),)
    head = (*stub, _("n"), _("Estimate"), _("%(level)s CI low") % {"level": level}, _("CI high"))
    body = []
    for name, title in _NAMES.items():
        figures = [(part, getattr(found, name)) for part, found in parts]
        for i, (part, figure) in enumerate(figures):
            if figure is None:
                continue
            first = (Cell(str(title), rowspan=len(parts)),) if i == 0 else ()
            body.append(_figure_row((*first, Cell(part)) if several else first, figure))
    return Table(
        key="figures",
        caption=caption,
        stub=len(stub),
        head=(tuple(Cell(text) for text in head),),
        body=tuple(body),
        notes=notes,
    )


def _figure_row(headers: tuple[Cell, ...], figure: Figure) -> Row:
    numbers = (figure.value, figure.ci_low, figure.ci_high)
    cells = (Cell("–" if number is None else spss(number)) for number in numbers)
    return Row(headers=headers, values=(Cell(str(figure.n)), *cells))


def _people(found: Agreement, whose: str = "") -> tuple[str, ...]:
    n = found.clusters
    if not found.draws:
        alone = ngettext(
            "%(n)d student: too few to draw from, so there are no intervals.",
            "%(n)d students: too few to draw from, so there are no intervals.",
            n,
        )
        return (f"{whose} {alone % {'n': n}}".strip(),)
    drawn = _("%(n)d students. Intervals by drawing students with replacement, %(draws)d times.")
    return (f"{whose} {drawn % {'n': n, 'draws': found.draws}}".strip(),)
