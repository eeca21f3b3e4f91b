"""Every route, asked by every kind of person. The table is the promise; a route that is not in it fails the test.

A line is a route, a method and the status for each role. 302 for `anonymous` leads to the login page; 404 is for what
one may not know of, 403 for what one may read but not do. Bodies are empty, so 422 (or 400) means that this person may
write here and was only told what is missing. Variants in brackets are other objects or files of the same route.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import StreamingHttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from coaching.models import AnalysisRun, Assessment, PendingUpload, RepetitionRecord, Session, Still
from studies.invitations import invite, token_of
from studies.models import AccessRecord, Participant
from studies.plans import commit_plan
from studies.randomise.design import COMPLETE, Design
from studies.roster.imports import preview
from tests.factory import Personas, make_class, make_injury, make_measurement, make_outcome, make_personas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpResponseBase
    from django.test import Client

pytestmark = pytest.mark.django_db

# `student` is of the arm with AI feedback, `classmate` of the arm without.
TABLE = """
route                                     method anonymous student classmate other_student instructor other_instructor researcher owner superuser

home                                      GET    302 200 200 200 200 200 200 200 200
login                                     GET    200 200 200 200 200 200 200 200 200
login                                     POST   200 200 200 200 200 200 200 200 200
logout                                    POST   302 302 302 302 302 302 302 302 302
password-change                           GET    302 200 200 200 200 200 200 200 200
password-change                           POST   302 200 200 200 200 200 200 200 200
password_reset_confirm                    GET    302 302 302 302 302 302 302 302 302
password_reset_confirm                    POST   302 302 302 302 302 302 302 302 302
health                                    GET    200 200 200 200 200 200 200 200 200
schema                                    GET    403 200 200 200 200 200 200 200 200

studies:detail                            GET    302 302 302 404 200 404 200 200 200
studies:enrol                             GET    302 403 403 404 200 404 403 200 200
studies:enrol                             POST   302 403 403 404 422 404 403 422 422
studies:allocate                          GET    302 403 403 404 200 404 200 200 200
studies:allocate                          POST   302 403 403 404 422 404 403 422 422
studies:allocation-list                   GET    302 403 403 404 200 404 200 200 200
studies:audit                             GET    302 403 403 404 403 404 403 200 200
studies:audit-file                        GET    302 403 403 404 403 404 403 200 200
studies:roster-file                       GET    302 403 403 404 200 404 403 200 200
studies:roster-file                       POST   302 403 403 404 422 404 403 422 422
studies:roster-import                     GET    302 403 403 404 200 404 403 200 200
studies:roster-import                     POST   302 403 403 404 422 404 403 422 422
studies:roster                            GET    302 403 403 404 200 404 200 200 200
studies:screening                         GET    302 403 403 404 200 404 200 200 200
studies:screening                         POST   302 403 403 404 422 404 403 422 422
studies:invitations                       GET    302 403 403 404 200 404 403 200 200
studies:invitations                       POST   302 403 403 404 422 404 403 422 422
studies:invitation-revoke                 POST   302 403 403 404 302 404 403 302 302
studies:join-code                         GET    200 200 200 200 200 200 200 200 200
studies:join-code                         POST   422 422 422 422 422 422 422 422 422
studies:join                              GET    200 200 200 200 200 200 200 200 200
studies:join                              POST   422 422 422 422 422 422 422 422 422
studies:baseline                          GET    302 403 404 404 200 404 403 200 200
studies:baseline                          POST   302 403 404 404 422 404 403 422 422
studies:plan-new                          GET    302 403 403 404 200 404 403 200 200
studies:plan-new                          POST   302 403 403 404 422 404 403 422 422
studies:simulation                        GET    302 403 403 404 200 404 200 200 200
studies:plan-published                    GET    302 403 403 404 200 404 200 200 200
studies:plan-assign                       POST   302 403 403 404 302 404 403 302 302
studies:plan-close                        GET    302 403 403 404 403 404 403 200 200
studies:plan-close                        POST   302 403 403 404 403 404 403 422 422
studies:assign                            POST   302 403 404 404 302 404 403 302 302
studies:verifier                          GET    200 200 200 200 200 200 200 200 200
studies:lesson-add                        GET    302 403 403 404 200 404 403 200 200
studies:lesson-add                        POST   302 403 403 404 422 404 403 422 422
studies:participant                       GET    302 200 404 404 200 404 200 200 200
studies:injury-add                        GET    302 403 404 404 200 404 403 200 200
studies:injury-add                        POST   302 403 404 404 422 404 403 422 422
studies:move                              GET    302 403 404 404 200 404 403 200 200
studies:move                              POST   302 403 404 404 422 404 403 422 422

