"""What goes into the audit, without a name, and how its owner reads it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from studies import audit
from studies.allocation import allocate_arms, move_to_arm
from studies.exposure.services import Attended, log_lesson
from studies.injuries.services import log_injury
from studies.invitations import invite, join, revoke
from studies.jobs import services
from studies.models import AuditChain, AuditEntry, Job, Membership, Participant, Study, User
from studies.plans import assign_waiting, close_plan, commit_plan
from studies.randomise.design import COMPLETE, Design
from studies.roster.imports import enrol_rows, preview
from studies.screening import log_not_enrolled, save_baseline, screen
from studies.services import ArmSpec, add_staff, create_study, enrol
from tests.factory import (
    Personas,
    make_injury,
    make_personas,
    make_study,
    make_training_session,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def actions(study: Study) -> list[str]:
    return list(AuditEntry.objects.filter(study=study).order_by("number").values_list("action", flat=True))


# What goes in


def a_semester(owner: User) -> Study:
    """Everything that the services can do, once."""
    study = create_study(owner=owner, title="Audited", arms=[ArmSpec("a", "A"), ArmSpec("b", "B")])
    add_staff(study=study, user=make_user(), role=Membership.Role.INSTRUCTOR, by=owner)
    first = enrol(study=study, user=make_user(), year_of_study=2, by=owner)
    raw = b"name,user name,e-mail,year\nHidden Person,hidden,hidden@uni.edu,2\nSecret Student,secret,,3\n"
    enrol_rows(found=preview(study=study, by=owner, raw=raw), by=owner)
    invitation = invite(study=study, by=owner, uses_max=2, days=1)
    joined = join(invitation=invitation, user=make_user(), year_of_study=2)
    revoke(invitation=invitation, by=owner)
    screen(participants=[joined], by=owner, eligible=False, reason="other", note="Hidden Person said so")
    log_not_enrolled(study=study, by=owner, outcome="declined", note="Secret Student")
    save_baseline(participant=first, by=owner, seen_version=0, values={"sex": "f"})
    allocate_arms(study=study, by=owner)
    row = Participant.objects.select_related("arm").get(pk=first.pk)
    assert row.arm is not None
    other = study.arms.exclude(pk=row.arm.pk).get()
    move_to_arm(participant=row, arm=other, by=owner, reason="Hidden Person asked")
    today = timezone.localdate()
    log_injury(participant=first, occurred_on=today, region="knee", by=owner, note="Secret Student's dumbbell")
    log_lesson(study=study, by=owner, held_on=today, minutes=90, rows=[Attended(first)])
    plan = commit_plan(study=study, by=owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    enrol(study=study, user=make_user(), year_of_study=2, by=owner)
    assign_waiting(plan=plan, by=owner)
    close_plan(plan=plan, by=owner, reason="Secret Student was the last")
    return study


def test_everything_that_is_done_is_written_down_by_whom() -> None:
    owner = make_user()
    study = a_semester(owner)
    assert actions(study) == [
        "study created",
        "staff named",
        "student enrolled",
        "class list read",
        "class list enrolled",
        "invitation made",
        "student enrolled",
        "invitation ended",
        "students excluded",
        "somebody not enrolled",
        "values at the start",
        "groups drawn",
        "student moved",
        "injury logged",
        "lesson logged",
        "design fixed",
        "student enrolled",
        "groups assigned",
        "design closed",
    ]
    by = dict(AuditEntry.objects.filter(study=study).values_list("number", "actor"))
    joined = Participant.objects.get(study=study, eligibility="excluded")
    assert by == dict.fromkeys(by, owner.pk) | {7: joined.user_id}
    assert audit.verify(study.pk).broken_at is None


def test_no_entry_holds_a_name_an_address_or_free_text() -> None:
    study = a_semester(make_user())
    text = json.dumps([audit.document_of(entry) for entry in AuditEntry.objects.filter(study=study)])
    for user in User.objects.all():
        for secret in (user.username, user.first_name, user.last_name, user.email):
            assert not secret or f'"{secret}"' not in text
    assert "Hidden" not in text
    assert "Secret" not in text
    assert "uni.edu" not in text


def test_an_erased_account_leaves_the_chain_whole() -> None:
    """With its row gone, an actor's number leads nowhere, and the chain still holds."""
    study, gone = make_study(), make_user()
    audit.done(study.pk, gone, "design fixed")
    gone.delete()
    assert audit.verify(study.pk).entries == 1
    assert AuditEntry.objects.select_related("actor").get(study=study).actor is None


