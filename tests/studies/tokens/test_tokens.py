"""Keys for programs: made once, kept as a hash, never worth more than their owner and their scopes."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.models import ApiToken, AuditEntry, Participant, User
from studies.tokens.authentication import FAILED, TokenMayDoThis, scope_of
from studies.tokens.services import LIVE_MAX, make_token, revoke_token
from tests.factory import PASSWORD, Personas, make_class, make_participant, make_personas, make_staff, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db
ALL = ApiToken.Scope.values


@pytest.fixture
def people() -> Personas:
    return make_personas()


def key_of(user: User, *scopes: str, days: int = 30) -> str:
    return make_token(user=user, name="Test", scopes=scopes or ALL, days=days)[1]


def ask(client: Client, name: str, *args: object, key: str, method: str = "GET") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    return client.generic(method, reverse(name, args=args), b"", "application/json", headers=headers)


# Made and kept


def test_only_the_hash_of_a_key_is_kept(people: Personas) -> None:
    token, key = make_token(user=people.owner, name=" Export ", scopes=["read:studies", "read:studies"], days=30)
    assert re.fullmatch(r"liftlab_[\w-]{43}", key)
    row = ApiToken.objects.values().get(pk=token.pk)
    assert row["digest"] == hashlib.sha256(key.encode()).hexdigest()
    assert key not in str(row)
    assert (row["name"], row["scopes"]) == ("Export", ["read:studies"])
    assert abs(row["expires_at"] - timezone.now() - dt.timedelta(days=30)) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"scopes": []}, "no_scope"),
        ({"scopes": ["read:studies", "admin"]}, "bad_scope"),
        ({"days": 0}, "bad_days"),
        ({"days": 366}, "bad_days"),
    ],
)
def test_a_key_that_can_not_be_is_refused(people: Personas, given: dict[str, Any], code: str) -> None:
    wanted: dict[str, Any] = {"name": "Key", "scopes": ["read:studies"], "days": 1} | given
    with pytest.raises(StudyError) as refusal:
        make_token(user=people.owner, **wanted)
    assert refusal.value.code == code
    assert not ApiToken.objects.exists()


def test_there_are_never_more_than_twenty_live_keys_and_a_revoked_one_makes_room(people: Personas) -> None:
    tokens = [make_token(user=people.owner, name="Key", scopes=ALL, days=1)[0] for _key in range(LIVE_MAX)]
    with pytest.raises(StudyError) as refusal:
        key_of(people.owner)
    assert refusal.value.code == "too_many_tokens"
    revoke_token(token=tokens[0])
    key_of(people.owner)


def test_making_and_revoking_stand_in_the_audit_of_each_study_of_the_owner(people: Personas) -> None:
    make_staff(people.other_study, "researcher", user=people.researcher)
    token, key = make_token(user=people.researcher, name="Key", scopes=["read:analysis"], days=7)
    revoke_token(token=token)
    revoke_token(token=token)
    for study in (people.study, people.other_study):
        first, second = AuditEntry.objects.filter(study=study).order_by("number")
        assert (first.action, first.payload) == (
            "token made",
            {"token": token.pk, "scopes": ["read:analysis"], "days": 7},
        )
        assert (second.action, second.actor, second.payload) == (
            "token revoked",
            people.researcher,
            {"token": token.pk},
        )
    assert not AuditEntry.objects.filter(payload__icontains=key).exists()


# Used


def test_a_program_with_a_key_reads_what_its_owner_reads(people: Personas, client: Client) -> None:
    key = key_of(people.researcher, "read:studies")
    response = ask(client, "study-participants", people.study.pk, key=key)
    assert response.status_code == 200
    rows = response.json()["results"]
    assert {row["name"] for row in rows} == {None}
    assert {row["arm"] for row in rows} == {"group-a", "group-b"}
    assert "sessionid" not in response.cookies
    used = ApiToken.objects.get().last_used_at
    assert used is not None
    assert timezone.now() - used < dt.timedelta(minutes=1)


@pytest.mark.parametrize("how", ["unknown", "revoked", "over", "account closed", "empty"])
def test_a_key_that_is_none_is_refused_and_says_so(people: Personas, client: Client, how: str) -> None:
    key = key_of(people.owner)
    if how == "unknown":
        key = key[:-1] + ("A" if key[-1] != "A" else "B")
    elif how == "revoked":
        revoke_token(token=ApiToken.objects.get())
    elif how == "over":
        ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    elif how == "account closed":
        User.objects.filter(pk=people.owner.pk).update(is_active=False)
    else:
        key = ""
    response = ask(client, "study-participants", people.study.pk, key=key)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "Make a new one" in response.json()["detail"]


def test_a_bad_key_is_refused_also_beside_a_good_session(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    assert ask(client, "study-participants", people.study.pk, key="liftlab_x").status_code == 401


def test_a_key_opens_no_page(people: Personas, client: Client) -> None:
    response = ask(client, "studies:detail", people.study.pk, key=key_of(people.owner))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_after_many_unknown_keys_the_address_waits_and_good_ones_never_count(people: Personas, client: Client) -> None:
    key = key_of(people.owner)
    for _try in range(FAILED.most + 5):
        assert ask(client, "study-participants", people.study.pk, key=key).status_code == 200
    for _try in range(FAILED.most):
        assert ask(client, "study-participants", people.study.pk, key="x").status_code == 401
    response = ask(client, "study-participants", people.study.pk, key="x")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "900")
    assert ask(client, "study-participants", people.study.pk, key=key).status_code == 429


def test_the_time_of_use_is_written_once_a_minute(people: Personas, client: Client) -> None:
    key = key_of(people.owner)
    earlier = timezone.now() - dt.timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=earlier)
    ask(client, "study-participants", people.study.pk, key=key)
    assert ApiToken.objects.get().last_used_at == earlier
    ApiToken.objects.update(last_used_at=earlier - dt.timedelta(minutes=2))
    ask(client, "study-participants", people.study.pk, key=key)
    assert (ApiToken.objects.get().last_used_at or earlier) > earlier


# Never worth more than owner and scopes

ROUTES = [
    ("study-participants", "read:studies"),
    ("study-plans", "read:studies"),
    ("study-audit", "read:studies"),
    ("study-strictness", "read:coaching"),
    ("study-agreement", "read:analysis"),
]


@pytest.mark.parametrize(("name", "scope"), ROUTES)
def test_exactly_the_scope_of_a_route_opens_it(people: Personas, client: Client, name: str, scope: str) -> None:
    others = [other for other in ALL if other != scope]
    assert ask(client, name, people.study.pk, key=key_of(people.owner, scope)).status_code == 200
    refused = ask(client, name, people.study.pk, key=key_of(people.owner, *others))
    assert refused.status_code == 403
    assert "scope" in refused.json()["detail"]


def test_reading_is_not_writing(people: Personas, client: Client) -> None:
    reading, writing = key_of(people.owner, "read:studies"), key_of(people.owner, "write:studies")
    assert ask(client, "study-plans", people.study.pk, key=reading, method="POST").status_code == 403
    assert ask(client, "study-plans", people.study.pk, key=writing, method="POST").status_code == 400
    assert ask(client, "study-plans", people.study.pk, key=writing).status_code == 403


@pytest.mark.parametrize(
    ("name", "method"), [("study-staff", "GET"), ("study-staff", "POST"), ("study-unblind", "POST")]
)
def test_no_key_names_staff_or_unblinds(people: Personas, client: Client, name: str, method: str) -> None:
    assert ask(client, name, people.study.pk, key=key_of(people.owner), method=method).status_code == 403


def test_a_key_with_every_scope_does_not_make_its_owner_more(people: Personas, client: Client) -> None:
    for who, status in ((people.student, 403), (people.other_instructor, 404), (people.assessor, 403)):
        assert ask(client, "study-participants", people.study.pk, key=key_of(who)).status_code == status
    assert ask(client, "study-plans", people.study.pk, key=key_of(people.researcher), method="POST").status_code == 403


def test_sections_hold_through_a_key(people: Personas, client: Client) -> None:
    make_class(people.study, 3)
    own = make_participant(people.study)
    Participant.objects.filter(pk=own.pk).update(section="9Z")
    key = key_of(make_staff(people.study, "instructor", sections=("9Z",)))
    rows = ask(client, "study-participants", people.study.pk, key=key).json()["results"]
    assert [row["code"] for row in rows] == [own.code]
    assert ask(client, "student-progress", people.participant.pk, key=key).status_code == 404


def test_a_role_that_is_taken_away_takes_the_key_with_it(people: Personas, client: Client) -> None:
    key = key_of(people.researcher)
    assert ask(client, "study-participants", people.study.pk, key=key).status_code == 200
    people.study.memberships.filter(user=people.researcher).delete()
    assert ask(client, "study-participants", people.study.pk, key=key).status_code == 404


def api_views(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from api_views(pattern.url_patterns)
        else:
            view = getattr(pattern.callback, "cls", None)
            if view is not None:
                yield str(pattern.name), view


def test_every_view_of_the_api_asks_for_a_scope() -> None:
    views = dict(api_views(get_resolver().url_patterns))
    assert len(views) > 10
    unguarded = {name for name, view in views.items() if TokenMayDoThis not in view.permission_classes}
    assert unguarded == {"schema"}, "a view with permission_classes of its own must keep TokenMayDoThis"
    unreachable = {name for name, view in views.items() if scope_of(view(), "GET") is None}
    assert unreachable == {
        *("schema", "study-staff", "study-staff-member", "study-unblind"),
        *("consent-countersign", "erasure-decision"),
    }


def test_the_schema_names_the_key_as_a_way_to_sign_in(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    text = client.get(reverse("schema"), headers={"Accept": "application/json"}).content.decode()
    assert '"bearer"' in text or "scheme: bearer" in text


# The page


def test_a_key_is_shown_once_on_the_page_and_revoked_there(people: Personas, client: Client) -> None:
    client.force_login(people.owner)
    url = reverse("tokens")
    made = client.post(url, {"name": "Weekly export", "scopes": ["read:studies"], "days": 30})
    assert made.status_code == 201
    assert "no-store" in made.headers["Cache-Control"]
    found = re.search(r"liftlab_[\w-]{43}", made.content.decode())
    assert found is not None
    assert ask(client, "study-participants", people.study.pk, key=found[0]).status_code == 200
    again = client.get(url).content.decode()
    assert "Weekly export" in again
    assert found[0] not in again
    client.post(reverse("token-revoke", args=[ApiToken.objects.get().pk]))
    assert "revoked" in client.get(url).content.decode()
    client.logout()
    assert ask(client, "study-participants", people.study.pk, key=found[0]).status_code == 401


def test_nobody_revokes_anothers_key(people: Personas, client: Client) -> None:
    key_of(people.owner)
    token = ApiToken.objects.get()
    client.force_login(people.superuser)
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_a_form_without_a_choice_says_what_is_missing(client: Client) -> None:
    client.force_login(make_user())
    response = client.post(reverse("tokens"), {"name": "Key", "days": 400})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"scopes", "days"}
    assert not ApiToken.objects.exists()


def test_a_signed_in_person_needs_no_key(people: Personas, client: Client) -> None:
    assert client.login(username=people.owner.username, password=PASSWORD)
    assert client.get(reverse("study-participants", args=[people.study.pk])).status_code == 200
