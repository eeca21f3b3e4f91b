"""The owner names who works in a study, with which sections, and ends the blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from studies import audit
from studies.allocation import move_to_arm
from studies.audit_view import HIDDEN, PayloadReader
from studies.errors import StudyError
from studies.invitations import invite, join
from studies.models import AuditEntry, Membership, Participant, Study, User
from studies.services import add_staff, remove_staff
from studies.staff import account_of, read_sections, staff_of
from studies.unblinding import ACTION, is_signed, unblind
from tests.factory import (
    PASSWORD,
    Personas,
    make_class,
    make_participant,
    make_personas,
    make_staff,
    make_study,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def people() -> Personas:
    return make_personas()


def code_of(refusal: pytest.ExceptionInfo[StudyError]) -> str:
    return refusal.value.code


# Naming


def test_an_instructor_is_named_with_sections_and_the_audit_says_so(people: Personas) -> None:
    user = make_user()
    add_staff(study=people.study, user=user, role=Role.INSTRUCTOR, sections=[" 2A ", "2A", ""], by=people.owner)
    assert Membership.objects.get(user=user).sections == ["2A"]
    entry = AuditEntry.objects.get(study=people.study)
    assert (entry.action, entry.actor) == ("staff named", people.owner)
    assert entry.payload == {"user": user.pk, "role": "instructor", "sections": ["2A"]}


def test_changing_to_a_role_without_sections_takes_them_away(people: Personas) -> None:
    user = make_staff(people.study, Role.INSTRUCTOR, sections=("2A",))
    add_staff(study=people.study, user=user, role=Role.RESEARCHER, by=people.owner)
    assert Membership.objects.get(user=user).sections == []


@pytest.mark.parametrize("role", [Role.OWNER, Role.RESEARCHER, Role.ASSESSOR, Role.OFFICER])
def test_only_an_instructor_has_sections(people: Personas, role: Membership.Role) -> None:
    with pytest.raises(StudyError) as refusal:
        add_staff(study=people.study, user=make_user(), role=role, sections=["2A"], by=people.owner)
    assert code_of(refusal) == "sections_without_instructor"


def test_a_closed_account_and_a_student_are_not_named(people: Personas) -> None:
    closed = make_user()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    closed.refresh_from_db()
    for user, code in ((closed, "account_closed"), (people.student, "takes_part")):
        with pytest.raises(StudyError) as refusal:
            add_staff(study=people.study, user=user, role=Role.RESEARCHER, by=people.owner)
        assert code_of(refusal) == code


def test_the_last_owner_neither_steps_back_nor_goes(people: Personas) -> None:
    with pytest.raises(StudyError) as refusal:
        add_staff(study=people.study, user=people.owner, role=Role.INSTRUCTOR, by=people.owner)
    assert code_of(refusal) == "last_owner"
    with pytest.raises(StudyError) as refusal:
        remove_staff(study=people.study, user=people.owner, by=people.owner)
    assert code_of(refusal) == "last_owner"
    second = make_staff(people.study, Role.OWNER)
    remove_staff(study=people.study, user=people.owner, by=second)
    assert list(people.study.memberships.filter(role="owner").values_list("user", flat=True)) == [second.pk]


def test_who_is_removed_sees_the_study_no_more_and_what_they_did_stays(people: Personas, client: Client) -> None:
    add_staff(study=people.study, user=people.instructor, role=Role.INSTRUCTOR, by=people.owner)
    remove_staff(study=people.study, user=people.instructor, by=people.owner)
    client.force_login(people.instructor)
    assert client.get(reverse("studies:detail", args=[people.study.pk])).status_code == 404
    assert [entry.action for entry in AuditEntry.objects.filter(study=people.study).order_by("number")] == [
        "staff named",
        "staff removed",
    ]
    assert audit.verify(people.study.pk).broken_at is None


def test_an_account_is_found_by_name_or_mail_in_any_case_and_never_guessed() -> None:
    alma = make_user("alma")
    User.objects.filter(pk=alma.pk).update(email="alma@example.org")
    twin, other = make_user("twin"), make_user("TWIN")
    User.objects.filter(pk__in=[twin.pk, other.pk]).update(email="both@example.org")
    assert account_of(" Alma ") == account_of("ALMA@example.org") == alma
    assert account_of("twin") == twin
    assert account_of("TWIN") == other
    for text, code in (("nobody", "no_account"), ("both@example.org", "many_accounts"), ("Twin", "many_accounts")):
        with pytest.raises(StudyError) as refusal:
            account_of(text)
        assert code_of(refusal) == code


def test_an_account_without_mail_is_not_found_by_an_empty_one() -> None:
    make_user()
    with pytest.raises(StudyError) as refusal:
        account_of("   ")
    assert code_of(refusal) == "no_account"


def test_a_typed_section_is_the_students_whatever_its_letters(people: Personas) -> None:
    Participant.objects.filter(pk=people.participant.pk).update(section="2A")
    assert read_sections(people.study, "2a; 3B ,, 2A") == ["2A", "3B"]


def test_who_has_known_the_groups_is_marked_in_a_blinded_role(people: Personas) -> None:
    was, never = make_user(), make_user()
    for user, role in ((was, Role.INSTRUCTOR), (was, Role.ASSESSOR), (never, Role.ASSESSOR)):
        add_staff(study=people.study, user=user, role=role, by=people.owner)
    marked = {member.membership.user_id for member in staff_of(people.study) if member.knew_groups}
    assert marked == {was.pk}


# The page


def test_the_owner_names_changes_and_removes_on_the_page(people: Personas, client: Client) -> None:
    colleague = make_user("colleague", first_name="Dana", last_name="Serik")
    client.force_login(people.owner)
    url = reverse("studies:staff", args=[people.study.pk])
    client.post(url, {"account": "colleague", "role": "instructor", "sections": "2A, 2B"})
    assert Membership.objects.get(user=colleague).sections == ["2A", "2B"]
    text = client.get(url).content.decode()
    assert "Dana Serik" in text
    assert "2A, 2B" in text
    change = reverse("studies:staff-change", args=[people.study.pk, colleague.pk])
    assert 'value="2A, 2B"' in client.get(change).content.decode()
    assert client.post(change, {"role": "researcher", "sections": ""}).status_code == 302
    assert Membership.objects.get(user=colleague).role == "researcher"
    client.post(reverse("studies:staff-remove", args=[people.study.pk, colleague.pk]))
    assert not Membership.objects.filter(user=colleague).exists()


@pytest.mark.parametrize(
    ("account", "words"),
    [("nobody", "no account"), ("", "required"), ("INSTRUCTOR", "works here already"), ("STUDENT", "takes part")],
)
def test_a_form_that_can_not_be_kept_says_why(people: Personas, client: Client, account: str, words: str) -> None:
    known = {"INSTRUCTOR": people.instructor.username, "STUDENT": people.student.username}
    client.force_login(people.owner)
    url = reverse("studies:staff", args=[people.study.pk])
    response = client.post(url, {"account": known.get(account, account), "role": "researcher"})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert people.study.memberships.count() == 5


def test_an_owner_who_steps_back_is_led_home(people: Personas, client: Client) -> None:
    make_staff(people.study, Role.OWNER)
    client.force_login(people.owner)
    url = reverse("studies:staff-change", args=[people.study.pk, people.owner.pk])
    response = client.post(url, {"role": "researcher", "sections": ""})
    assert response["Location"] == reverse("home")


def test_a_member_is_found_only_under_their_own_study(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    for name in ("studies:staff-change", "studies:staff-remove"):
        assert client.post(reverse(name, args=[people.study.pk, people.other_instructor.pk])).status_code == 404


def test_assessor_and_officer_have_a_page_of_the_study_with_what_they_may_do(people: Personas, client: Client) -> None:
    for who, words, link in (
        (people.officer, "look after the data", reverse("studies:audit", args=[people.study.pk])),
        (people.assessor, "rate films", ""),
    ):
        client.force_login(who)
        text = client.get(reverse("studies:detail", args=[people.study.pk])).content.decode()
        assert words in text
        assert link in text
        assert people.participant.code not in text
        home = client.get(reverse("home")).content.decode()
        assert people.study.title in home
        assert reverse("analysis:report", args=[people.study.pk]) not in home


def test_the_staff_list_costs_the_same_for_any_number_of_people(
    people: Personas, client: Client, django_assert_max_num_queries: Any
) -> None:
    for _person in range(30):
        make_staff(people.study, Role.INSTRUCTOR)
    client.force_login(people.owner)
    with django_assert_max_num_queries(9):
        client.get(reverse("studies:staff", args=[people.study.pk]))


# The API


def test_the_api_names_and_removes_with_the_same_rules(people: Personas, client: Client) -> None:
    user = make_user("colleague")
    client.force_login(people.owner)
    url = reverse("study-staff", args=[people.study.pk])

    def post(**given: Any) -> Any:
        return client.post(url, given, content_type="application/json")

    made = post(account="colleague", role="instructor", sections=["2A"])
    assert made.json() == {
        "user": user.pk,
        "name": user.get_full_name(),
        "role": "instructor",
        "sections": ["2A"],
        "knew_groups": False,
    }
    assert post(user=user.pk, role="assessor").json()["knew_groups"] is True
    assert post(account="colleague", role="owner").json()["code"] == "works_already"
    assert post(role="owner").status_code == 400
    assert client.get(url).json()["count"] == 6
    member = reverse("study-staff-member", args=[people.study.pk, user.pk])
    assert client.delete(member).status_code == 204
    last = reverse("study-staff-member", args=[people.study.pk, people.owner.pk])
    assert client.delete(last).json()["code"] == "last_owner"


# Unblinding


def test_unblinding_is_a_signed_entry_that_says_which_letter_was_which(people: Personas) -> None:
    unblind(study=people.study, by=people.owner, reason="  Analysis is written down ")
    study = Study.objects.get(pk=people.study.pk)
    assert study.unblinded_at is not None
    assert (study.unblinded_by, study.unblinding_reason) == (people.owner, "Analysis is written down")
    entry = AuditEntry.objects.get(study=study, action=ACTION)
    assert set(entry.payload["letters"]) == {"group-a", "group-b"}
    assert set(entry.payload["letters"].values()) == {"a", "b"}
    assert "Analysis" not in str(entry.payload)
    assert is_signed(entry)
    entry.payload["letters"] = dict(zip(entry.payload["letters"], ("b", "b"), strict=True))
    assert not is_signed(entry)


def test_an_entry_without_its_signature_is_not_signed(people: Personas) -> None:
    unblind(study=people.study, by=people.owner, reason="Done")
    entry = AuditEntry.objects.get(study=people.study, action=ACTION)
    payload = dict(entry.payload)
    payload.pop("signature")
    entry.payload = payload
    assert not is_signed(entry)


def test_unblinding_needs_a_reason_and_happens_once(people: Personas) -> None:
    with pytest.raises(StudyError) as refusal:
        unblind(study=people.study, by=people.owner, reason=" ")
    assert code_of(refusal) == "reason_missing"
    unblind(study=people.study, by=people.owner, reason="Done")
    first = Study.objects.get(pk=people.study.pk).unblinded_at
    with pytest.raises(StudyError) as refusal:
        unblind(study=people.study, by=people.owner, reason="Again")
    assert code_of(refusal) == "unblinded_already"
    assert Study.objects.get(pk=people.study.pk).unblinded_at == first
    assert AuditEntry.objects.filter(study=people.study, action=ACTION).count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"reason": "Done", "understood": "on", "password": "wrong"},
        {"reason": "Done", "understood": "on"},
        {"reason": "Done", "password": PASSWORD},
        {"reason": " ", "understood": "on", "password": PASSWORD},
    ],
)
def test_without_signature_understanding_and_reason_nothing_happens(
    people: Personas, client: Client, given: dict[str, str]
) -> None:
    client.force_login(people.owner)
    response = client.post(reverse("studies:unblind", args=[people.study.pk]), given)
    assert response.status_code == 422
    assert Study.objects.get(pk=people.study.pk).unblinded_at is None


def test_the_owner_unblinds_on_the_page_after_reading_whom_it_concerns(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    url = reverse("studies:unblind", args=[people.study.pk])
    text = client.get(url).content.decode()
    assert people.assessor.last_name in text
    assert people.instructor.last_name not in text
    assert "undone" in text
    response = client.post(url, {"reason": "Done", "understood": "on", "password": PASSWORD}, follow=True)
    assert "Unblinded on" in response.content.decode()
    client.force_login(people.researcher)
    assert "Arm a" in client.get(reverse("studies:detail", args=[people.study.pk])).content.decode()


def test_the_api_unblinds_with_the_password_alone(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    url = reverse("study-unblind", args=[people.study.pk])
    assert client.post(url, {"reason": "Done", "password": "x"}, content_type="application/json").status_code == 400
    assert Study.objects.get(pk=people.study.pk).unblinded_at is None
    done = client.post(url, {"reason": "Done", "password": PASSWORD}, content_type="application/json")
    assert done.status_code == 200
    again = client.post(url, {"reason": "Done", "password": PASSWORD}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (422, "unblinded_already")


# The officer and the audit


def test_the_officer_reads_who_did_what_with_letters_and_without_hashes(people: Personas, client: Client) -> None:
    make_class(people.study, 4, allocate=True)
    row = people.study.participants.exclude(allocation__roster=[]).first()
    assert row is not None
    target = next(arm for arm in people.study.arms.all() if arm.pk != row.arm_id)
    people.study.arms.update(name="ZQXARM")
    move_to_arm(participant=row, arm=target, by=people.owner, reason="Wrong class")
    client.force_login(people.officer)
    found = client.get(reverse("study-audit", args=[people.study.pk])).json()["results"][0]
    assert (found["action"], found["subject"]) == ("student moved", row.code)
    assert set(found["payload"].values()) == {"group-a", "group-b"}
    assert (found["hash"], found["previous"]) == ("", "")
    text = client.get(reverse("studies:audit", args=[people.study.pk])).content.decode()
    assert "student moved" in text
    chain_head = AuditEntry.objects.filter(study=people.study).order_by("-number")[0].hash
    assert chain_head not in text
    assert client.post(reverse("studies:audit-file", args=[people.study.pk])).status_code == 403
    unblind(study=people.study, by=people.owner, reason="Done")
    after = client.get(reverse("study-audit", args=[people.study.pk])).json()["results"]
    assert {"a", "b"} == set(after[1]["payload"].values())
    assert after[1]["hash"] == chain_head
    assert client.post(reverse("studies:audit-file", args=[people.study.pk])).status_code == 302


def test_the_officer_reads_a_student_who_did_something_by_code(people: Personas, client: Client) -> None:
    student = make_user("joined", first_name="Alma", last_name="Bekova")
    invitation = invite(study=people.study, by=people.owner, uses_max=1, days=1)
    row = join(invitation=invitation, user=student, year_of_study=2)
    url = reverse("studies:audit", args=[people.study.pk])
    client.force_login(people.officer)
    text = client.get(url).content.decode()
    assert "Bekova" not in text
    assert f'<option value="{student.pk}">{row.code}</option>' in text
    assert people.owner.get_full_name() in text
    client.force_login(people.owner)
    assert "Alma Bekova" in client.get(url).content.decode()


def test_a_groups_number_or_a_sentence_with_its_name_is_hidden_from_the_officer(people: Personas) -> None:
    people.study.arms.filter(key="a").update(name="Coach of light", key="experimental")
    arm = people.study.arms.get(key="experimental")
    payload = {
        "arm": arm.pk,
        "arms": [arm.pk],
        "given": [[1, "K7QF", "experimental"]],
        "note": "moved to Coach of Light today",
        "experimental": 3,
        "students": 4,
        "again": False,
    }
    read = PayloadReader(people.officer, people.study).read(payload)
    text = str(read).casefold()
    assert "experimental" not in text
    assert "coach of light" not in text
    assert (read["arm"], read["arms"], read["note"]) == (HIDDEN, [HIDDEN], HIDDEN)
    assert (read["students"], read["again"]) == (4, False)
    assert PayloadReader(people.owner, people.study).read(payload) == payload


def test_a_study_of_another_officer_is_unknown(client: Client) -> None:
    officer = make_staff(make_study(), Role.OFFICER)
    other = make_study()
    make_participant(other)
    client.force_login(officer)
    assert client.get(reverse("studies:audit", args=[other.pk])).status_code == 404
