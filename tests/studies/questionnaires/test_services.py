"""Versions, drafts, sent answers that nothing changes, scores that become values, and who may read what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from studies.errors import StudyError
from studies.models import (
    AnswerSheet,
    AuditEntry,
    Measurement,
    Participant,
    Questionnaire,
    QuestionnaireWave,
    TimePoint,
)
from studies.questionnaires.access import reads_answers
from studies.questionnaires.items import items_of
from studies.questionnaires.selectors import asked_in, responses, rows_of, to_answer
from studies.questionnaires.services import (
    BadAnswers,
    feed_outcome,
    keep_answers,
    open_wave,
    save_questionnaire,
)
from tests.factory import make_measurement, make_outcome, make_participant
from tests.studies.questionnaires.asked import DAY, Asked, make_asked, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Asked:
    return make_asked()


def saved(asked: Asked, *, text: str, edition: int = 1) -> Questionnaire:
    row = Questionnaire.objects.get(pk=asked.questionnaire.pk)
    items = [replace(item, scale="Satisfaction" if item.scale else "") for item in items_of(row.items)]
    items[0] = replace(items[0], text=text)
    return save_questionnaire(
        questionnaire=row, by=asked.people.owner, seen_edition=edition, title=row.title, items=items, intro=row.intro
    )


def test_a_questionnaire_changes_until_somebody_begins_to_answer(asked: Asked) -> None:
    changed = saved(asked, text="Worth it?")
    assert (changed.pk, changed.version, changed.edition) == (asked.questionnaire.pk, 1, 2)
    asked.wave.questionnaire.refresh_from_db()
    keep_answers(wave=asked.wave, participant=asked.people.participant, raw=raw(3), seen_edition=0, complete=False)
    following = saved(asked, text="Really worth it?", edition=2)
    assert (following.version, following.key) == (2, changed.key)
    changed.refresh_from_db()
    assert changed.items[0]["text"] == "Worth it?", "what was answered stays as it was asked"
    with pytest.raises(StudyError) as refused:
        saved(asked, text="Third", edition=2)
    assert refused.value.code == "old_version"


def test_who_saves_an_old_edition_is_told(asked: Asked) -> None:
    saved(asked, text="First")
    with pytest.raises(StudyError) as refused:
        saved(asked, text="Second")
    assert refused.value.code == "changed_meanwhile"


def test_a_draft_is_kept_in_parts_and_sent_once(asked: Asked) -> None:
    student = asked.people.participant
    first = keep_answers(wave=asked.wave, participant=student, raw=raw(4, 5), seen_edition=0, complete=False)
    assert (first.answers, first.completed_at, first.edition) == ({"q1": 4, "q2": 5}, None, 1)
    with pytest.raises(BadAnswers) as missing:
        keep_answers(wave=asked.wave, participant=student, raw=raw(4, 5, 3), seen_edition=1, complete=True)
    assert set(missing.value.items) == {"q4", "q5"}
    sent = keep_answers(wave=asked.wave, participant=student, raw=raw(4, 5, 3, 2, 4), seen_edition=1, complete=True)
    assert sent.completed_at is not None
    with pytest.raises(StudyError) as refused:
        keep_answers(wave=asked.wave, participant=student, raw=raw(1, 1, 1, 1, 1), seen_edition=2, complete=True)
    assert refused.value.code == "completed"
    assert AnswerSheet.objects.get().answers == {"q1": 4, "q2": 5, "q3": 3, "q4": 2, "q5": 4}


def test_two_devices_of_one_student_lose_nothing(asked: Asked) -> None:
    student = asked.people.participant
    keep_answers(wave=asked.wave, participant=student, raw=raw(4), seen_edition=0, complete=False)
    with pytest.raises(StudyError) as refused:
        keep_answers(wave=asked.wave, participant=student, raw=raw(1), seen_edition=0, complete=False)
    assert refused.value.code == "changed_meanwhile"
    assert AnswerSheet.objects.get().answers == {"q1": 4}


@pytest.mark.parametrize(("opens", "closes"), [(1, 2), (-2, -1)])
def test_outside_its_days_nothing_is_kept(asked: Asked, opens: int, closes: int) -> None:
    today = timezone.localdate()
    QuestionnaireWave.objects.update(opens_on=today + opens * DAY, closes_on=today + closes * DAY)
    asked.wave.refresh_from_db()
    with pytest.raises(StudyError) as refused:
        asked.send(asked.people.participant, 4, 4, 4, 4, 4)
    assert refused.value.code == "not_open"
    assert not AnswerSheet.objects.exists()
    assert to_answer([asked.people.participant]) == []


def test_on_its_first_and_last_day_it_is_open(asked: Asked) -> None:
    today = timezone.localdate()
    QuestionnaireWave.objects.update(opens_on=today, closes_on=today)
    asked.wave.refresh_from_db()
    assert asked.send(asked.people.participant, 4, 4, 4, 4, 4).completed_at is not None


def test_it_is_asked_once_at_a_time_of_the_plan_whatever_its_version(asked: Asked) -> None:
    asked.send(asked.people.participant, 4, 4, 4, 4, 4)
    following = saved(asked, text="Anew?")
    about = {"questionnaire": following, "by": asked.people.owner, "opens_on": asked.wave.opens_on}
    for time_point, closes, code in (
        (asked.wave.time_point, asked.wave.closes_on, "asked_already"),
        (
            TimePoint.objects.create(study=asked.people.other_study, key="x", name="X"),
            asked.wave.closes_on,
            "not_this_study",
        ),
        (
            TimePoint.objects.create(study=asked.people.study, key="y", name="Y"),
            asked.wave.opens_on - DAY,
            "dates_reversed",
        ),
    ):
        with pytest.raises(StudyError) as refused:
            open_wave(time_point=time_point, closes_on=closes, **about)  # type: ignore[arg-type]
        assert refused.value.code == code


def test_the_response_rate_counts_who_was_asked_and_sent(asked: Asked) -> None:
    study = asked.people.study
    excluded = make_participant(study)
    Participant.objects.filter(pk=excluded.pk).update(eligibility=Participant.Eligibility.EXCLUDED)
    make_participant(study)
    control = Participant.objects.get(user=asked.people.classmate)
    asked.send(asked.people.participant, 4, 4, 4, 4, 4)
    keep_answers(wave=asked.wave, participant=control, raw=raw(4), seen_edition=0, complete=False)
    [found] = responses(study)
    assert (found.asked, found.sent, found.drafts, found.percent) == (3, 1, 1, 33)
    assert asked_in(study).count() == 3


def test_who_gives_grades_reads_nothing_before_the_studys_last_day_is_past(asked: Asked) -> None:
    people, study = asked.people, asked.people.study
    before = {name: reads_answers(getattr(people, name), study) for name in ("owner", "instructor", "superuser")}
    assert before == {"owner": False, "instructor": False, "superuser": False}
    assert reads_answers(people.researcher, study)
    study.ends_on = timezone.localdate()
    assert not reads_answers(people.owner, study), "the last day belongs to the study"
    study.ends_on = timezone.localdate() - DAY
    after = {
        name: reads_answers(getattr(people, name), study)
        for name in ("owner", "instructor", "superuser", "assessor", "officer", "student", "other_instructor")
    }
    assert [name for name, may in after.items() if may] == ["owner", "instructor", "superuser"]


def test_scores_become_values_only_after_the_study_and_never_over_others_in_silence(asked: Asked) -> None:
    people = asked.people
    control = Participant.objects.get(user=people.classmate)
    asked.send(people.participant, 5, 4, 3, 2, 5, q6="More sets")
    asked.send(control, 1, 1, 1, 5, 1)
    outcome = make_outcome(people.study, "satisfaction")
    about = {"wave": asked.wave, "by": people.owner, "scale": "satisfaction", "outcome": outcome}
    with pytest.raises(StudyError) as refused:
        feed_outcome(**about)  # type: ignore[arg-type]
    assert refused.value.code == "study_open"
    asked.end_the_study()
    make_measurement(outcome, control, 3.0)
    Measurement.objects.update(time_point=asked.wave.time_point)
    fed = feed_outcome(**about)  # type: ignore[arg-type]
    assert (fed.written, fed.same, fed.kept, fed.no_score) == (1, 0, 1, 0)
    values = dict(Measurement.objects.values_list("participant__code", "value"))
    assert values[people.participant.code] == pytest.approx((5 + 4 + 3 + 4 + 5) / 5)
    assert values[control.code] == 3.0
    again = feed_outcome(**about, reason="The 3 was typed by mistake.")  # type: ignore[arg-type]
    assert (again.written, again.same, again.kept) == (1, 1, 0)
    entry = AuditEntry.objects.filter(action="scale written to outcome").first()
    assert entry is not None
    assert entry.payload["replaced"] == {control.code: [3.0, 1.0]}
    with pytest.raises(StudyError) as unknown:
        feed_outcome(**about | {"scale": "joy"})  # type: ignore[arg-type]
    assert unknown.value.code == "unknown_scale"


def test_the_file_has_answers_as_ticked_by_code_and_no_formula(asked: Asked) -> None:
    asked.send(asked.people.participant, 5, 4, 3, 2, 5, q6="=cmd|' /C calc'!A0")
    control = Participant.objects.get(user=asked.people.classmate)
    keep_answers(wave=asked.wave, participant=control, raw=raw(1), seen_edition=0, complete=False)
    [row] = rows_of(asked.wave)
    assert row[:4] == [asked.people.participant.code, "after", asked.questionnaire.key, 1]
    assert row[4:9] == [5, 4, 3, 2, 5], "the reversed one as it was ticked"
    assert str(row[9]).startswith("'=cmd")
    assert row[10] == 4.2


def test_the_audit_holds_no_answer(asked: Asked) -> None:
    asked.send(asked.people.participant, 5, 4, 3, 2, 5, q6="Secret words")
    entry = AuditEntry.objects.get(action="questionnaire answered")
    assert (entry.subject, set(entry.payload)) == (asked.people.participant.code, {"key", "version", "time"})
