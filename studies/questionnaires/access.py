"""Who answers, who sees that somebody has answered, and who reads answers.

| person            | that somebody answered | answers and scores, by code     | writes                             |
|-------------------|------------------------|---------------------------------|------------------------------------|
| student           | own                    | own                             | own answers, while the window lasts |
| researcher        | by code                | always                          | no                                 |
| owner, instructor | by name                | after the study's last day      | questionnaires, windows; feeds: owner |
| assessor, officer | no                     | no                              | no                                 |

Nobody reads answers by name, ever. Owner and instructor give the grades: while the study runs they would be read as
part of them, so until its end they see counts and who has not answered, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from studies.access import SEES_NAMES, participant_for, role_in, study_for
from studies.models import Participant, Questionnaire, QuestionnaireWave

if TYPE_CHECKING:
    from studies.models import Study, User


def is_over(study: Study) -> bool:
    """Whether the study's last day is past. Without a last day it is not over."""
    return study.ends_on is not None and study.ends_on < timezone.localdate()


def reads_answers(user: User, study: Study) -> bool:
    role = role_in(user, study)
    return role == "researcher" or (role in SEES_NAMES and is_over(study))


def questionnaire_for(user: User, pk: int, questionnaire: int, *, write: bool = False) -> Questionnaire:
    """Raises Http404 or PermissionDenied."""
    study = study_for(user, pk, staff=True, write=write)
    found = Questionnaire.objects.filter(study=study, pk=questionnaire).select_related("study").first()
    if found is None:
        raise Http404("no such questionnaire")
    return found


def wave_for(user: User, pk: int, wave: int, *, read: bool = False, own: bool = False) -> QuestionnaireWave:
    """A window for staff. `read` is reading answers, `own` the owner's. Raises Http404 or PermissionDenied."""
    study = study_for(user, pk, staff=True, own=own)
    rows = QuestionnaireWave.objects.select_related("questionnaire__study", "time_point")
    found = rows.filter(questionnaire__study=study, pk=wave).first()
    if found is None:
        raise Http404("no such window")
    if read and not reads_answers(user, study):
        raise PermissionDenied
    return found


def own_wave(user: User, pk: int, wave: int) -> tuple[Participant, QuestionnaireWave]:
    """The student's own row and a window of the study. Raises Http404, or PermissionDenied for anybody else."""
    participant = participant_for(user, pk)
    if participant.user_id != user.pk:
        raise PermissionDenied
    rows = QuestionnaireWave.objects.select_related("questionnaire__study", "time_point")
    found = rows.filter(questionnaire__study=participant.study_id, pk=wave).first()
    if found is None or participant.eligibility == Participant.Eligibility.EXCLUDED:
        raise Http404("no such questionnaire")
    return participant, found