analysis:integrity                        GET    302 200 200 200 200 200 200 200 200
analysis:integrity                        POST   302 422 422 422 422 422 422 422 422
analysis:report                           GET    302 403 403 404 200 404 200 200 200
analysis:agreement                        GET    302 403 403 404 200 404 200 200 200
analysis:report-json                      GET    302 403 403 404 200 404 200 200 200
analysis:report-csv                       GET    302 403 403 404 200 404 200 200 200

coaching:session-list                     GET    302 200 200 200 200 200 200 200 200
coaching:upload                           GET    302 200 200 200 200 200 200 200 200
coaching:upload                           POST   302 422 422 422 422 422 422 422 422
coaching:upload-begin                     POST   302 422 422 422 422 422 422 422 422
coaching:upload-slice                     GET    302 200 404 404 404 404 404 404 404
coaching:upload-slice                     POST   302 400 404 404 404 404 404 404 404
coaching:upload-slice                     DELETE 302 204 404 404 404 404 404 404 404
coaching:session                          GET    302 200 404 404 200 404 200 200 200
coaching:session[of control]              GET    302 404 200 404 200 404 200 200 200
coaching:session[in analysis]             GET    302 200 404 404 200 404 200 200 200
coaching:review-queue                     GET    302 403 403 403 200 200 403 200 200
coaching:review                           POST   302 403 404 404 422 404 403 422 422
coaching:review[of control]               POST   302 404 403 404 422 404 403 422 422
coaching:review[in analysis]              POST   302 403 404 404 404 404 403 404 404
coaching:review-add                       POST   302 403 404 404 422 404 403 422 422
coaching:review-add[of control]           POST   302 404 403 404 422 404 403 422 422
coaching:review-add[in analysis]          POST   302 403 404 404 422 404 403 422 422
coaching:still                            GET    302 200 404 404 200 404 403 200 200
coaching:still[of control]                GET    302 404 403 404 200 404 403 200 200
coaching:strictness                       GET    302 403 403 404 200 404 200 200 200
coaching:strictness                       POST   302 403 403 404 422 404 403 422 422
coaching:progress                         GET    302 200 404 404 200 404 200 200 200
coaching:progress[of control]             GET    302 404 403 404 200 404 200 200 200
coaching:review-carry                     POST   302 403 404 404 302 404 403 302 302
coaching:review-carry[of control]         POST   302 404 403 404 302 404 403 302 302
coaching:review-carry[in analysis]        POST   302 403 404 404 302 404 403 302 302
coaching:blind                            GET    302 403 404 404 200 404 403 200 200
coaching:blind[of control]                GET    302 404 403 404 200 404 403 200 200
coaching:blind[in analysis]               GET    302 403 404 404 200 404 403 200 200
coaching:blind-step                       GET    302 403 404 404 200 404 403 200 200
coaching:blind-step                       POST   302 403 404 404 422 404 403 422 422
coaching:blind-step[of control]           GET    302 404 403 404 200 404 403 200 200
coaching:blind-step[of control]           POST   302 404 403 404 422 404 403 422 422
coaching:blind-step[in analysis]          POST   302 403 404 404 404 404 403 404 404
coaching:blind-add                        POST   302 403 404 404 422 404 403 422 422
coaching:blind-add[of control]            POST   302 404 403 404 422 404 403 422 422
coaching:blind-add[in analysis]           POST   302 403 404 404 404 404 403 404 404
coaching:blind-verdict                    GET    302 403 404 404 302 404 403 302 302
coaching:blind-verdict[of control]        GET    302 404 403 404 302 404 403 302 302
coaching:blind-verdict[in analysis]       GET    302 403 404 404 404 404 403 404 404
coaching:run-status                       GET    302 200 404 404 200 404 200 200 200
coaching:run-status[in analysis]          GET    302 200 404 404 200 404 200 200 200
coaching:run-cancel                       POST   302 302 404 404 302 404 403 302 302
coaching:run-cancel[in analysis]          POST   302 302 404 404 302 404 403 302 302
coaching:run-again                        POST   302 302 404 404 302 404 403 302 302
coaching:run-again[in analysis]           POST   302 302 404 404 302 404 403 302 302
coaching:media[video]                     GET    302 200 404 404 200 404 403 200 200
coaching:media[video, of control]         GET    302 404 200 404 200 404 403 200 200
coaching:media[overlay]                   GET    302 200 404 404 200 404 403 200 200
coaching:media[overlay, of control]       GET    302 404 403 404 200 404 403 200 200
coaching:media[poster]                    GET    302 200 404 404 200 404 403 200 200
coaching:media[poster, of control]        GET    302 404 403 404 200 404 403 200 200
coaching:media[series]                    GET    302 200 404 404 200 404 200 200 200
coaching:media[series, of control]        GET    302 404 403 404 200 404 200 200 200
coaching:media[document.json]             GET    302 200 404 404 200 404 200 200 200
coaching:media[document.json, of control] GET    302 404 403 404 200 404 200 200 200
coaching:media[reps.csv]                  GET    302 200 404 404 200 404 200 200 200
coaching:media[reps.csv, of control]      GET    302 404 403 404 200 404 200 200 200