def test_looks_and_exports_go_in(client: Client) -> None:
    personas = make_personas(ended=True)
    make_injury(personas.participant)
    client.force_login(personas.instructor)
    client.get(reverse("studies:participant", args=[personas.participant.pk]))
    client.get(reverse("studies:detail", args=[personas.study.pk]))
    client.get(reverse("studies:detail", args=[personas.study.pk]))
    client.get(reverse("studies:roster", args=[personas.study.pk]))
    client.get(reverse("analysis:report-csv", args=[personas.study.pk]))
    client.get(reverse("analysis:report-json", args=[personas.study.pk]))
    rows = AuditEntry.objects.filter(study=personas.study).order_by("number")
    assert [(row.kind, row.action, row.subject) for row in rows] == [
        ("looked", "injuries", personas.participant.code),
        ("looked", "injury counts of the class", ""),
        ("looked", "roster", ""),
        ("exported", "roster", ""),
        ("looked", "outcomes of the class, downloaded", ""),
        ("exported", "outcomes (CSV)", ""),
        ("exported", "report (JSON)", ""),
    ]
    assert sorted(rows[1].payload["codes"]) == sorted(personas.study.participants.values_list("code", flat=True))
    assert rows[3].payload["rows"] == 2
    assert "last_name" in rows[3].payload["columns"]


def test_changes_in_the_admin_go_in(client: Client) -> None:
    personas = make_personas()
    lesson = make_training_session(personas.participant)
    client.force_login(personas.superuser)
    url = f"/admin/studies/trainingsession/{lesson.pk}"
    given = {
        "participant": personas.participant.pk,
        "held_on": "2024-03-05",
        "attendance": "present",
        "source": "lesson",
        "minutes": 60,
        "sets": 3,
        "repetitions": 15,
    }
    assert client.post(f"{url}/change/", given).status_code == 302
    assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 302
    done = AuditEntry.objects.filter(study=personas.study, kind="done").order_by("number")
    code = personas.participant.code
    assert [(row.action, row.subject, row.payload["model"]) for row in done] == [
        ("changed in the admin", code, "trainingsession"),
        ("deleted in the admin", code, "trainingsession"),
    ]


# The page


@pytest.fixture
def personas(client: Client) -> Personas:
    personas = make_personas()
    for number in range(55):
        audit.looked(personas.study.pk, personas.instructor, "injuries", about=personas.participant, object=str(number))
    audit.done(personas.study.pk, personas.owner, "design fixed", plan=3)
    client.force_login(personas.owner)
    return personas


def shown(client: Client, personas: Personas, query: str = "") -> list[int]:
    response = client.get(reverse("studies:audit", args=[personas.study.pk]) + query)
    assert response.status_code == 200
    return [row["entry"].number for row in response.context["rows"]]


def test_the_owner_reads_the_newest_first_page_by_page(client: Client, personas: Personas) -> None:
    assert shown(client, personas) == list(range(56, 6, -1))
    assert shown(client, personas, "?page=2") == [6, 5, 4, 3, 2, 1]
    text = client.get(reverse("studies:audit", args=[personas.study.pk])).content.decode()
    assert personas.instructor.last_name in text
    assert AuditChain.objects.get(pk=personas.study.pk).head in text
    assert "plan 3" in text


def test_filters_narrow_and_stay_while_paging(client: Client, personas: Personas) -> None:
    assert shown(client, personas, "?kind=done") == [56]
    assert shown(client, personas, f"?actor={personas.owner.pk}") == [56]
    assert len(shown(client, personas, f"?subject={personas.participant.code.lower()}")) == 50
    assert shown(client, personas, "?subject=nobody") == []
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert shown(client, personas, f"?since={tomorrow}") == []
    assert len(shown(client, personas, f"?until={tomorrow}")) == 50
    text = client.get(reverse("studies:audit", args=[personas.study.pk]) + "?kind=looked").content.decode()
    assert 'href="?kind=looked&amp;page=2"' in text
    assert client.get(reverse("studies:audit", args=[personas.study.pk]) + "?since=soon").status_code == 422


def test_entries_of_another_study_are_not_shown(client: Client, personas: Personas) -> None:
    audit.done(personas.other_study.pk, None, "design fixed")
    assert shown(client, personas, "?kind=done") == [56]


def test_the_file_can_be_followed_without_the_project(client: Client, personas: Personas) -> None:
    assert client.post(reverse("studies:audit-file", args=[personas.study.pk])).status_code == 302
    job = Job.objects.get()
    services.run(job.pk)
    response = client.get(reverse("studies:job-download", args=[job.pk]))
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]  # type: ignore[attr-defined]
    previous = "0" * 64
    for number, line in enumerate(lines, start=1):
        stated = line.pop("hash")
        assert (line["number"], line["previous"]) == (number, previous)
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert previous == stated
    assert [line["action"] for line in lines[-2:]] == ["design fixed", "audit"]
    assert lines[-1]["kind"] == "exported"
