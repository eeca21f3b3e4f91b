"""A draft that nobody overwrites unseen, and versions that stay."""

from __future__ import annotations

import copy
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.models import (
    Measurement,
    Outcome,
    ProtocolDraft,
    Study,
    TimePoint,
)
from studies.protocol.document import completed, hash_of, mark_of, part_of, problems
from studies.protocol.services import (
    create_from_draft,
    draft_of,
    keep_part,
    save_version,
    start_draft,
)
from studies.protocol.templates import paper_design
from studies.protocol.words import changes
from tests.factory import make_class, make_participant, make_user
from tests.studies.protocol.made import MONDAY, change, code_of, made_study

pytestmark = pytest.mark.django_db


# The ready-made design


def test_the_papers_design_is_complete_but_for_what_only_the_study_knows() -> None:
    document = paper_design(MONDAY)
    assert [(arm["name"], arm["ratio"], arm["gives_ai_feedback"]) for arm in document["arms"]] == [
        ("AI coaching", 1, True),
        ("Traditional instruction", 1, False),
    ]
    assert (document["students"], document["weeks"]) == (50, 16)
    assert [(row["role"], row["planned_test"]) for row in document["outcomes"]] == [
        ("primary", "welch"),
        ("secondary", "anova"),
    ]
    assert document["outcomes"][0]["null"].endswith("compared to traditional methods.")
    assert {problem.code for problem in problems(document)} == {"no_ethics", "no_registration", "no_contact"}
    assert not any(problem.must for problem in problems(document))
    starts = dt.date.fromisoformat(document["starts_on"])
    assert starts.weekday() == 0
    assert dt.timedelta(days=14) <= starts - MONDAY <= dt.timedelta(days=20)


def test_making_it_gives_a_study_whose_rows_say_the_same_and_a_first_version() -> None:
    owner = make_user()
    study = made_study(owner)
    assert list(study.arms.values_list("key", "ratio", "gives_ai_feedback")) == [
        ("experimental", 1, True),
        ("control", 1, False),
    ]
    accuracy, injuries = Outcome.objects.filter(study=study)
    assert (accuracy.key, accuracy.planned_test, injuries.planned_test) == ("training_accuracy", "welch", "anova")
    assert accuracy.main_time_point == TimePoint.objects.get(study=study, key="after")
    assert study.memberships.get().user == owner
    version = study.protocol_versions.get()
    assert (version.number, version.is_amendment, version.created_by) == (1, False, owner)
    assert version.sha256 == hash_of(version.document)
    assert code_of(create_from_draft, draft=study.protocol_draft, by=owner) == "made_already"


def test_a_study_needs_a_title_and_two_groups_before_it_is_made() -> None:
    owner = make_user()
    draft = start_draft(by=owner, ready_made=False)
    assert code_of(create_from_draft, draft=draft, by=owner) == "title_missing"
    about = part_of(draft.document, "about") | {"title": "Squats"}
    draft = keep_part(draft=draft, by=owner, part="about", values=about, seen=mark_of(draft.document, "about"))
    assert code_of(create_from_draft, draft=draft, by=owner) == "needs_two_arms"
    assert Study.objects.count() == 0
    assert draft.document["title"] == "Squats"


def test_a_copy_takes_the_words_and_neither_days_nor_numbers() -> None:
    owner = make_user()
    study = made_study(owner)
    change(study, owner, "ethics", committee="Senate", ethics_number="E-1", registration_number="NCT1")
    copied = start_draft(by=owner, source=study).document
    assert copied["title"] == "Deadlift with an AI coach: one semester (copy)"
    assert [arm["key"] for arm in copied["arms"]] == ["experimental", "control"]
    assert (copied["committee"], copied["ethics_number"], copied["registration_number"]) == ("Senate", "", "")
    assert (copied["starts_on"], copied["time_points"][0]["opens_on"]) == ("", "")


def test_another_first_day_moves_the_windows_of_a_study_that_is_not_made_yet() -> None:
    owner = make_user()
    draft = start_draft(by=owner)
    before = copy.deepcopy(draft.document)
    later = (dt.date.fromisoformat(before["starts_on"]) + dt.timedelta(days=28)).isoformat()
    about = part_of(before, "about") | {"starts_on": later}
    after = keep_part(draft=draft, by=owner, part="about", values=about, seen=mark_of(before, "about")).document
    for was, now in zip(before["time_points"], after["time_points"], strict=True):
        moved = dt.date.fromisoformat(now["opens_on"]) - dt.date.fromisoformat(was["opens_on"])
        assert moved == dt.timedelta(days=28)


# Two people at once


def test_two_people_who_change_one_step_overwrite_nothing() -> None:
    one, two = make_user(), make_user()
    study = made_study(one)
    document = copy.deepcopy(study.protocol_draft.document)
    seen = mark_of(document, "training")
    given: dict[str, Any] = {"draft": study.protocol_draft, "part": "training", "seen": seen}
    keep_part(**given, by=one, values=part_of(document, "training") | {"weeks": 12})
    assert (
        code_of(keep_part, **given, by=two, values=part_of(document, "training") | {"weeks": 8}) == "changed_meanwhile"
    )
    draft = ProtocolDraft.objects.get()
    assert (draft.document["weeks"], draft.changed_by) == (12, one)


def test_two_people_who_change_different_steps_do_not_meet() -> None:
    one, two = make_user(), make_user()
    study = made_study(one)
    document = copy.deepcopy(study.protocol_draft.document)
    draft = study.protocol_draft
    for by, part, values in ((one, "training", {"weeks": 12}), (two, "ethics", {"committee": "Senate"})):
        seen = mark_of(document, part)
        keep_part(draft=draft, by=by, part=part, values=part_of(document, part) | values, seen=seen)
    stored = ProtocolDraft.objects.get().document
    assert (stored["weeks"], stored["committee"]) == (12, "Senate")


