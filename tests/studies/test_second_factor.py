"""Nothing opens before the second factor is given, and each code is good once."""

from __future__ import annotations

import time
from binascii import unhexlify
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from studies.second_factor.services import begin, confirm
from tests.factory import PASSWORD, make_personas

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from studies.models import User

pytestmark = pytest.mark.django_db

VERIFY, SET_UP, STATE = "/account/second-factor/verify/", "/account/second-factor/set-up/", "/account/second-factor/"


def code_of(user: User, *, steps: int = 0) -> str:
    """What the user's app shows `steps` half minutes from now."""
    totp = TOTP(unhexlify(TOTPDevice.objects.get(user=user).key))
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


@pytest.fixture
def owner() -> User:
    return make_personas().owner


def with_factor(user: User) -> list[str]:
    """The user sets one up; the code used for it can't be used again."""
    begin(user)
    return confirm(user, code_of(user))


def sign_in(client: Client, user: User) -> str:
    """Give the password on the page. Returns where the home page leads then."""
    response = client.post("/login/", {"username": user.username, "password": PASSWORD})
    assert response.status_code == 302
    home = client.get("/")
    return home.headers.get("Location", "home")


def test_staff_must_set_one_up_where_it_is_required(client: Client, owner: User, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    assert sign_in(client, owner) == SET_UP
    assert client.get("/sessions/").headers["Location"] == SET_UP
    assert client.get(STATE).headers["Location"] == SET_UP
    assert client.get("/api/sessions/").status_code == 403
    page = client.get(SET_UP)
    assert page.status_code == 200
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    done = client.post(SET_UP, {"code": code_of(owner)})
    codes = set(StaticToken.objects.values_list("token", flat=True))
    assert len(codes) == 10
    assert all(code in done.content.decode() for code in codes)
    assert client.get("/").status_code == 200


def test_a_student_and_the_embedded_default_are_asked_for_nothing(client: Client, settings: Settings) -> None:
    people = make_personas()
    settings.REQUIRE_SECOND_FACTOR = True
    assert sign_in(client, people.student) == "home"
    settings.REQUIRE_SECOND_FACTOR = False
    assert sign_in(client, people.owner) == "home"


def test_the_password_alone_opens_nothing(client: Client, owner: User) -> None:
    with_factor(owner)
    study = owner.memberships.get().study
    assert sign_in(client, owner) == VERIFY
    for path in (f"/studies/{study.pk}/", f"/api/studies/{study.pk}/participants/", "/admin/", STATE, SET_UP):
        assert client.get(path).status_code in {302, 403}, path
        assert study.title not in client.get(path, follow=False).content.decode()
    assert client.get("/health/").status_code == 200
    assert client.post(VERIFY, {"code": code_of(owner, steps=1)}).headers["Location"] == "/"
    assert client.get(f"/studies/{study.pk}/").status_code == 200


def test_one_lands_where_one_wanted_to_go_and_nowhere_else(client: Client, owner: User) -> None:
    with_factor(owner)
    sign_in(client, owner)
    code = code_of(owner, steps=1)
    elsewhere = client.post(VERIFY, {"code": code, "next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"
    client.logout()
    sign_in(client, owner)
    TOTPDevice.objects.update(last_t=-1)
    assert client.post(VERIFY, {"code": code, "next": "/sessions/"}).headers["Location"] == "/sessions/"


def test_a_code_is_good_once(client: Client, owner: User) -> None:
    with_factor(owner)
    sign_in(client, owner)
    code = code_of(owner, steps=1)
    assert client.post(VERIFY, {"code": code}).status_code == 302
    client.logout()
    sign_in(client, owner)
    assert client.post(VERIFY, {"code": code}).status_code == 422
    assert client.get("/").headers["Location"] == VERIFY


def test_a_code_on_paper_opens_once_and_in_any_spelling(client: Client, owner: User) -> None:
    first, *_others = with_factor(owner)
    sign_in(client, owner)
    typed = f" {first[:4].upper()} {first[4:]} "
    assert client.post(VERIFY, {"code": typed}).status_code == 302
    assert client.get("/").status_code == 200
    client.logout()
    sign_in(client, owner)
    assert client.post(VERIFY, {"code": first}).status_code == 422
    assert StaticToken.objects.count() == 9


def test_wrong_codes_make_the_right_one_wait(client: Client, owner: User) -> None:
    with_factor(owner)
    sign_in(client, owner)
    for _try in range(3):
        assert client.post(VERIFY, {"code": "123 123"}).status_code == 422
    device = TOTPDevice.objects.get(user=owner)
    assert device.throttling_failure_count >= 1
    assert client.post(VERIFY, {"code": code_of(owner, steps=1)}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    assert client.post(VERIFY, {"code": code_of(owner, steps=1)}).status_code == 302


def test_another_users_code_opens_nothing(client: Client) -> None:
    people = make_personas()
    with_factor(people.owner)
    papers = with_factor(people.instructor)
    sign_in(client, people.owner)
    assert client.post(VERIFY, {"code": papers[0]}).status_code == 422
    assert client.get("/").headers["Location"] == VERIFY


def test_it_is_removed_and_new_codes_are_made_with_a_code_only(client: Client, owner: User) -> None:
    old = with_factor(owner)
    client.force_login(owner)
    client.post(VERIFY, {"code": old[0]})
    assert client.post(STATE, {"code": "no such", "remove": "1"}).status_code == 422
    assert TOTPDevice.objects.filter(user=owner).exists()
    StaticToken.objects.model._meta.get_field("device").related_model.objects.update(throttling_failure_timestamp=None)
    renewed = client.post(STATE, {"code": old[1], "renew": "1"})
    new = set(StaticToken.objects.values_list("token", flat=True))
    assert len(new) == 10
    assert not new & set(old)
    assert all(code in renewed.content.decode() for code in new)
    assert client.post(STATE, {"code": min(new), "remove": "1"}).status_code == 302
    assert not TOTPDevice.objects.filter(user=owner).exists()
    assert not StaticToken.objects.exists()


def test_an_app_that_was_set_up_is_not_shown_again(client: Client, owner: User) -> None:
    papers = with_factor(owner)
    client.force_login(owner)
    client.post(VERIFY, {"code": papers[0]})
    assert client.get(SET_UP).headers["Location"] == STATE


def test_signing_in_costs_pages_no_query_more(client: Client, owner: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(owner)
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/password/")
    assert not [query for query in queries.captured_queries if "otp" in query["sql"]]


def test_the_administrator_helps_who_lost_phone_and_paper_and_sees_no_key(client: Client) -> None:
    people = make_personas()
    with_factor(people.owner)
    client.force_login(people.superuser)
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    chosen = {"action": "remove_second_factor", "_selected_action": [people.owner.pk]}
    client.post("/admin/studies/user/", chosen)
    assert LogEntry.objects.get(object_id=str(people.owner.pk)).change_message == "Second factor removed."
    assert sign_in(client, people.owner) == "home"
