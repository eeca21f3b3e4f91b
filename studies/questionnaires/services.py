"""Making questionnaires, opening windows, keeping answers, filling outcomes. Callers have authorised the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.errors import StudyError
from studies.models import AnswerSheet, Measurement, Questionnaire, QuestionnaireWave, ScaleFeed, Study
from studies.questionnaires.access import is_over
from studies.questionnaires.items import as_documents, checked, items_of, parsed, scales_of
from studies.questionnaires.templates import TEMPLATES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from studies.models import Outcome, Participant, TimePoint, User
    from studies.questionnaires.items import Answer, Item, Scale


@transaction.atomic
def make_questionnaire(*, study: Study, by: User, title: str, items: Sequence[Item], intro: str = "") -> Questionnaire:
    """The first version of a new questionnaire. Errors: title_missing, and those of `checked`."""
    title = title.strip()
    if not title:
        raise StudyError("title_missing", _("Give the questionnaire a title."))
    kept, scales = checked(items)
    Study.objects.select_for_update().get(pk=study.pk)
    taken = set(study.questionnaires.values_list("key", flat=True))
    stem = slugify(title)[:36] or "questionnaire"
    key = stem if stem not in taken else next(f"{stem}-{n}" for n in range(2, 1000) if f"{stem}-{n}" not in taken)
    documents, names = as_documents(kept, scales)
    made = Questionnaire.objects.create(
        study=study, key=key, title=title[:120], intro=intro.strip()[:500], items=documents, scales=names, created_by=by
    )
    audit.done(study.pk, by, "questionnaire", key=key, version=1, items=len(kept))
    return made


def make_from_template(*, study: Study, by: User, template: str) -> Questionnaire:
    """One of `TEMPLATES`. Errors: unknown_template."""
    found = TEMPLATES.get(template)
    if found is None:
        raise StudyError("unknown_template", _("Choose one of the ready-made questionnaires, or begin an empty one."))
    return make_questionnaire(study=study, by=by, title=str(found.title), intro=str(found.intro), items=found.items())


def is_frozen(questionnaire: Questionnaire) -> bool:
    """Somebody has begun to answer: what was asked does not change any more."""
    return AnswerSheet.objects.filter(wave__questionnaire=questionnaire).exists()


@transaction.atomic
def save_questionnaire(
    *, questionnaire: Questionnaire, by: User, seen_edition: int, title: str, items: Sequence[Item], intro: str = ""
) -> Questionnaire:
    """Change it; once it is frozen, make the next version, for windows to come.

    Errors: title_missing, changed_meanwhile, old_version (a later one is there), and those of `checked`.
    """
    if not title.strip():
        raise StudyError("title_missing", _("Give the questionnaire a title."))
    kept, scales = checked(items)
    row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if row.edition != seen_edition:
        raise StudyError(
            "changed_meanwhile", _("Somebody saved this questionnaire since you opened it. Look at it first.")
        )
    versions = Questionnaire.objects.filter(study=row.study_id, key=row.key)
    if versions.filter(version__gt=row.version).exists():
        raise StudyError("old_version", _("There is a later version. Change that one."))
    documents, names = as_documents(kept, scales)
    values = {"title": title.strip()[:120], "intro": intro.strip()[:500], "items": documents, "scales": names}
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    if is_frozen(row):
        row = Questionnaire.objects.create(
            study_id=row.study_id, key=row.key, version=row.version + 1, created_by=by, **values
        )
    else:
        for name, value in values.items():
            setattr(row, name, value)
        row.edition += 1
        row.save(update_fields=[*values, "edition"])
    audit.done(row.study_id, by, "questionnaire", key=row.key, version=row.version, items=len(kept))
    return row


@transaction.atomic
def open_wave(
    *, questionnaire: Questionnaire, by: User, time_point: TimePoint, opens_on: dt.date, closes_on: dt.date
) -> QuestionnaireWave:
    """Ask it at a time of the plan. Errors: not_this_study, dates_reversed, asked_already."""
    if time_point.study_id != questionnaire.study_id:
        raise StudyError("not_this_study", _("This time is of another study. Reload the page and choose again."))
    if closes_on < opens_on:
        raise StudyError("dates_reversed", _("The last day is before the first one."))
    Study.objects.select_for_update().get(pk=questionnaire.study_id)
    if QuestionnaireWave.objects.filter(
        questionnaire__key=questionnaire.key, questionnaire__study=questionnaire.study_id, time_point=time_point
    ).exists():
        raise StudyError("asked_already", _("This questionnaire is asked at this time already."))
    made = QuestionnaireWave.objects.create(
        questionnaire=questionnaire, time_point=time_point, opens_on=opens_on, closes_on=closes_on, created_by=by
    )
    audit.done(
        questionnaire.study_id,
        by,
        "questionnaire asked",
        key=questionnaire.key,
        version=questionnaire.version,
        time=time_point.key,
        opens=str(opens_on),
        closes=str(closes_on),
    )
    return made


def is_open(wave: QuestionnaireWave) -> bool:
    return wave.opens_on <= timezone.localdate() <= wave.closes_on


class BadAnswers(StudyError):
    """Some answers can't be kept; `items` names them with what is wrong. Nothing was saved."""

    def __init__(self, items: dict[str, str]) -> None:
        super().__init__("bad_answers", _("Some answers are missing or don't fit. They are marked below."))
        self.items = items


