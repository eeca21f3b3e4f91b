"""Every route, asked by an instructor of the same study who works with another section.

A route that names a student of the other section, or anything of theirs, is unknown to them; every other answer tells
neither name, code nor film of anybody there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from coaching.models import Session, StrictnessChoice
from coaching.personal.strictness import choose_strictness
from studies.models import Participant, User
from tests.factory import make_injury, make_participant, make_staff
from tests.house.crawl import crawl, text_of
from tests.house.routes import prepare
from tests.house.test_every_route_as_every_role import FORM, Line, lines, url_of
from tests.house.world import World, make_world

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

OURS, THEIRS = "9Z", "2A"


class Divided:
    """The world with all its students in one section, and an instructor and one student of another."""

    def __init__(self) -> None:
        self.world: World = make_world()
        prepare(self.world)
        study = self.world.people.study
        Participant.objects.filter(study=study).update(section=THEIRS)
        study.invitations.update(section=THEIRS)
        row = self.world.people.participant
        choose_strictness(study=study, by=self.world.people.owner, level="strict", participant=row)
        make_injury(row, note="hidden-injury-note")
        self.instructor: User = make_staff(study, "instructor", sections=(OURS,))
        self.own = make_participant(study)
        Participant.objects.filter(pk=self.own.pk).update(section=OURS)
        self.secrets = {"hidden-injury-note", self.world.people.study.invitations.get().code}
        for other in study.participants.exclude(pk=self.own.pk).select_related("user"):
            self.secrets |= {f">{other.code}<", f"{other.code},", f'"{other.code}"', other.user.last_name}
        films = Session.objects.filter(participant__study=study).values_list("pk", flat=True)
        self.secrets |= {str(pk) for pk in films}

    def told(self, text: str, url: str) -> set[str]:
        """What of theirs stands in the answer; the address that was asked may stand there again."""
        plain = text.replace(url, "")
        return {secret for secret in self.secrets if secret in plain}


@pytest.fixture
def divided() -> Divided:
    return Divided()


def names_a_student(line: Line) -> bool:
    """Of the table: an instructor may open it; one student knows it, another does not. So it is one student's."""
    unknown = [line.statuses[who] == 404 for who in ("student", "classmate")]
    return unknown.count(True) == 1 and line.statuses["instructor"] != 404 and line.statuses["other_instructor"] == 404


def test_the_table_has_routes_of_both_kinds() -> None:
    kinds = [names_a_student(line) for line in lines()]
    assert sum(kinds) > 40
    assert len(kinds) - sum(kinds) > 40


def test_what_is_of_a_student_of_another_section_is_unknown(client: Client, divided: Divided) -> None:
    found = {}
    for line in lines():
        if names_a_student(line):
            client.force_login(divided.instructor)
            url = url_of(line, divided.world)
            with transaction.atomic():
                found[str(line)] = client.generic(line.method, url, b"", FORM).status_code
                transaction.set_rollback(True)
    assert {line: status for line, status in found.items() if status != 404} == {}


def test_no_other_route_tells_anything_of_them(client: Client, divided: Divided) -> None:
    leaks = {}
    for line in lines():
        if line.route == "password_reset_confirm":
            continue  # its address is a student's own secret link
        client.force_login(divided.instructor)
        url = url_of(line, divided.world)
        with transaction.atomic():
            response = client.generic(line.method, url, b"", FORM)
            text = text_of(response)
            transaction.set_rollback(True)
        assert response.status_code < 500, f"{line}"
        if told := divided.told(text, url):
            leaks[str(line)] = told
    assert leaks == {}


def test_no_link_leads_to_them_and_none_to_a_closed_door(client: Client, divided: Divided) -> None:
    client.force_login(divided.instructor)
    answers = crawl(client, ["/"])
    assert {answer.url: told for answer in answers if (told := divided.told(answer.text, answer.url))} == {}
    assert reverse("studies:participant", args=[divided.own.pk]) in {answer.url for answer in answers}
    may_not = {answer.url for answer in answers if answer.status in {403, 404}}
    assert may_not == set()


def test_an_instructor_of_that_section_gets_them(client: Client, divided: Divided) -> None:
    """So that the tests above can fail: with the sections changed the same crawl finds them."""
    divided.instructor.memberships.update(sections=[THEIRS])
    client.force_login(divided.instructor)
    told = {answer.url for answer in crawl(client, ["/"]) if divided.told(answer.text, answer.url)}
    assert {reverse("studies:detail", args=[divided.world.people.study.pk])} <= told
    assert len(told) > 6


