"""The protocol: a draft that nobody overwrites unseen, versions that stay, groups that stand once they are drawn."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from studies import audit
from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.models import (
    Arm,
    AuditEntry,
    Measurement,
    Membership,
    Outcome,
    ProtocolDraft,
    ProtocolVersion,
    Study,
    TimePoint,
    User,
)
from studies.plans import commit_plan
from studies.protocol.document import completed, hash_of, mark_of, part_of, problems
from studies.protocol.services import (
    create_from_draft,
    draft_of,
    keep_document,
    keep_part,
    locked_at,
    save_version,
    start_draft,
)
from studies.protocol.templates import paper_design
from studies.protocol.words import as_seen_by, changes
from studies.randomise.design import COMPLETE, Design
from tests.factory import make_class, make_participant, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 9, 7)


def code_of(act: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


def made_study(owner: User | None = None) -> Study:
    owner = owner or make_user()
    return create_from_draft(draft=start_draft(by=owner), by=owner)


def change(study: Study, by: User, part: str, **values: Any) -> None:
    """Change some fields of one part, as the page of the step does."""
    draft = draft_of(study)
    document = completed(draft.document)
    keep_part(draft=draft, by=by, part=part, values=part_of(document, part) | values, seen=mark_of(document, part))


def drawn_study(owner: User) -> Study:
    study = made_study(owner)
    make_class(study, 4)
    allocate_arms(study=study, by=owner)
    return study


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


# Once groups are drawn


def test_the_first_draw_locks_groups_and_shares() -> None:
    owner = make_user()
    study = made_study(owner)
    assert locked_at(study) is None
    make_class(study, 4)
    drawn = allocate_arms(study=study, by=owner)
    assert locked_at(study) == drawn.created_at
    arms = draft_of(study).document["arms"]
    shares = [arms[0] | {"ratio": 2}, arms[1]]
    for wrong, code in (
        ([arms[0] | {"name": "Robot"}, arms[1]], "arms_locked"),
        ([arms[0] | {"gives_ai_feedback": False}, arms[1]], "arms_locked"),
        ([arms[1], arms[0]], "arms_locked"),
        ([*arms, arms[1] | {"key": "c", "name": "Third"}], "arms_locked"),
        (arms[:1], "arms_locked"),
        (shares, "ratio_locked"),
    ):
        assert code_of(change, study=study, by=owner, part="groups", arms=wrong) == code
        about = {"draft": draft_of(study), "by": owner, "seen_version": draft_of(study).version}
        assert code_of(keep_document, **about, document={"arms": wrong}) == code
    assert list(study.arms.values_list("key", "ratio")) == [("experimental", 1), ("control", 1)]


def test_fixing_a_design_locks_them_too_since_its_hash_names_the_shares() -> None:
    owner = make_user()
    study = made_study(owner)
    plan = commit_plan(study=study, by=owner, design=Design(COMPLETE, {"experimental": 1, "control": 1}))
    assert locked_at(study) == plan.committed_at
    arms = draft_of(study).document["arms"]
    assert (
        code_of(change, study=study, by=owner, part="groups", arms=[arms[0] | {"ratio": 3}, arms[1]]) == "ratio_locked"
    )


def test_after_the_draw_a_change_is_an_amendment_with_its_reason() -> None:
    owner = make_user()
    study = drawn_study(owner)
    change(study, owner, "training", weeks=14)
    assert code_of(save_version, study=study, by=owner) == "reason_missing"
    assert code_of(save_version, study=study, by=owner, reason="  ") == "reason_missing"
    version = save_version(study=study, by=owner, reason="The hall is closed for two weeks.")
    assert (version.number, version.is_amendment) == (2, True)
    entry = AuditEntry.objects.filter(study=study).first()
    assert entry is not None
    assert (entry.action, entry.payload) == ("protocol amended", {"number": 2, "sha256": version.sha256})
    assert audit.verify(study.pk).broken_at is None


def test_what_is_done_in_a_group_can_be_amended_when_its_name_can_not() -> None:
    owner = make_user()
    study = drawn_study(owner)
    arms = draft_of(study).document["arms"]
    change(study, owner, "groups", arms=[arms[0] | {"description": "Feedback on a tablet."}, arms[1]])
    assert save_version(study=study, by=owner, reason="Phones broke.").is_amendment


def test_a_draft_that_never_was_a_version_becomes_the_first_one_at_the_draw() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    change(study, owner, "training", weeks=9)
    other = [{"key": "x", "name": "X", "ratio": 1, "gives_ai_feedback": False, "description": ""}]
    change(study, owner, "groups", arms=other)
    make_class(study, 4)
    allocate_arms(study=study, by=owner)
    version = study.protocol_versions.get()
    assert (version.number, version.is_amendment, version.document["weeks"]) == (1, False, 9)
    assert [arm["key"] for arm in version.document["arms"]] == ["a", "b"]  # those that were drawn
    change(study, owner, "training", weeks=8)  # and the draft can be amended
    assert save_version(study=study, by=owner, reason="Holidays.").number == 2


def test_a_study_made_before_protocols_came_gets_one_of_its_rows() -> None:
    owner = make_user()
    study = make_study("Old", owner=owner)
    make_class(study, 4, allocate=True)
    change(study, owner, "about", summary="Does it work?")
    version = save_version(study=study, by=owner, reason="Written down afterwards.")
    assert version.is_amendment
    assert [arm["name"] for arm in version.document["arms"]] == ["Arm a", "Arm b"]
    study.refresh_from_db()
    assert (study.title, study.summary) == ("Old", "Does it work?")


def test_the_admin_cannot_change_groups_that_were_drawn(client: Client) -> None:
    owner = make_user(is_superuser=True)
    study = drawn_study(owner)
    client.force_login(owner)
    page = client.get(f"/admin/studies/study/{study.pk}/change/").content.decode()
    assert 'name="arms-0-ratio"' not in page
    page = client.get(f"/admin/studies/study/{made_study(owner).pk}/change/").content.decode()
    assert 'name="arms-0-ratio"' in page


# Pages and programs


def test_a_blinded_reader_finds_no_groups_name_anywhere(client: Client) -> None:
    owner, assessor = make_user(), make_user()
    study = drawn_study(owner)
    make_staff(study, Membership.Role.ASSESSOR, user=assessor)
    change(study, owner, "about", summary="AI coaching against traditional instruction.")
    save_version(study=study, by=owner, reason="Said more clearly than “AI coaching”.")
    seen = as_seen_by(assessor, study, study.protocol_versions.first().document)  # type: ignore[union-attr]
    assert seen["summary"] == "one of the groups against one of the groups."
    assert {arm["description"] for arm in seen["arms"]} == {"hidden until the groups are unblinded"}
    client.force_login(assessor)
    for address in (
        reverse("studies:protocol", args=[study.pk]),
        reverse("studies:protocol-version", args=[study.pk, 2]),
        reverse("studies:protocol-file", args=[study.pk, 2]),
        reverse("study-protocol", args=[study.pk]),
    ):
        text = client.get(address).content.decode()
        for name in ("experimental", "after each filmed set", "Feedback of the"):
            assert name not in text, address


def test_the_file_of_a_version_proves_itself(client: Client) -> None:
    owner = make_user()
    study = made_study(owner)
    client.force_login(owner)
    document = client.get(reverse("studies:protocol-file", args=[study.pk, 1])).json()
    canonical = json.dumps(document["document"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == document["sha256"]
    assert AuditEntry.objects.filter(study=study, kind="exported", action="protocol").count() == 1


def test_a_version_that_was_changed_in_the_database_is_found_out(client: Client) -> None:
    owner = make_user()
    study = made_study(owner)
    client.force_login(owner)
    url = reverse("studies:protocol-version", args=[study.pk, 1])
    assert "made again just now: the same" in client.get(url).content.decode()
    version = study.protocol_versions.get()
    version.document["outcomes"][0]["planned_test"] = "student"
    version.save()
    assert "does not match" in client.get(url).content.decode()


def test_students_read_the_plain_summary_and_not_what_groups_do(client: Client) -> None:
    owner = make_user()
    study = made_study(owner)
    student = make_participant(study).user
    client.force_login(student)
    response = client.get(reverse("studies:protocol", args=[study.pk]))
    assert response.headers["Location"] == reverse("studies:about", args=[study.pk])
    text = client.get(response.headers["Location"]).content.decode()
    assert "You learn the deadlift in your normal lessons" in text
    assert "2 lessons a week of 90 minutes" in " ".join(text.split())
    assert "AI coach's feedback is shown" not in text
    assert client.get(reverse("studies:protocol-version", args=[study.pk, 1])).status_code == 404


class Fields(HTMLParser):
    """What a browser would send of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        has = dict(attrs)
        if tag == "input" and given.get("name"):
            box = given.get("type") in {"checkbox", "radio"}
            if not box or "checked" in has:
                self.found[given["name"]] = given.get("value", "on" if box else "")
        if tag == "textarea":
            self.area = given["name"]
            self.found[self.area] = ""
        if tag == "select":
            self.select = given["name"]
        if tag == "option" and "selected" in has:
            self.found[self.select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def step_form(page: str) -> dict[str, str]:
    """The fields of a step's page as a browser would send them back."""
    fields = Fields()
    fields.feed(page)
    return {name: value.removeprefix("\r\n").removeprefix("\n") for name, value in fields.found.items()}


def test_the_wizard_leads_from_the_paper_to_a_study_with_nothing_typed(client: Client) -> None:
    owner = make_user(is_superuser=True)
    client.force_login(owner)
    response = client.post(reverse("studies:study-new"), {"begin": "paper"})
    seen = []
    while "review" not in response.headers["Location"]:
        page = client.get(response.headers["Location"])
        seen.append(response.headers["Location"].split("/")[-2])
        response = client.post(response.headers["Location"], step_form(page.content.decode()))
        assert response.status_code == 302, response.content.decode()
    assert seen == ["about", "groups", "outcomes", "training", "people", "ethics"]
    draft = ProtocolDraft.objects.get()
    assert draft.document == completed(paper_design(draft.created_at.date()))
    response = client.post(response.headers["Location"])
    study = Study.objects.get()
    assert response.headers["Location"] == reverse("studies:detail", args=[study.pk])
    assert study.protocol_versions.get().document == draft.document
    assert list(study.arms.values_list("name", flat=True)) == ["AI coaching", "Traditional instruction"]


def test_every_button_of_a_step_keeps_what_was_written(client: Client) -> None:
    owner = make_user(is_superuser=True)
    client.force_login(owner)
    draft = start_draft(by=owner)
    groups = reverse("studies:draft-step", args=[draft.pk, "groups"])
    fields = step_form(client.get(groups).content.decode())
    fields |= {"arms-2-name": "Films alone", "arms-2-ratio": "2", "arms-1-name": "Ordinary lessons"}
    response = client.post(groups, fields | {"add": "arms"})
    assert response.headers["Location"] == groups
    page = client.get(groups).content.decode()
    assert "Films alone" in page
    response = client.post(groups, step_form(page) | {"arms-0-DELETE": "on", "go": "about"})
    assert response.headers["Location"] == reverse("studies:draft-step", args=[draft.pk, "about"])
    arms = ProtocolDraft.objects.get().document["arms"]
    assert [(arm["key"], arm["name"], arm["ratio"]) for arm in arms] == [
        ("control", "Ordinary lessons", 1),
        ("films-alone", "Films alone", 2),
    ]


def test_the_page_tells_of_another_hand_and_keeps_both_texts(client: Client) -> None:
    one, two = make_user(), make_user(is_superuser=True)
    study = made_study(one)
    client.force_login(two)
    url = reverse("studies:protocol-edit", args=[study.pk, "training"])
    fields = step_form(client.get(url).content.decode())
    change(study, one, "training", curriculum="Squats first.")
    response = client.post(url, fields | {"curriculum": "Rows first."})
    page = " ".join(response.content.decode().split())
    assert response.status_code == 422
    assert f"Saved by {one.get_full_name()}" in page
    assert "Squats first." in page
    assert "Rows first." in page
    assert draft_of(study).document["curriculum"] == "Squats first."
    again = step_form(response.content.decode())
    assert client.post(url, again).status_code == 302  # knowing it, the second may write
    assert draft_of(study).document["curriculum"] == "Rows first."


def test_the_step_of_the_groups_offers_only_their_descriptions_after_the_draw(client: Client) -> None:
    owner = make_user()
    study = drawn_study(owner)
    client.force_login(owner)
    url = reverse("studies:protocol-edit", args=[study.pk, "groups"])
    fields = step_form(client.get(url).content.decode())
    response = client.post(url, fields | {"arms-0-name": "Robot", "arms-0-description": "On a tablet."})
    assert response.status_code == 302
    arm = draft_of(study).document["arms"][0]
    assert (arm["name"], arm["description"]) == ("AI coaching", "On a tablet.")


def test_who_may_make_a_study(client: Client) -> None:
    url = reverse("studies:study-new")
    personas = make_personas()
    for user, status in (
        (personas.student, 403),
        (personas.instructor, 403),
        (personas.owner, 200),
        (personas.superuser, 200),
    ):
        client.force_login(user)
        assert client.get(url).status_code == status
    personas.instructor.user_permissions.add(Permission.objects.get(codename="add_study"))
    client.force_login(personas.instructor)
    assert client.get(url).status_code == 200
    draft = start_draft(by=personas.owner)
    assert client.get(reverse("studies:draft-review", args=[draft.pk])).status_code == 404  # nobody else's


def test_a_copy_is_offered_of_own_studies_alone(client: Client) -> None:
    owner = make_user()
    make_study("Mine", owner=owner)
    other = make_study("Not mine", owner=make_user())
    client.force_login(owner)
    url = reverse("studies:study-new")
    page = client.get(url).content.decode()
    assert "Mine" in page
    assert "Not mine" not in page
    assert client.post(url, {"begin": str(other.pk)}).status_code == 422


def test_programs_write_the_draft_and_save_versions(client: Client) -> None:
    owner = make_user()
    study = made_study(owner)
    client.force_login(owner)
    draft = client.get(reverse("study-protocol-draft", args=[study.pk])).json()
    given = {"seen_version": draft["version"], "document": {"weeks": 8, "time_points": [{"name": "Week 8"}]}}

    def post(route: str, body: object) -> Any:
        return client.post(reverse(route, args=[study.pk]), body, content_type="application/json")

    answer = post("study-protocol-draft", given)
    assert answer.json()["document"]["time_points"] == [
        {"key": "week-8", "name": "Week 8", "opens_on": "", "closes_on": ""}
    ]
    again = post("study-protocol-draft", given)
    assert (again.status_code, again.json()["code"]) == (422, "changed_meanwhile")
    assert post("study-protocol-draft", {"seen_version": 1, "document": {"weeks": "many"}}).status_code == 400
    refused = post("study-protocol-versions", {})  # both outcomes are read at a time that is gone
    assert (refused.status_code, refused.json()["code"]) == (422, "time_unknown")
    outcomes = [row | {"main_time_point": "week-8"} for row in draft["document"]["outcomes"]]
    given = {"seen_version": answer.json()["version"], "document": {"outcomes": outcomes}}
    assert post("study-protocol-draft", given).status_code == 200
    assert post("study-protocol-versions", {}).json()["number"] == 2
    listed = client.get(reverse("study-protocol-versions", args=[study.pk])).json()
    assert [row["number"] for row in listed["results"]] == [2, 1]
    assert ProtocolVersion.objects.get(number=2).document["weeks"] == 8
    assert Arm.objects.filter(study=study).count() == 2


def test_a_draft_that_is_thrown_away_leaves_no_study(client: Client) -> None:
    owner = make_user(is_superuser=True)
    client.force_login(owner)
    draft = start_draft(by=owner)
    client.post(reverse("studies:draft-review", args=[draft.pk]), {"discard": "1"})
    assert (ProtocolDraft.objects.count(), Study.objects.count()) == (0, 0)
