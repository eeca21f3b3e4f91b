from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from studies.models import Membership
from tests.factory import Personas, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def places(client: Client, user: User, address: str = "/sessions/") -> dict[str, str]:
    """Label and aria-current of each link in the main navigation."""
    client.force_login(user)
    page = client.get(address, follow=True).content.decode()
    nav = re.search(r'<nav class="main-nav".*?</nav>', page, re.DOTALL)
    assert nav
    links = re.findall(r"<a (.*?)>.*?<span>(.*?)</span>", nav[0], re.DOTALL)
    found: dict[str, str] = {}
    for attributes, label in links:
        current = re.search(r'aria-current="(\w+)"', attributes)
        found[label] = current[1] if current else ""
    return found


def test_a_student_has_no_report(client: Client, people: Personas) -> None:
    assert list(places(client, people.student)) == ["Home", "Sessions", "Upload", "Study"]


def test_a_researcher_has_no_upload(client: Client, people: Personas) -> None:
    assert list(places(client, people.researcher)) == ["Home", "Sessions", "Study", "Report"]


def test_an_instructor_has_both(client: Client, people: Personas) -> None:
    assert list(places(client, people.instructor)) == ["Home", "Sessions", "Upload", "Study", "Report"]


def test_with_two_studies_the_study_is_that_of_the_page(client: Client, people: Personas) -> None:
    second = make_study("Second")
    make_staff(second, Membership.Role.INSTRUCTOR, user=people.instructor)
    assert "Study" not in places(client, people.instructor)
    assert places(client, people.instructor, f"/studies/{second.pk}/")["Study"] == "page"


def test_the_page_itself_is_current_and_what_lies_under_it_marks_its_section(client: Client, people: Personas) -> None:
    assert places(client, people.student)["Sessions"] == "page"
    own = places(client, people.student, f"/students/{people.participant.pk}/")
    assert (own["Study"], own["Sessions"], own["Home"]) == ("true", "", "")
    assert places(client, people.student, "/sessions/new/") == {
        "Home": "",
        "Sessions": "",
        "Upload": "page",
        "Study": "",
    }


def test_somebody_without_a_study_has_a_home(client: Client) -> None:
    assert "Home" in places(client, make_user())
