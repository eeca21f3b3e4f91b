"""Every route, asked by every kind of person.

The table (`tests/house/routes/`) is the promise; a route that is not in it fails the test.

A line is a route, a method and the status for each role. 302 for `anonymous` leads to the login page; 404 is for what
one may not know of, 403 for what one may read but not do. Bodies are empty, so 422 (or 400) means that this person may
write here and was only told what is missing. Variants in brackets are other objects or files of the same route.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.http import StreamingHttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from coaching.models import Still
from studies.models import AccessRecord
from tests.factory import make_injury
from tests.house.routes import ARGUMENTS, ROLES, ROWS, WITHOUT_ARGUMENTS, prepare
from tests.house.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponseBase
    from django.test import Client

pytestmark = pytest.mark.django_db


OWN_REDIRECT = {"logout", "password_reset_confirm"}
MAY_READ_THE_NAME = {"student", "instructor", "owner", "superuser"}
ANY_METHOD = {("health", method) for method in ("POST", "PUT", "PATCH", "DELETE")} | {
    ("login", "PUT"),  # Django's form views take PUT for POST
    ("password-change", "PUT"),
    ("password_reset_confirm", "PUT"),
    ("password_reset_confirm", "PATCH"),  # and a link redirects whatever the method
    ("password_reset_confirm", "DELETE"),
}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def world() -> World:
    made = make_world()
    prepare(made)
    return made


def routes(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def all_routes() -> set[str]:
    return set(routes(get_resolver().url_patterns))


@dataclass(frozen=True, slots=True)
class Line:
    route: str
    variant: str
    method: str
    statuses: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.route}{f'[{self.variant}]' if self.variant else ''}"


def lines() -> list[Line]:
    return [_line(row) for row in ROWS]


def _line(row: str) -> Line:
    match = re.fullmatch(r"(\S+?)(?:\[(.+)\])? +(GET|POST|DELETE) +([\d ]+)", row)
    assert match is not None, f"can't read: {row}"
    route, variant, method, statuses = match.groups()
    return Line(route, variant or "", method, dict(zip(ROLES, map(int, statuses.split()), strict=True)))


def url_of(line: Line, world: World) -> str:
    if line.route in WITHOUT_ARGUMENTS:
        return reverse(line.route)
    fitting = [prefix for prefix in ARGUMENTS if line.route.startswith(prefix)]
    arguments = ARGUMENTS[max(fitting, key=len)](world) if fitting else {}
    for word in line.variant.split(", "):
        if word == "of control":
            session = world.session_of_control
            about_student = "progress" in line.route or "load-velocity" in line.route
            arguments["pk"] = session.participant_id if about_student else session.pk
            if "still" in line.route:
                arguments["number"] = Still.objects.get(assessment__run__session=session).pk
        elif word == "in analysis":
            arguments["pk"] = world.session_in_analysis.pk
        elif word:
            arguments["kind"] = word
    return reverse(line.route, kwargs=arguments)


def ask(client: Client, line: Line, world: World, role: str) -> HttpResponseBase:
    """Ask as this role, and undo what the answer did, so that the roles don't meet each other's traces."""
    client.logout()
    if role != "anonymous":
        client.force_login(getattr(world.people, role))
    with transaction.atomic():
        response: HttpResponseBase = client.generic(line.method, url_of(line, world), b"", FORM)
        transaction.set_rollback(True)
    return response


def body(response: HttpResponseBase) -> str:
    parts = response.streaming_content if isinstance(response, StreamingHttpResponse) else [response.content]  # type: ignore[attr-defined]
    return b"".join(parts).decode(errors="replace")  # type: ignore[arg-type]  # pictures and documents too


@pytest.mark.parametrize("line", lines(), ids=str)
def test_every_role_gets_the_status_of_the_table(client: Client, world: World, line: Line) -> None:
    people = world.people
    secrets = {people.student.last_name, people.student.username}
    seed = people.study.plans.get().seed
    found, leaks = {}, []
    for role in line.statuses:
        response = ask(client, line, world, role)
        found[role] = response.status_code
        text = body(response)
        assert seed not in text, f"the seed of an open plan is shown to {role}"
        if role not in MAY_READ_THE_NAME and any(secret in text for secret in secrets):
            leaks.append(role)
        if role == "anonymous" and response.status_code == 302 and line.route not in OWN_REDIRECT:
            assert response.headers["Location"].startswith("/login/?next=")
    assert found == line.statuses
    assert leaks == [], f"the student's name is shown to {leaks}"


def test_every_route_is_in_the_table_and_nothing_else_is() -> None:
    walked = {route for route in all_routes() if not route.startswith("admin:")}
    assert {line.route for line in lines()} == walked


def test_a_method_that_is_not_in_the_table_is_refused(client: Client, world: World) -> None:
    promised = {(line.route, line.method) for line in lines()}
    for line in {line.route: line for line in lines()}.values():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {m for route, m in promised if route == line.route}:
            if (line.route, method) in ANY_METHOD:
                continue
            other = Line(line.route, line.variant, method, {})
            for role in ("student", "owner", "superuser"):
                response = ask(client, other, world, role)
                assert response.status_code == 405, f"{role} {other}: {response.status_code}"


def admin_routes() -> Iterator[tuple[str, dict[str, str]]]:
    """Every route of the admin with arguments that fit it."""
    resolver = next(p for p in get_resolver().url_patterns if isinstance(p, URLResolver) and p.namespace == "admin")
    values = {"object_id": "1", "app_label": "studies", "content_type_id": "1", "id": "1", "url": "x"}
    stack: list[URLPattern | URLResolver] = list(resolver.url_patterns)
    while stack:
        pattern = stack.pop()
        if isinstance(pattern, URLResolver):
            stack += pattern.url_patterns
        elif pattern.name:
            yield pattern.name, {name: values[name] for name in pattern.pattern.regex.groupindex}


def test_nobody_but_the_superuser_enters_the_admin(client: Client, world: World) -> None:
    seen = 0
    for name, arguments in admin_routes():
        if name in {"login", "logout"}:
            continue
        url = reverse(f"admin:{name}", kwargs=arguments)
        for role in ("student", "instructor", "assessor", "researcher", "officer", "owner"):
            client.force_login(getattr(world.people, role))
            response = client.get(url)
            assert response.status_code == 302, f"{role} {url}"
            assert response.headers["Location"].startswith("/admin/login/")
        client.force_login(world.people.superuser)
        assert client.get(url).status_code in {200, 302, 403, 404, 405}, url
        seen += 1
    assert seen > 50


def test_records_of_what_happened_cannot_be_changed_in_the_admin(client: Client, world: World) -> None:
    client.force_login(world.people.superuser)
    allocation = world.people.study.allocation_lists.earliest("pk")
    assert client.get("/admin/studies/allocationlist/add/").status_code == 403
    assert client.post(f"/admin/studies/allocationlist/{allocation.pk}/change/", {"seed": 1}).status_code == 403
    assert client.post(f"/admin/studies/allocationlist/{allocation.pk}/delete/", {"post": "yes"}).status_code == 403


def test_opening_an_injury_in_the_admin_is_recorded(client: Client, world: World) -> None:
    injury = make_injury(world.people.participant)
    client.force_login(world.people.superuser)
    assert client.get(f"/admin/studies/injury/{injury.pk}/change/").status_code == 200
    record = AccessRecord.objects.get(participant=world.people.participant)
    assert (record.user, record.what) == (world.people.superuser, "injury in the admin")
