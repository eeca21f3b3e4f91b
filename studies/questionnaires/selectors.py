"""Response rates, what a student has to answer, and answers as rows for a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone

from studies.consent.scopes import RESEARCH
from studies.consent.selectors import agreed
from studies.models import AnswerSheet, Participant, QuestionnaireWave
from studies.questionnaires.items import items_of
from studies.questionnaires.services import completed, scales_of_wave
from studies.roster.export import safe_cell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from studies.models import ParticipantQuerySet, Study
    from studies.questionnaires.items import Item


@dataclass(frozen=True, slots=True)
class WaveResponse:
    """`sent` of `asked` students have sent the questionnaire, `drafts` have begun."""

    wave: QuestionnaireWave
    asked: int
    sent: int
    drafts: int

    @property
    def percent(self) -> int:
        return round(100 * self.sent / self.asked) if self.asked else 0


def asked_in(study: Study) -> ParticipantQuerySet:
    """Who is asked: everybody who takes part and has not said no to it, but for the excluded."""
    return Participant.objects.filter(agreed(RESEARCH), study=study).exclude(
        eligibility=Participant.Eligibility.EXCLUDED
    )


def responses(study: Study) -> list[WaveResponse]:
    """Every window of the study, two queries."""
    counted = Q(sheets__participant__eligibility=Participant.Eligibility.EXCLUDED)
    waves = (
        QuestionnaireWave.objects.filter(questionnaire__study=study)
        .select_related("questionnaire", "time_point")
        .annotate(
            begun=Count("sheets", filter=~counted),
            sent=Count("sheets", filter=~counted & Q(sheets__completed_at__isnull=False)),
        )
    )
    asked = asked_in(study).count()
    return [WaveResponse(wave, asked, wave.sent, wave.begun - wave.sent) for wave in waves]


def not_answered(wave: QuestionnaireWave, students: ParticipantQuerySet) -> list[Participant]:
    """Of `students` those who have not sent it."""
    sent = AnswerSheet.objects.filter(wave=wave, completed_at__isnull=False).values("participant")
    rows = students.exclude(pk__in=sent).exclude(eligibility=Participant.Eligibility.EXCLUDED)
    return list(rows.select_related("user", "study").order_by("code"))


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A questionnaire that a student may answer now; `begun` with a draft."""

    wave: QuestionnaireWave
    participant: Participant
    begun: bool


def to_answer(participants: Sequence[Participant], *, on: dt.date | None = None) -> list[ToAnswer]:
    """What these participations of one student have open and not sent. Two queries."""
    day = on or timezone.localdate()
    asked = [row for row in participants if row.eligibility != Participant.Eligibility.EXCLUDED]
    waves = QuestionnaireWave.objects.filter(
        questionnaire__study__in={row.study_id for row in asked}, opens_on__lte=day, closes_on__gte=day
    ).select_related("questionnaire", "time_point")
    sheets = {
        (sheet.wave_id, sheet.participant_id): sheet
        for sheet in AnswerSheet.objects.filter(participant__in=asked, wave__in=waves)
    }
    found = []
    for wave in waves:
        for row in asked:
            sheet = sheets.get((wave.pk, row.pk))
            if row.study_id == wave.questionnaire.study_id and (sheet is None or sheet.completed_at is None):
                found.append(ToAnswer(wave, row, sheet is not None))
    return found


def columns_of(wave: QuestionnaireWave) -> list[str]:
    items, scales = items_of(wave.questionnaire.items), scales_of_wave(wave)
    about = ["code", "time_point", "questionnaire", "version"]
    return [*about, *(item.key for item in items), *(f"scale:{scale.key}" for scale in scales)]


def rows_of(wave: QuestionnaireWave) -> list[list[object]]:
    """A row a sent questionnaire, by code: answers as given (reversed items as ticked), then scores of the scales.

    Words can't become formulas in a spreadsheet; what is missing is an empty cell.
    """
    items, scales = items_of(wave.questionnaire.items), scales_of_wave(wave)
    asked = wave.questionnaire
    rows: list[list[object]] = []
    for sheet in completed(wave):
        answers = [_cell(item, sheet.answers) for item in items]
        scores = [scale.score(sheet.answers) for scale in scales]
        given = ["" if score is None else round(score, 6) for score in scores]
        rows.append([sheet.participant.code, wave.time_point.key, asked.key, asked.version, *answers, *given])
    return rows


def _cell(item: Item, answers: dict[str, object]) -> object:
    value = answers.get(item.key, "")
    return safe_cell(value) if isinstance(value, str) else value
