"""Wrong passwords and wrong codes are counted; who waits is told how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from studies.invitations import invite
from studies.models import Study
from studies.sign_in import OF_ACCOUNT, OF_ADDRESS, SIGNATURE
from studies.views.invitations import WRONG_CODES
from tests.factory import PASSWORD, make_personas, make_study, make_user

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

pytestmark = pytest.mark.django_db


def try_in(client: Client, name: str, password: str, *, where: str = "10.0.0.1", door: str = "login") -> HttpResponse:
    given = {"username": name, "password": password}
    return client.post(reverse(door), given, REMOTE_ADDR=where)  # type: ignore[return-value]


def test_after_ten_wrong_passwords_the_account_waits_at_this_address_even_for_the_right_one(client: Client) -> None:
    make_user("alma")
    for _try in range(OF_ACCOUNT.most):
        response = try_in(client, "alma", "wrong")
        assert response.status_code == 200
        assert "Wait" not in response.content.decode()
    for name in ("alma", "ALMA"):
        refused = try_in(client, name, PASSWORD)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
        assert "Wait 15 minutes" in refused.content.decode()
    assert try_in(client, "alma", PASSWORD, where="10.0.0.2").status_code == 302


def test_another_account_at_the_same_address_is_not_held_up(client: Client) -> None:
    make_user("alma")
    make_user("dana")
    for _try in range(OF_ACCOUNT.most + 1):
        try_in(client, "alma", "wrong")
    assert try_in(client, "dana", PASSWORD).status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client: Client) -> None:
    make_user("alma")
    for _round in range(3):
        for _try in range(OF_ACCOUNT.most - 1):
            try_in(client, "alma", "wrong")
        assert try_in(client, "alma", PASSWORD).status_code == 302
        client.logout()


def test_one_password_tried_at_many_accounts_is_stopped(client: Client) -> None:
    for number in range(OF_ADDRESS.most):
        assert try_in(client, f"guess{number}", "Spring2026").status_code == 200
    assert try_in(client, "guess", "Spring2026").status_code == 429
    assert try_in(client, "guess", "Spring2026", where="10.0.0.2").status_code == 200


def test_a_whole_class_behind_one_address_signs_in(client: Client) -> None:
    make_user("alma")
    for _student in range(OF_ADDRESS.most + 20):
        assert try_in(client, "alma", PASSWORD).status_code == 302


def test_the_admins_own_door_counts_too(client: Client) -> None:
    make_user("root", is_superuser=True)
    for _try in range(OF_ACCOUNT.most):
        try_in(client, "root", "wrong", door="admin:login")
    text = try_in(client, "root", PASSWORD, door="admin:login").content.decode()
    assert "Too many attempts" in text
    assert try_in(client, "root", PASSWORD).status_code == 429


def test_a_form_without_password_is_no_try(client: Client) -> None:
    make_user("alma")
    for _try in range(OF_ACCOUNT.most + 5):
        try_in(client, "alma", "")
    assert try_in(client, "alma", PASSWORD).status_code == 302


def type_code(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("studies:join-code"), {"code": code})  # type: ignore[return-value]


def test_wrong_codes_are_counted_and_right_ones_are_not(client: Client) -> None:
    study, owner = make_study(), make_user()
    invitation = invite(study=study, by=owner, uses_max=50, days=1)
    for _student in range(WRONG_CODES.most + 10):
        assert type_code(client, invitation.code).status_code == 302
    for _try in range(WRONG_CODES.most):
        assert type_code(client, "AAAA-BBBB").status_code == 422
    refused = type_code(client, invitation.code)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in refused.content.decode()
    found = client.post(reverse("studies:join-code"), {"code": invitation.code}, REMOTE_ADDR="10.0.0.9")
    assert found.status_code == 302


def test_the_signature_under_an_unblinding_can_not_be_guessed(client: Client) -> None:
    people = make_personas()
    client.force_login(people.owner)
    url = reverse("studies:unblind", args=[people.study.pk])
    given = {"reason": "Done", "understood": "on"}
    for _try in range(SIGNATURE.most):
        assert "not your password" in client.post(url, given | {"password": "wrong"}).content.decode()
    assert "Too many attempts" in client.post(url, given | {"password": PASSWORD}).content.decode()
    assert Study.objects.get(pk=people.study.pk).unblinded_at is None