@transaction.atomic
def keep_answers(
    *,
    wave: QuestionnaireWave,
    participant: Participant,
    raw: Mapping[str, str],
    seen_edition: int,
    complete: bool,
) -> AnswerSheet:
    """Save what was answered so far, or, with `complete`, for good. `seen_edition`: 0 before the first save.

    Errors: not_open, completed, changed_meanwhile (the same student on another device), BadAnswers.
    """
    if not is_open(wave):
        raise StudyError("not_open", _("This questionnaire can't be answered today."))
    # Who changes the questionnaire waits here, or sees that somebody has begun to answer.
    questionnaire = Questionnaire.objects.select_for_update().get(pk=wave.questionnaire_id)
    answers = _read(items_of(questionnaire.items), raw, complete=complete)
    sheet, _made = AnswerSheet.objects.select_for_update().get_or_create(wave=wave, participant=participant)
    if sheet.completed_at is not None:
        raise StudyError("completed", _("You have sent this questionnaire. Thank you; it does not change any more."))
    if sheet.edition != seen_edition:
        raise StudyError(
            "changed_meanwhile",
            _("You saved other answers on another device or page. Open the page again to go on with those."),
        )
    now = timezone.now()
    sheet.answers, sheet.edition, sheet.saved_at = answers, sheet.edition + 1, now
    sheet.completed_at = now if complete else None
    sheet.save()
    if complete:
        audit.done(
            questionnaire.study_id,
            participant.user,
            "questionnaire answered",
            about=participant,
            key=questionnaire.key,
            version=questionnaire.version,
            time=wave.time_point.key,
        )
    return sheet


def _read(items: Sequence[Item], raw: Mapping[str, str], *, complete: bool) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    wrong: dict[str, str] = {}
    for item in items:
        try:
            answer = parsed(item, raw.get(item.key, ""))
        except StudyError as error:
            wrong[item.key] = str(error.advice)
            continue
        if answer is not None:
            answers[item.key] = answer
        elif complete and item.required:
            wrong[item.key] = str(_("Please answer this one."))
    if wrong:
        raise BadAnswers(wrong)
    return answers


@dataclass(frozen=True, slots=True)
class Fed:
    """`kept`: students for whom the study holds another value, which was left. `no_score`: too few answers."""

    written: int
    same: int
    kept: int
    no_score: int


@transaction.atomic
def feed_outcome(*, wave: QuestionnaireWave, by: User, scale: str, outcome: Outcome, reason: str = "") -> Fed:
    """Write a scale's scores as the outcome's values at the wave's time. Another value that is there is left, unless a
    `reason` says why it is replaced; both are in the audit.

    Errors: study_open (scores would reach who gives grades), unknown_scale, not_this_study.
    """
    study = wave.questionnaire.study
    if not is_over(study):
        raise StudyError(
            "study_open",
            _("Scores become values after the study's last day: before, they would be seen by who gives the grades."),
        )
    if outcome.study_id != study.pk:
        raise StudyError("not_this_study", _("This outcome is of another study. Reload the page and choose again."))
    chosen = next((one for one in scales_of_wave(wave) if one.key == scale), None)
    if chosen is None:
        raise StudyError("unknown_scale", _("This questionnaire has no such scale."))
    ScaleFeed.objects.update_or_create(
        wave=wave, outcome=outcome, defaults={"scale": scale, "written_at": timezone.now()}
    )
    there = {
        row.participant_id: row
        for row in Measurement.objects.select_for_update().filter(outcome=outcome, time_point=wave.time_point)
    }
    return _write(wave, chosen, outcome, there, by=by, reason=reason.strip()[:500])


def _write(
    wave: QuestionnaireWave,
    scale: Scale,
    outcome: Outcome,
    there: dict[int, Measurement],
    *,
    by: User,
    reason: str,
) -> Fed:
    new: list[Measurement] = []
    changed: list[Measurement] = []
    replaced: dict[str, list[float]] = {}
    same = kept = no_score = 0
    for sheet in completed(wave):
        value = scale.score(sheet.answers)
        row = there.get(sheet.participant_id)
        if value is None:
            no_score += 1
        elif row is None:
            day = timezone.localdate(sheet.completed_at)
            about = {"outcome": outcome, "participant": sheet.participant, "time_point": wave.time_point}
            new.append(Measurement(value=value, measured_on=day, **about))
        elif row.value == value:
            same += 1
        elif not reason:
            kept += 1
        else:
            replaced[sheet.participant.code] = [row.value, value]
            row.value = value
            changed.append(row)
    Measurement.objects.bulk_create(new)
    Measurement.objects.bulk_update(changed, ["value"])
    audit.done(
        wave.questionnaire.study_id,
        by,
        "scale written to outcome",
        scale=scale.key,
        outcome=outcome.key,
        time=wave.time_point.key,
        codes=[row.participant.code for row in new],
        replaced=replaced,
        reason=reason if replaced else "",
    )
    return Fed(len(new) + len(changed), same, kept, no_score)


def completed(wave: QuestionnaireWave) -> list[AnswerSheet]:
    """The sheets that were sent, by code."""
    rows = AnswerSheet.objects.filter(wave=wave, completed_at__isnull=False)
    return list(rows.select_related("participant").order_by("participant__code"))


def scales_of_wave(wave: QuestionnaireWave) -> tuple[Scale, ...]:
    return scales_of(items_of(wave.questionnaire.items), wave.questionnaire.scales)
