"""Log lines that belong together: each carries the id of its request or task, and no personal data.

`LOG_FORMAT=json` writes one JSON object a line, for a collector; else a line for people.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from celery.signals import task_postrun, task_prerun
from django.utils.deprecation import MiddlewareMixin

from config.operations.registry import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

QUIET = frozenset({"/health/", "/ready/", "/metrics/"})
"""Asked every few seconds by machines."""

access = logging.getLogger("liftlab.access")

REQUEST_ID = "X-Request-ID"
_PLAUSIBLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_E_MAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+\.[A-Za-z]{2,}")
# Signed links and tokens open what they lead to: whoever reads logs must not be able to follow them.
_SECRET_IN_PATH = re.compile(r"(/(?:join|welcome|guardian)/)[^\s/?\"]+(?:/[^\s/?\"]+)?")
_BEARER = re.compile(r"(?i)(bearer|token)\s+[A-Za-z0-9._~+/=-]{16,}")

current: ContextVar[str] = ContextVar("liftlab_log_context", default="-")
"""The id that log lines of this request or task carry."""


def new_id() -> str:
    return uuid.uuid4().hex[:16]


def scrubbed(text: str) -> str:
    """The text without e-mail addresses, signed links and bearer tokens."""
    text = _E_MAIL.sub("<e-mail>", text)
    text = _SECRET_IN_PATH.sub(r"\1<secret>", text)
    return _BEARER.sub(r"\1 <secret>", text)


class Context(logging.Filter):
    """Gives every record `context`, the id of the request or task that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.context = current.get()
        return True


class LineFormatter(logging.Formatter):
    """One line for people, and tracebacks under it; scrubbed."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, context, message and, where there is one, the traceback; scrubbed."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{record.msecs:03.0f}",
            "level": record.levelname,
            "logger": record.name,
            "context": getattr(record, "context", "-"),
            "message": scrubbed(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def request_id_of(headers: Mapping[str, str]) -> str:
    """The proxy's id where it looks like one, else a new one: a stranger must not write into the log."""
    given = headers.get(REQUEST_ID, "")
    return given if _PLAUSIBLE.fullmatch(given) else new_id()


class RequestLogMiddleware(MiddlewareMixin):
    """One log line a request, under an id that the answer carries too, so that a person can name it to the operator.

    The line says who by number, and the path without what stands after the question mark.
    """

    def process_request(self, request: HttpRequest) -> None:
        current.set(request_id_of(request.headers))
        request.began_s = time.monotonic()  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        began_s = getattr(request, "began_s", None)
        if began_s is None:  # a middleware in front of this one answered
            return response
        response.headers[REQUEST_ID] = current.get()
        user = getattr(request, "user", None)
        took_ms = 1000.0 * (time.monotonic() - began_s)
        REQUESTS.labels(str(request.method), f"{response.status_code // 100}xx").observe(took_ms / 1000.0)
        if request.path not in QUIET:
            access.info(
                "%s %s %s %.0f ms user %s",
                *(request.method, request.path, response.status_code, took_ms, getattr(user, "pk", None) or "-"),
            )
        current.set("-")
        return response


def follow_tasks() -> None:
    """Give the log lines of a Celery task its id. Called once, in the worker and wherever Celery is loaded."""
    task_prerun.connect(_task_begins, weak=False)
    task_postrun.connect(_task_ends, weak=False)


def _task_begins(task_id: str, **_: Any) -> None:
    current.set(task_id)


def _task_ends(**_: Any) -> None:
    current.set("-")