study-participants                        GET    403 403 403 404 200 404 200 200 200
study-plans                               GET    403 403 403 404 200 404 200 200 200
study-plans                               POST   403 403 403 404 400 404 403 400 400
plan-assign                               POST   403 403 403 404 422 404 403 422 422
plan-close                                POST   403 403 403 404 403 404 403 400 400
study-audit                               GET    403 403 403 404 403 404 403 200 200
session-list                              GET    403 200 200 200 200 200 200 200 200
session-list                              POST   403 422 422 422 422 422 422 422 422
session-detail                            GET    403 200 404 404 200 404 200 200 200
session-detail[of control]                GET    403 404 200 404 200 404 200 200 200
study-agreement                           GET    403 403 403 404 200 404 200 200 200
session-reviews                           GET    403 200 404 404 200 404 200 200 200
session-reviews                           POST   403 403 404 404 400 404 403 400 400
session-reviews[of control]               GET    403 404 200 404 200 404 200 200 200
session-reviews[of control]               POST   403 404 403 404 400 404 403 400 400
study-strictness                          GET    403 403 403 404 200 404 200 200 200
study-strictness                          POST   403 403 403 404 400 404 403 400 400
student-progress                          GET    403 200 404 404 200 404 200 200 200
student-progress[of control]              GET    403 404 403 404 200 404 200 200 200
"""  # noqa: E501

OWN_REDIRECT = {"logout", "password_reset_confirm"}
MAY_NOT_READ_THE_NAME = {"anonymous", "classmate", "other_student", "other_instructor", "researcher"}
ANY_METHOD = {("health", method) for method in ("POST", "PUT", "PATCH", "DELETE")} | {
    ("login", "PUT"),  # Django's form views take PUT for POST
    ("password-change", "PUT"),
    ("password_reset_confirm", "PUT"),
    ("password_reset_confirm", "PATCH"),  # and a link redirects whatever the method
    ("password_reset_confirm", "DELETE"),
}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class World:
    """One study with everything that a route can name, and the people of another."""

    people: Personas
    session: Session
    session_of_control: Session
    session_in_analysis: Session
    upload: PendingUpload


def _session(participant: Participant, *, state: str = AnalysisRun.State.DONE) -> Session:
    """A film with its result, every file of it stored."""

    def stored(name: str) -> str:
        return default_storage.save(name, ContentFile(b"{}"))

    about = {"video": stored("house/film.mp4"), "container": "mov", "stored_sha256": "0" * 64}
    session = Session.objects.create(participant=participant, **about)
    run = AnalysisRun.objects.create(session=session, state=state)
    if state == AnalysisRun.State.DONE:
        files = {kind: stored(f"house/{kind}") for kind in ("overlay.webm", "poster.jpg", "series.json")}
        assessment = Assessment.objects.create(
            run=run,
            document=DOCUMENT,
            overlay=files["overlay.webm"],
            poster=files["poster.jpg"],
            series=files["series.json"],
        )
        RepetitionRecord.objects.create(assessment=assessment, number=1, start_s=1.0, lockout_s=2.0, end_s=3.0)
        picture = {"purpose": "cue", "fault": "hips_first", "number": 1, "at_s": 1.0}
        Still.objects.create(assessment=assessment, image=stored("house/still.jpg"), **picture)
    return session


DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "clip": "film.mp4",
    "view": "side",
    "refused": None,
    "notices": [],
    "stance": {"label": None, "score": None, "observable": False},
    "lean": {"label": None, "score": None, "observable": False},
    "reps": [],
    "feedback": [],
    "model": {"name": "none", "version": "0"},
}


@pytest.fixture
def world() -> World:
    people = make_personas()
    control = Participant.objects.get(user=people.classmate)
    make_class(people.study, 2, allocate=True)
    commit_plan(study=people.study, by=people.owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    invite(study=people.study, by=people.owner, uses_max=5, days=1)
    student = people.student
    line = f"{student.first_name} {student.last_name},{student.username},nine"
    preview(study=people.study, by=people.owner, raw=f"name,user name,year\n{line}\n".encode())
    outcome = make_outcome(people.study)
    for participant in (people.participant, control):
        make_measurement(outcome, participant, 1.0)
    return World(
        people=people,
        session=_session(people.participant),
        session_of_control=_session(control),
        session_in_analysis=_session(people.participant, state=AnalysisRun.State.RUNNING),
        upload=PendingUpload.objects.create(
            participant=people.participant, uploaded_by=people.student, original_name="film.mp4", size_bytes=1000
        ),
    )


def _study(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk}


def _participant(world: World) -> dict[str, object]:
    return {"pk": world.people.participant.pk}


def _film(world: World) -> dict[str, object]:
    return {"pk": world.session.pk}


def _upload(world: World) -> dict[str, object]:
    return {"pk": world.upload.pk}


def _repetition(world: World) -> dict[str, object]:
    return {"pk": world.session.pk, "number": 1}


def _still(world: World) -> dict[str, object]:
    return {"pk": world.session.pk, "number": Still.objects.get(assessment__run__session=world.session).pk}


def _list(world: World) -> dict[str, object]:
    allocation = world.people.study.allocation_lists.exclude(roster=[]).get()
    return {"pk": world.people.study.pk, "list_pk": allocation.pk}


def _first_password(world: World) -> dict[str, object]:
    user = world.people.student
    return {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}


def _plan(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "plan_pk": world.people.study.plans.get().pk}


def _import(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "import_pk": world.people.study.roster_imports.get().pk}


def _invitation(world: World) -> dict[str, object]:
    return {"pk": world.people.study.pk, "invitation_pk": world.people.study.invitations.get().pk}


def _join(world: World) -> dict[str, object]:
    return {"token": token_of(world.people.study.invitations.get())}


ARGUMENTS: dict[str, Callable[[World], dict[str, object]]] = {
    "studies:": _study,
    "studies:allocation-list": _list,
    "studies:roster-import": _import,
    "studies:invitation-revoke": _invitation,
    "studies:join": _join,
    "studies:baseline": _participant,
    "studies:plan-published": _plan,
    "studies:plan-assign": _plan,
    "studies:plan-close": _plan,
    "studies:assign": _participant,
    "studies:participant": _participant,
    "studies:injury-add": _participant,
    "studies:move": _participant,
    "analysis:": _study,
    "coaching:session": _film,
    "coaching:run-": _film,
    "coaching:review": _repetition,
    "coaching:review-add": _film,
    "coaching:review-carry": _film,
    "coaching:blind": _film,
    "coaching:blind-step": _repetition,
    "coaching:media": _film,
    "coaching:upload-slice": _upload,
    "coaching:still": _still,
    "coaching:strictness": _study,
    "coaching:progress": _participant,
    "study-strictness": _study,
    "student-progress": _participant,
    "study-": _study,
    "plan-": _plan,
    "study-agreement": _study,
    "session-detail": _film,
    "session-reviews": _film,
    "password_reset_confirm": _first_password,
}
WITHOUT_ARGUMENTS = {
    "studies:verifier",
    "studies:join-code",
    "analysis:integrity",
    "coaching:session-list",
    "coaching:upload",
    "coaching:upload-begin",
    "coaching:review-queue",
}


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
    head, *rows = [row for row in TABLE.splitlines() if row.strip()]
    roles = head.split()[2:]
    return [_line(row, roles) for row in rows]


def _line(row: str, roles: list[str]) -> Line:
    match = re.fullmatch(r"(\S+?)(?:\[(.+)\])? +(GET|POST|DELETE) +([\d ]+)", row)
    assert match is not None, f"can't read: {row}"
    route, variant, method, statuses = match.groups()
    return Line(route, variant or "", method, dict(zip(roles, map(int, statuses.split()), strict=True)))


def url_of(line: Line, world: World) -> str:
    if line.route in WITHOUT_ARGUMENTS:
        return reverse(line.route)
    fitting = [prefix for prefix in ARGUMENTS if line.route.startswith(prefix)]
    arguments = ARGUMENTS[max(fitting, key=len)](world) if fitting else {}
    for word in line.variant.split(", "):
        if word == "of control":
            session = world.session_of_control
            arguments["pk"] = session.participant_id if "progress" in line.route else session.pk
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
    return b"".join(parts).decode()  # type: ignore[arg-type]


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
        if role in MAY_NOT_READ_THE_NAME and any(secret in text for secret in secrets):
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
        for role in ("student", "instructor", "researcher", "owner"):
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
