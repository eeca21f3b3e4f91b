"""What the studies app stores about students, for `studies.privacy.fields` and `studies.privacy.files`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from studies.privacy.fields import About, declare
from studies.privacy.files import Stored, register

ABOUT = {
    "studies.Participant": About(_("Your place in the study"), values=("code", "section")),
    "studies.Baseline": About(_("Values at the start")),
    "studies.TrainingSession": About(_("Lessons")),
    "studies.Injury": About(_("Injuries")),
    "studies.InjuryChange": About(_("Changes of injuries"), values=("before", "after", "texts")),
    "studies.HealthAnswer": About(_("Weekly answers about health")),
    "studies.HealthProblem": About(_("Problems in weekly answers")),
    "studies.HealthReminder": About(_("Reminders")),
    "studies.SafetyAlert": About(_("Safety alerts"), values=("key",)),
    "studies.CountedFilm": About(_("Films that count as training"), values=("film",)),
    "studies.Measurement": About(_("Measured outcomes")),
    "studies.Assignment": About(_("How your group was drawn"), values=("levels", "cluster")),
    "studies.Reassignment": About(_("Moves to another group")),
    "studies.ScreeningEntry": About(_("Eligibility")),
    "studies.AccessRecord": About(_("Who looked at your data"), values=("what",)),
    "studies.AnswerSheet": About(_("Your answers to questionnaires")),
    "studies.ConsentRecord": About(_("Your answers about consent"), values=("scopes", "asked"), files=("pdf",)),
}


def declare_all() -> None:
    for label, about in ABOUT.items():
        declare(label, about)
    register(Stored("studies.ConsentRecord", "participant", "made_at", {"pdf": "consent"}))
