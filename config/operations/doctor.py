"""Ask everything that LiftLab needs whether it is well, and say how to mend what is not."""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from config.celery import app as celery
from config.operations.tables import migrations_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

Verdict = Literal["well", "look", "ill"]
Answer = tuple[Verdict, str, str]
"""What a probe says: verdict, what it found, how to mend it (empty when all is well)."""
BEAT_SILENT_S = 120.0
CLOCK_OFF_S = 5.0
FREE_LOW, FREE_NONE = 0.10, 0.02
FREE_FILMS = 3
CONFIGURATION = "See docs/configuration.md."
BACKUP_OLD_S = 48 * 3600.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found. `mend` is what to do, empty when all is well."""

    probe: str
    verdict: Verdict
    says: str
    mend: str = ""


def register(name: str, probe: Callable[[], Answer]) -> None:
    """An app's own probe, called when the app is ready."""
    PROBES.append((name, probe))


def examine() -> list[Finding]:
    """Every probe, in the order in which one depends on the next. A probe that fails is a finding, not a crash."""
    return [_ask(name, probe) for name, probe in PROBES]


def _ask(name: str, probe: Callable[[], Answer]) -> Finding:
    try:
        return Finding(name, *probe())
    except Exception as error:
        return Finding(name, "ill", f"{type(error).__name__}: {error}".splitlines()[0], MEND.get(name, ""))


MEND = {
    "database": "Is the server of DATABASE_URL running, and do user and password fit?",
    "migrations": "Is the database reachable?",
    "broker": "Is the server of REDIS_URL running? Uploads are kept meanwhile, and analysed when it is back.",
    "media": "Can the user that runs LiftLab write to the media storage?",
}


def _settings() -> Answer:
    found = checks.run_checks(include_deployment_checks=not settings.EMBEDDED)
    serious = [message for message in found if message.level >= checks.ERROR]
    if serious:
        return "ill", "; ".join(str(message.msg) for message in serious), str(serious[0].hint or CONFIGURATION)
    if found:
        return "look", "; ".join(str(message.msg) for message in found), str(found[0].hint or CONFIGURATION)
    return "well", "embedded" if settings.EMBEDDED else "server", ""


def _database() -> Answer:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    took_ms = 1000.0 * (time.monotonic() - began)
    return "well", f"{connection.vendor} answers in {took_ms:.0f} ms", ""


def _migrations() -> Answer:
    waiting = migrations_waiting()
    if waiting:
        return "ill", f"{len(waiting)} not applied: {', '.join(waiting[:5])}", "Back up, then: python manage.py migrate"
    return "well", "all applied", ""


def _clock() -> Answer:
    """Web, workers and database judge each other's silence by the clock."""
    if connection.vendor != "postgresql":
        return "well", "one machine", ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        off_s = abs((timezone.now() - cursor.fetchone()[0]).total_seconds())
    if off_s > CLOCK_OFF_S:
        return "ill", f"{off_s:.0f} s away from the database's", "Set both clocks by NTP."
    return "well", f"within {off_s:.1f} s of the database's", ""


def _broker() -> Answer:
    if not settings.REDIS_URL:
        folder = Path(settings.BROKER_DIR)
        waiting = len(list(folder.glob("*/*.msg"))) if folder.exists() else 0
        return "well", f"a folder, {waiting} messages waiting", ""
    with celery.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return "well", "answers", ""


def _workers() -> Answer:
    mend = "Start one: celery -A config worker (docs/operation.md). Uploads wait for it."
    if not settings.REDIS_URL:
        return _beat()  # embedded, the worker rings itself
    answers = celery.control.ping(timeout=2.0)
    if not answers:
        return "ill", "no worker answers", mend
    return "well", f"{len(answers)} answering", ""


def _beat() -> Answer:
    ticked = Path(settings.VAR_DIR, "beat-schedule")
    if not ticked.exists():
        if settings.REDIS_URL:
            return "look", "its file is not on this machine", "Ask on the machine where beat runs."
        return "ill", "has never ticked here", "Start the worker: celery -A config worker -B"
    silent_s = time.time() - ticked.stat().st_mtime
    if silent_s > BEAT_SILENT_S:
        return "ill", f"silent for {silent_s / 60:.0f} min", "Start it: celery -A config beat (embedded: worker -B)."
    return "well", f"ticked {silent_s:.0f} s ago", ""


def _room() -> Answer:
    usage = shutil.disk_usage(settings.VAR_DIR)
    share = usage.free / usage.total
    says = f"{usage.free / 1e9:.1f} GB free under {settings.VAR_DIR} ({share:.0%})"
    mend = "Make room: shorten the retention of films, or enlarge the disk."
    if share < FREE_NONE or usage.free < FREE_FILMS * settings.UPLOAD_MAX_MB * 1_000_000:
        return "ill", says, mend
    return ("look", says, mend) if share < FREE_LOW else ("well", says, "")


def _media() -> Answer:
    name = default_storage.save(f"doctor/{uuid.uuid4().hex}", ContentFile(b"well"))
    try:
        with default_storage.open(name) as handle:
            if handle.read() != b"well":
                return "ill", "what was written is not what is read", "Look at the storage's own log."
    finally:
        default_storage.delete(name)
    return "well", "written, read and deleted", ""


def _backups() -> Answer:
    """Only those in the usual folder are known here."""
    mend = "Set BACKUP_RECIPIENT and run `manage.py backup` every night (docs/operation.md)."
    made = sorted(Path(settings.VAR_DIR, "backups").glob("liftlab-*.tar.gz.age"))
    if not made:
        return "look", "none in the usual folder", mend
    age_s = time.time() - made[-1].stat().st_mtime
    says = f"{len(made)}, the newest {age_s / 3600:.0f} h old"
    return ("look", says, mend) if age_s > BACKUP_OLD_S else ("well", says, "")


PROBES: list[tuple[str, Callable[[], Answer]]] = [
    ("settings", _settings),
    ("database", _database),
    ("migrations", _migrations),
    ("clock", _clock),
    ("broker", _broker),
    ("workers", _workers),
    ("beat", _beat),
    ("room", _room),
    ("media", _media),
    ("backups", _backups),
]
