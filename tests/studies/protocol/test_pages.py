"""The protocol on pages and for programs."""

from __future__ import annotations

import hashlib
import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from studies.models import (
    Arm,
    AuditEntry,
    Membership,
    ProtocolDraft,
    ProtocolVersion,
    Study,
)
from studies.protocol.document import completed
from studies.protocol.services import (
    draft_of,
    save_version,
    start_draft,
)
from studies.protocol.templates import paper_design
from studies.protocol.words import as_seen_by
from tests.factory import make_participant, make_personas, make_staff, make_study, make_user
from tests.studies.protocol.made import change, drawn_study, made_study

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


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