def test_a_version_of_a_draft_that_changed_while_it_was_read_is_refused() -> None:
    owner = make_user()
    study = made_study(owner)
    read = study.protocol_draft.version
    change(study, owner, "training", weeks=10)
    assert code_of(save_version, study=study, by=owner, seen_version=read) == "changed_meanwhile"
    assert study.protocol_versions.count() == 1
    assert save_version(study=study, by=owner, seen_version=draft_of(study).version).number == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share no in-memory database")
@pytest.mark.django_db(transaction=True)
def test_of_several_who_save_one_step_at_the_same_moment_exactly_one_is_kept() -> None:
    people = [make_user() for _person in range(4)]
    study = made_study(people[0])
    document = completed(study.protocol_draft.document)
    together = Barrier(len(people))

    def save(number: int) -> str:
        try:
            together.wait()
            values = part_of(document, "training") | {"weeks": 20 + number}
            about: dict[str, Any] = {"draft": study.protocol_draft, "part": "training", "by": people[number]}
            keep_part(**about, values=values, seen=mark_of(document, "training"))
        except StudyError as error:
            return error.code
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(len(people)) as pool:
        said = list(pool.map(save, range(len(people))))
    assert sorted(said) == ["changed_meanwhile"] * 3 + ["kept"]
    assert draft_of(study).document["weeks"] == 20 + said.index("kept")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share no in-memory database")
@pytest.mark.django_db(transaction=True)
def test_a_version_and_a_draw_at_the_same_moment_agree_on_the_groups() -> None:
    """Either the version came first and its shares are those that a draw refuses, or the draw did and they stay."""
    owner = make_user()
    study = made_study(owner)
    make_class(study, 4)
    arms = copy.deepcopy(study.protocol_draft.document["arms"])
    change(study, owner, "groups", arms=[arms[0] | {"ratio": 2}, arms[1]])
    together = Barrier(2)

    def act(what: Any) -> str:
        try:
            together.wait()
            what(study=study, by=owner)
        except StudyError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        version, draw = pool.map(act, (save_version, allocate_arms))
    shares = [arm["ratio"] for arm in draft_of(study).document["arms"]]
    assert list(study.arms.values_list("ratio", flat=True)) == shares
    assert (version, draw, shares) in [("done", "unequal_shares", [2, 1]), ("nothing_changed", "done", [1, 1])]


# Versions


def test_before_the_draw_groups_and_shares_change_freely() -> None:
    owner = make_user()
    study = made_study(owner)
    arms = copy.deepcopy(study.protocol_draft.document["arms"])
    arms[0]["ratio"] = 2
    arms.append(arms[1] | {"key": "films", "name": "Films alone"})
    change(study, owner, "groups", arms=arms)
    assert study.arms.count() == 2  # the draft alone changes nothing
    save_version(study=study, by=owner)
    assert list(study.arms.values_list("key", "ratio")) == [("experimental", 2), ("control", 1), ("films", 1)]
    assert code_of(save_version, study=study, by=owner) == "nothing_changed"


def test_versions_stay_as_they_were_saved() -> None:
    owner = make_user()
    study = made_study(owner)
    first = study.protocol_versions.get()
    change(study, owner, "training", weeks=10)
    second = save_version(study=study, by=owner)
    first.refresh_from_db()
    assert (first.document["weeks"], second.document["weeks"]) == (16, 10)
    found = changes(first.document, second.document)
    assert [(change.label, change.before, change.after) for change in found] == [("Weeks", "16", "10")]


def test_the_difference_is_field_by_field_and_knows_what_came_and_went() -> None:
    before = paper_design(MONDAY)
    after = copy.deepcopy(before)
    after["arms"][1]["description"] = "Lessons, and a sheet."
    after["outcomes"].pop()
    after["time_points"].append({"key": "mid", "name": "Week 8", "opens_on": "2026-11-02", "closes_on": ""})
    found = {change.label: (change.before, change.after) for change in changes(before, after)}
    assert found["Group “Traditional instruction”: What is done in this group"][1] == "Lessons, and a sheet."
    assert found["Time “Week 8”: From"] == ("", "2 November 2026")
    assert found["Outcome “Injury rate”: Planned test"] == ("One-way ANOVA", "")
    assert not any("AI coaching" in label for label in found)


def test_an_outcome_with_values_is_not_lost_by_leaving_it_out() -> None:
    owner = make_user()
    study = made_study(owner)
    outcome = Outcome.objects.get(study=study, key="injury_rate")
    participant = make_participant(study)
    Measurement.objects.create(outcome=outcome, participant=participant, value=1, time_point=outcome.main_time_point)
    kept = [row for row in study.protocol_draft.document["outcomes"] if row["key"] != "injury_rate"]
    change(study, owner, "outcomes", outcomes=kept)
    assert code_of(save_version, study=study, by=owner) == "outcome_measured"
    change(study, owner, "outcomes", outcomes=completed(study.protocol_versions.get().document)["outcomes"])
    before = [row for row in draft_of(study).document["time_points"] if row["key"] == "before"]
    outcomes = [row | {"main_time_point": ""} for row in draft_of(study).document["outcomes"]]
    change(study, owner, "outcomes", time_points=before, outcomes=outcomes)
    assert code_of(save_version, study=study, by=owner) == "time_point_measured"
    assert Measurement.objects.count() == 1
    assert Outcome.objects.filter(study=study).count() == 2
