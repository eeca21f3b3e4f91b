from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from celery import shared_task

from config.operations.logs import Context, JsonFormatter, LineFormatter, current, request_id_of, scrubbed
from studies.invitations import invite, token_of
from tests.factory import make_personas

if TYPE_CHECKING:
    from django.test import Client


def record(message: str, *arguments: object) -> logging.LogRecord:
    made = logging.LogRecord("liftlab.test", logging.INFO, __file__, 1, message, arguments, None)
    Context().filter(made)
    return made


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("mail to ann.lee+x@uni.example.edu failed", "mail to <e-mail> failed"),
        ("GET /join/1:abcDEF_-ghi/ 200", "GET /join/<secret>/ 200"),
        ("GET /welcome/Mg/c4x-12ab/ 200", "GET /welcome/<secret>/ 200"),
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer <secret>"),
        ("run 12, attempt 1: over after 3.4 s", "run 12, attempt 1: over after 3.4 s"),
        ("@media and a@b stay", "@media and a@b stay"),
    ],
)
def test_a_line_names_nobody_and_opens_nothing(said: str, written: str) -> None:
    assert scrubbed(said) == written


def test_json_lines_hold_context_message_and_traceback_and_are_scrubbed() -> None:
    made = record("could not write to %s", "ann@uni.example.edu")
    try:
        int("ann@uni.example.edu")
    except ValueError as error:
        made.exc_info = (ValueError, error, error.__traceback__)
    text = JsonFormatter().format(made)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["level"], line["context"], line["message"]) == ("INFO", "-", "could not write to <e-mail>")
    assert line["traceback"].endswith("with base 10: '<e-mail>'")


def test_a_line_for_people_shows_its_context() -> None:
    token = current.set("request-1")
    try:
        made = record("hello")
    finally:
        current.reset(token)
    assert LineFormatter("{context} {message}", style="{").format(made) == "request-1 hello"


@pytest.mark.parametrize("forged", ["", "short", "a" * 65, "id\nINFO forged line", "id with blanks"])
def test_a_strangers_id_is_not_written_into_the_log(forged: str) -> None:
    assert request_id_of({"X-Request-ID": forged}) not in {forged, ""}
    assert request_id_of({"X-Request-ID": "proxy-0123456789"}) == "proxy-0123456789"


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_id_and_without_the_links_secret(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    people = make_personas()
    token = token_of(invite(study=people.study, by=people.owner, uses_max=1, days=1))
    with caplog.at_level(logging.INFO, logger="liftlab.access"):
        response = client.get(f"/join/{token}/", {"q": "private"}, headers={"X-Request-ID": "proxy-0123456789"})
    assert response.headers["X-Request-ID"] == "proxy-0123456789"
    (line,) = [entry for entry in caplog.records if entry.name == "liftlab.access"]
    text = LineFormatter("{message}", style="{").format(line)
    assert text.startswith("GET /join/<secret>/ 200")
    assert token not in text
    assert "private" not in text
    assert current.get() == "-"


@shared_task  # type: ignore[untyped-decorator]
def _tells_its_context() -> str:
    return current.get()


def test_the_lines_of_a_task_carry_its_id() -> None:
    done = _tells_its_context.apply(task_id="task-0123456789")
    assert done.result == "task-0123456789"
    assert current.get() == "-"
