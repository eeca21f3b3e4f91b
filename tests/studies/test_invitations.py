"""Joining by link, QR code or typed code: signed, expiring, counted, and to be confirmed."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.core import signing
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.invitations import SALT, invitation_of, invite, join, revoke, token_of
from studies.models import Invitation, Participant, User
from tests.factory import make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def make_invitation(uses_max: int = 30, days: int = 7, section: str = "") -> Invitation:
    return invite(study=make_study("Deadlift 2A"), by=make_user(), uses_max=uses_max, days=days, section=section)


def code_of_refusal(token: str) -> str:
    with pytest.raises(StudyError) as caught:
        invitation_of(token)
    return caught.value.code


def test_link_and_code_lead_to_the_invitation() -> None:
    found = make_invitation()
    assert re.fullmatch(r"[B-Z2-9]{4}-[B-Z2-9]{4}", found.code)
    assert invitation_of(token_of(found)) == found
    assert invitation_of(f"  {found.code.lower()} ") == found


@pytest.mark.parametrize("token", ["", "1", "BCDF-GHJK", "x" * 300])
def test_what_was_not_signed_here_leads_nowhere(token: str) -> None:
    make_invitation()
    assert code_of_refusal(token) == "invitation_unknown"


def test_what_was_signed_for_something_else_leads_nowhere() -> None:
    found = make_invitation()
    assert code_of_refusal(signing.dumps(found.pk, salt="another")) == "invitation_unknown"


def test_a_forged_number_leads_nowhere() -> None:
    found = make_invitation()
    token = token_of(found)
    assert code_of_refusal(token[:-1] + ("A" if token[-1] != "A" else "B")) == "invitation_unknown"
    assert code_of_refusal(signing.dumps(found.pk + 1, salt=SALT)) == "invitation_unknown"


def test_it_ends_by_time_by_use_and_by_hand() -> None:
    late, used, ended = make_invitation(), make_invitation(uses_max=1), make_invitation()
    Invitation.objects.filter(pk=late.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    join(invitation=used, user=make_user(), year_of_study=2)
    revoke(invitation=ended, by=make_user())
    for found in (late, used, ended):
        assert code_of_refusal(token_of(found)) == "invitation_over"
        with pytest.raises(StudyError, check=lambda error: error.code == "invitation_over"):
            join(invitation=found, user=make_user(), year_of_study=2)


def test_who_joins_waits_for_confirmation_and_is_in_no_draw() -> None:
    found = make_invitation(section="2A")
    row = join(invitation=found, user=make_user(), year_of_study=3)
    assert (row.eligibility, row.section, row.year_of_study, row.arm) == ("unconfirmed", "2A", 3, None)
    with pytest.raises(StudyError, check=lambda error: error.code == "already_allocated"):
        allocate_arms(study=found.study, by=None)


def test_a_refused_join_uses_nothing() -> None:
    found = make_invitation(uses_max=1)
    staff = make_staff(found.study, "instructor")
    with pytest.raises(StudyError, check=lambda error: error.code == "works_here"):
        join(invitation=found, user=staff, year_of_study=2)
    with pytest.raises(StudyError, check=lambda error: error.code == "bad_year"):
        join(invitation=found, user=make_user(), year_of_study=9)
    with pytest.raises(StudyError, check=lambda error: error.code == "works_here"):
        join(invitation=found, user=make_user(is_superuser=True), year_of_study=2)
    found.refresh_from_db()
    assert found.uses == 0


@pytest.mark.parametrize(("uses", "days", "code"), [(0, 7, "bad_uses"), (501, 7, "bad_uses"), (1, 0, "bad_days")])
def test_an_invitation_has_limits(uses: int, days: int, code: str) -> None:
    with pytest.raises(StudyError, check=lambda error: error.code == code):
        make_invitation(uses_max=uses, days=days)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_the_last_place_at_once_one_gets_it() -> None:
    found, users = make_invitation(uses_max=1), [make_user() for _user in range(6)]
    together = Barrier(6)

    def press(user: User) -> bool:
        try:
            together.wait()
            join(invitation=found, user=user, year_of_study=2)
        except StudyError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, users)) == 1
    assert Participant.objects.filter(study=found.study).count() == 1


# The pages

NEW = {
    "first_name": "Alma",
    "last_name": "Bekova",
    "year_of_study": 2,
    "username": "alma",
    "password": "hinge-and-drive",
}


def test_staff_make_an_invitation_with_qr_code_and_end_it(client: Client) -> None:
    study = make_study()
    client.force_login(make_staff(study, "instructor"))
    url = reverse("studies:invitations", args=[study.pk])
    text = client.post(url, {"uses_max": 25, "days": 3, "section": "2A"}, follow=True).content.decode()
    found = study.invitations.get()
    assert found.code in text
    assert f"http://testserver/join/{token_of(found)}/" in text
    assert 'src="data:image/svg+xml' in text
    assert "0 of 25 joined" in text
    ended = client.post(reverse("studies:invitation-revoke", args=[study.pk, found.pk]), follow=True)
    assert found.code not in ended.content.decode()
    assert client.post(url, {"uses_max": 0, "days": 3}).status_code == 422


def test_an_invitation_of_another_study_cannot_be_ended(client: Client) -> None:
    study, found = make_study(), make_invitation()
    client.force_login(make_staff(study, "owner"))
    assert client.post(reverse("studies:invitation-revoke", args=[study.pk, found.pk])).status_code == 404


def test_a_newcomer_types_the_code_and_gets_an_account(client: Client) -> None:
    found = make_invitation()
    response = client.post(reverse("studies:join-code"), {"code": found.code})
    assert response.status_code == 302
    page = client.get(response.headers["Location"]).content.decode()
    assert "Deadlift 2A" in page
    text = client.post(response.headers["Location"], NEW, follow=True).content.decode()
    assert "Hello, Alma" in text
    assert "confirms you before groups are drawn" in text
    assert User.objects.get(username="alma").check_password("hinge-and-drive")
    assert found.study.participants.get().eligibility == "unconfirmed"


def test_somebody_with_an_account_joins_with_it(client: Client) -> None:
    found, user = make_invitation(), make_user(first_name="Cem")
    client.force_login(user)
    url = reverse("studies:join", args=[token_of(found)])
    assert "You are signed in as Cem" in client.get(url).content.decode()
    assert client.post(url, {"year_of_study": 4}).status_code == 302
    assert found.study.participants.get().user == user
    response = client.post(url, {"year_of_study": 4})
    assert response.status_code == 422
    assert "in the study already" in response.content.decode()
    found.refresh_from_db()
    assert found.uses == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "TAKEN"}, "This user name is taken"),
        ({"password": "short"}, "too short"),
        ({"password": "almabekova"}, "too similar"),
        ({"year_of_study": 9}, "less than or equal to 8"),
        ({"first_name": ""}, "required"),
    ],
)
def test_a_bad_sign_up_makes_no_account_and_uses_nothing(client: Client, changes: dict[str, object], said: str) -> None:
    make_user("taken")
    found = make_invitation(uses_max=1)
    response = client.post(reverse("studies:join", args=[token_of(found)]), NEW | changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not User.objects.filter(username="alma").exists()
    found.refresh_from_db()
    assert found.uses == 0


def test_a_wrong_code_and_an_old_link_say_whom_to_ask(client: Client) -> None:
    response = client.post(reverse("studies:join-code"), {"code": "WRNG-CODE"})
    assert response.status_code == 422
    assert "ask your instructor" in response.content.decode()
    found = make_invitation()
    revoke(invitation=found, by=make_user())
    response = client.get(reverse("studies:join", args=[token_of(found)]))
    assert response.status_code == 404
    assert "used up or over" in response.content.decode()
    assert "Deadlift 2A" not in response.content.decode()
