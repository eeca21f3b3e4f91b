"""How consistently the scales of a questionnaire were answered, from the sent ones of one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.format import percent, spss
from analysis.stats.reliability import cronbach_alpha
from analysis.stats.samples import InvalidSample
from analysis.tables import Cell, Row, Table
from studies.questionnaires.services import completed, scales_of_wave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.reliability import Alpha
    from studies.models import AnswerSheet, QuestionnaireWave
    from studies.questionnaires.items import Scale


@dataclass(frozen=True, slots=True)
class ScaleReliability:
    """`left_out` of `sent` did not answer every item of the scale. `refused`: the code of why there is no alpha."""

    scale: Scale
    sent: int
    left_out: int
    alpha: Alpha | None
    refused: str = ""


def reliability_of(wave: QuestionnaireWave) -> tuple[ScaleReliability, ...]:
    """Each scale over those who answered all of its items, reversed ones turned. Two queries."""
    sheets = completed(wave)
    return tuple(_reliability(scale, sheets) for scale in scales_of_wave(wave))


def _reliability(scale: Scale, sheets: Sequence[AnswerSheet]) -> ScaleReliability:
    whole = [sheet for sheet in sheets if all(item.key in sheet.answers for item in scale.items)]
    values = [[item.scored(sheet.answers[item.key]) for item in scale.items] for sheet in whole]
    left_out = len(sheets) - len(whole)
    if not values:
        return ScaleReliability(scale, len(sheets), left_out, None, "too_few")
    try:
        alpha = cronbach_alpha(values, [item.key for item in scale.items])
    except InvalidSample as refused:
        return ScaleReliability(scale, len(sheets), left_out, None, refused.code)
    return ScaleReliability(scale, len(sheets), left_out, alpha)


def scale_table(found: ScaleReliability) -> Table | None:
    """The items of a scale under its alpha; None where there is none."""
    alpha = found.alpha
    if alpha is None:
        return None
    head = (_("Question"), _("Mean"), _("SD"), _("Correlation with the rest"), _("Alpha without it"))
    words = {item.key: item.text for item in found.scale.items}
    turned = {item.key for item in found.scale.items if item.reverse}
    body = []
    for item in alpha.items:
        name = f"{words[item.name]} ({_('reversed')})" if item.name in turned else words[item.name]
        numbers = (item.mean, item.sd, item.rest_correlation, item.alpha_without)
        body.append(Row((Cell(name),), tuple(Cell("–" if value is None else spss(value)) for value in numbers)))
    level = percent(alpha.confidence)
    notes = [
        _("Cronbach's alpha %(alpha)s, %(level)s interval %(low)s to %(high)s (Feldt), %(n)d students.")
        % {
            "alpha": spss(alpha.alpha),
            "level": level,
            "low": spss(alpha.ci_low),
            "high": spss(alpha.ci_high),
            "n": alpha.people,
        }
    ]
    if alpha.standardised is not None and alpha.mean_correlation is not None:
        notes.append(
            _("Standardised alpha %(alpha)s; the items correlate with each other at %(r)s on average.")
            % {"alpha": spss(alpha.standardised), "r": spss(alpha.mean_correlation)}
        )
    if found.left_out:
        notes.append(_("Left out: %(n)d who did not answer every question of the scale.") % {"n": found.left_out})
    if any((item.rest_correlation or 0) < 0 for item in alpha.items):
        notes.append(_("A question goes against the rest: is it reversed, and marked so?"))
    return Table("alpha", found.scale.name, 1, (tuple(Cell(text) for text in head),), tuple(body), tuple(notes))
