"""A study with a questionnaire that is open today, and answers to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from studies.models import Study, TimePoint
from studies.questionnaires.services import keep_answers, make_from_template, open_wave
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from studies.models import AnswerSheet, Participant, Questionnaire, QuestionnaireWave

DAY = dt.timedelta(days=1)


def raw(*given: int, **more: str) -> dict[str, str]:
    """Answers to q1, q2, ... in order."""
    return {f"q{n}": str(value) for n, value in enumerate(given, start=1)} | more


@dataclass(frozen=True, slots=True)
class Asked:
    people: Personas
    questionnaire: Questionnaire
    wave: QuestionnaireWave

    def send(self, participant: Participant, *given: int, **more: str) -> AnswerSheet:
        return keep_answers(
            wave=self.wave, participant=participant, raw=raw(*given, **more), seen_edition=0, complete=True
        )

    def end_the_study(self) -> None:
        Study.objects.filter(pk=self.people.study.pk).update(ends_on=timezone.localdate() - DAY)
        self.wave.questionnaire.study.refresh_from_db()


def make_asked(template: str = "satisfaction") -> Asked:
    """Satisfaction: q1 to q5 on 1 to 5, the fourth reversed, q6 in words and optional."""
    people = make_personas()
    made = make_from_template(study=people.study, by=people.owner, template=template)
    today = timezone.localdate()
    at = TimePoint.objects.create(study=people.study, key="after", name="After")
    wave = open_wave(questionnaire=made, by=people.owner, time_point=at, opens_on=today - DAY, closes_on=today + DAY)
    return Asked(people, made, wave)