# Writing


def post(client: Client, name: str, pk: int, **given: object) -> HttpResponse:
    response = client.post(reverse(name, args=[pk]), given)
    assert isinstance(response, HttpResponse)
    return response


def test_nobody_of_another_section_is_written_about(client: Client, divided: Divided) -> None:
    study, theirs = divided.world.people.study, divided.world.people.participant
    client.force_login(divided.instructor)
    before = theirs.training_sessions.count(), divided.own.training_sessions.count()
    here = {f"attendance_{row.pk}": "present" for row in (theirs, divided.own)}
    lesson = {"held_on": str(timezone.localdate()), "minutes": 90}
    assert post(client, "studies:lesson-add", study.pk, **lesson, **here).status_code == 302
    assert (theirs.training_sessions.count(), divided.own.training_sessions.count()) == (before[0], before[1] + 1)
    strict = {"level": "lenient"}
    assert post(client, "coaching:strictness", study.pk, **strict, participant=theirs.pk).status_code == 422
    assert post(client, "coaching:strictness", study.pk, **strict).status_code == 422  # the whole class
    assert post(client, "study-strictness", study.pk, **strict).status_code == 403
    assert post(client, "study-strictness", study.pk, **strict, participant=theirs.pk).status_code == 422
    assert post(client, "coaching:strictness", study.pk, **strict, participant=divided.own.pk).status_code == 302
    assert StrictnessChoice.objects.filter(level="lenient").count() == 1
    assert post(client, "coaching:loss-alert", study.pk, percent=20, participant=theirs.pk).status_code == 422
    assert post(client, "coaching:loss-alert", study.pk, percent=20).status_code == 422  # the whole class
    assert post(client, "coaching:loss-alert", study.pk, percent=20, participant=divided.own.pk).status_code == 302
    screening = {"eligible": "no", "reason": "age", "students": [theirs.pk]}
    assert post(client, "studies:screening", study.pk, **screening).status_code == 422
    film = client.post(reverse("coaching:upload"), {"participant": theirs.pk}, headers={"Accept": "application/json"})
    assert film.status_code == 422
    plan = study.plans.get()
    url = reverse("plan-assign", args=[study.pk, plan.pk])
    assert client.post(url, {"code": theirs.code}).status_code == 404
    assert client.post(url).status_code == 403


def test_new_students_come_into_ones_own_sections_alone(client: Client, divided: Divided) -> None:
    study = divided.world.people.study
    client.force_login(divided.instructor)
    line = "Alma Bekova, alma, 2"
    assert post(client, "studies:enrol", study.pk, students=line, section=THEIRS).status_code == 422
    assert post(client, "studies:enrol", study.pk, students=line).status_code == 422
    assert post(client, "studies:enrol", study.pk, students=line, section=OURS).status_code == 302
    assert Participant.objects.get(user__username="alma").section == OURS
    asked = {"uses_max": 1, "days": 1}
    assert post(client, "studies:invitations", study.pk, **asked, section=THEIRS).status_code == 422
    assert post(client, "studies:invitations", study.pk, **asked, section=OURS).status_code == 302
    values = {"seen_version": 0, "year_of_study": 2}
    assert post(client, "studies:baseline", divided.own.pk, **values, section=THEIRS).status_code == 422
    divided.own.refresh_from_db()
    assert divided.own.section == OURS


def test_a_class_list_file_is_kept_to_ones_own_sections(client: Client, divided: Divided) -> None:
    study = divided.world.people.study
    rows = f"name,user name,year,section\nAlma Bekova,alma,2,{OURS}\nDana Serik,dana,2,{THEIRS}\nEra Kim,era,2,\n"
    client.force_login(divided.instructor)
    url = reverse("studies:roster-file", args=[study.pk])
    response = client.post(url, {"file": SimpleUploadedFile("class.csv", rows.encode())}, follow=True)
    assert "You work with 9Z" in response.content.decode()
    client.post(response.redirect_chain[-1][0], {})
    made = Participant.objects.filter(study=study, user__username__in=["alma", "dana", "era"])
    assert dict(made.values_list("user__username", "section")) == {"alma": OURS, "era": OURS}
