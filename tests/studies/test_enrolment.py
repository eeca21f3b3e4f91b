"""A pasted class list: all of it, or none and the lines to correct. First sign-in by link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from studies.enrolment import ClassLine, ClassListRefused, enrol_class, first_sign_ins, parse_class_list
from studies.models import Participant, User
from tests.factory import PASSWORD, make_participant, make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LIST = "Alma Bekova, alma.bekova, 2\n\nBolat von der Heide;bolat;3\nCem\tcem@uni\t4\n"


def refused(text: str) -> dict[int, str]:
    with pytest.raises(ClassListRefused) as caught:
        parse_class_list(text)
    return caught.value.lines


def test_comma_semicolon_and_tab_are_read_and_empty_lines_skipped() -> None:
    assert parse_class_list(LIST) == [
        ClassLine(1, "Alma", "Bekova", "alma.bekova", 2),
        ClassLine(3, "Bolat", "von der Heide", "bolat", 3),
        ClassLine(4, "Cem", "", "cem@uni", 4),
    ]


def test_every_wrong_line_is_named() -> None:
    lines = refused("Alma, alma, 2\nBolat, 3\nCem, ce m, 2\nDana, dana, nine\nErlan, ALMA, 2\n, x, 2")
    assert sorted(lines) == [2, 3, 4, 5, 6]
    assert "three parts" in lines[2]
    assert "letters, digits" in lines[3]
    assert "1 to 8" in lines[4]
    assert "twice" in lines[5]


def test_an_empty_list_and_an_endless_one_are_refused() -> None:
    assert "empty" in refused(" \n ")[1]
    assert "at most 500" in refused("\n".join(f"A B, user{n}, 2" for n in range(501)))[501]


def test_a_list_enrols_everybody_and_makes_the_accounts_that_are_missing() -> None:
    study, known = make_study(), make_user("bolat", first_name="Bolat", last_name="Known")
    enrolled = enrol_class(study=study, lines=parse_class_list(LIST))
    assert [row.user.username for row in enrolled] == ["alma.bekova", "bolat", "cem@uni"]
    assert [row.year_of_study for row in enrolled] == [2, 3, 4]
    known.refresh_from_db()
    assert known.last_name == "Known"
    assert known.check_password(PASSWORD)
    assert not User.objects.get(username="cem@uni").has_usable_password()


def test_one_wrong_student_and_nobody_is_enrolled() -> None:
    study = make_study()
    make_participant(study, user=make_user("bolat"))
    make_user("boss", is_superuser=True)
    with pytest.raises(ClassListRefused) as caught:
        enrol_class(study=study, lines=parse_class_list(LIST + "The Boss, boss, 4\n"))
    assert sorted(caught.value.lines) == [3, 5]
    assert "already" in caught.value.lines[3]
    assert study.participants.count() == 1
    assert not User.objects.filter(username="alma.bekova").exists()


def test_the_page_enrols_and_shows_links_for_the_first_sign_in(client: Client) -> None:
    study = make_study()
    client.force_login(make_staff(study, "instructor"))
    url = reverse("studies:enrol", args=[study.pk])
    response = client.post(url, {"students": "Alma, alma, 22"})
    assert response.status_code == 422
    assert "Line 1" in response.content.decode()
    assert study.participants.count() == 0
    text = client.post(url, {"students": LIST}, follow=True).content.decode()
    assert "3 students enrolled." in text
    assert text.count("/welcome/") == 3


def test_a_student_chooses_a_password_by_the_link_and_is_signed_in(client: Client) -> None:
    study = make_study("Deadlift 2A")
    enrol_class(study=study, lines=parse_class_list("Alma Bekova, alma, 2"))
    path = first_sign_ins(study.participants.all())[0].path
    response = client.get(path, follow=True)
    assert "Your user name is alma." in response.content.decode()
    form_path = response.redirect_chain[-1][0]
    new = {"new_password1": "hinge-and-drive", "new_password2": "hinge-and-drive"}
    response = client.post(form_path, new, follow=True)
    assert "Deadlift 2A" in response.content.decode()
    assert User.objects.get(username="alma").check_password("hinge-and-drive")
    client.logout()
    assert "no longer works" in client.get(path).content.decode()
    assert first_sign_ins(study.participants.all()) == []


def test_an_account_in_use_never_gets_a_link() -> None:
    """Otherwise an instructor could take over any account by enrolling it."""
    study = make_study()
    make_participant(study, user=make_user("in-use"))
    staff = User.objects.create(username="new-colleague")
    staff.set_unusable_password()
    staff.save()
    make_staff(make_study(), "researcher", user=staff)
    make_participant(study, user=staff)
    assert first_sign_ins(study.participants.all()) == []


def test_only_the_study_that_enrolled_a_student_first_gives_the_link() -> None:
    first, second = make_study(), make_study()
    lines = parse_class_list("Alma Bekova, alma, 2")
    enrol_class(study=first, lines=lines)
    enrol_class(study=second, lines=lines)
    assert [row.participant.study for row in first_sign_ins(first.participants.all())] == [first]
    assert first_sign_ins(second.participants.all()) == []
    assert Participant.objects.filter(user__username="alma").count() == 2


def test_a_password_is_changed_by_its_owner(client: Client) -> None:
    user = make_user("alma")
    client.force_login(user)
    url = reverse("password-change")
    assert re.search(r"<h1>\s*Change your password", client.get(url).content.decode())
    new = {"old_password": PASSWORD, "new_password1": "hinge-and-drive", "new_password2": "hinge-and-drive"}
    response = client.post(url, new, follow=True)
    assert "Your password is changed." in response.content.decode()
    user.refresh_from_db()
    assert user.check_password("hinge-and-drive")
