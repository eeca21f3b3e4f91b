"""The audit: a chain that only grows, without names, for the owner, and proven by a command."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from studies import append_only, audit
from studies.models import AuditChain, AuditEntry, Study
from tests.factory import make_participant, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """With three entries."""
    study, by = make_study(), make_user()
    participant = make_participant(study, code="K7QF")
    audit.done(study.pk, by, "design fixed", plan=3)
    audit.looked(study.pk, by, "injuries", about=participant, object="17")
    audit.exported(study.pk, None, "roster", rows=50, columns=["code", "year"])
    return study


@pytest.fixture
def without_triggers() -> Iterator[None]:
    """As somebody who may change tables would begin."""
    append_only.remove(connection)
    yield
    append_only.install(connection)


def actions(study: Study) -> list[str]:
    return list(AuditEntry.objects.filter(study=study).order_by("number").values_list("action", flat=True))


# The chain


def test_entries_are_numbered_and_each_holds_the_hash_of_the_one_before(study: Study) -> None:
    first, second, third = AuditEntry.objects.filter(study=study).order_by("number")
    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert first.previous == "0" * 64
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert (second.kind, second.subject, second.payload) == ("looked", "K7QF", {"object": "17"})
    assert (third.actor, third.kind) == (None, "exported")
    chain = AuditChain.objects.get(pk=study.pk)
    assert (chain.length, chain.head) == (3, third.hash)


def test_the_hash_is_that_of_the_documented_text() -> None:
    """Written again from docs/audit.md."""
    entry = AuditEntry(
        study_id=4,
        number=2,
        at=dt.datetime(2026, 9, 1, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        actor_id=17,
        kind="looked",
        action="injuries",
        subject="K7QF",
        payload={"object": "é"},
        previous="ab" * 32,
    )
    text = (
        '{"action":"injuries","actor":17,"at":"2026-09-01T08:00:00.000000+00:00","kind":"looked","number":2,'
        '"payload":{"object":"é"},"previous":"' + "ab" * 32 + '","study":4,"subject":"K7QF"}'
    )
    assert audit.hash_of(entry) == hashlib.sha256(text.encode()).hexdigest()


def test_every_study_has_a_chain_of_its_own(study: Study) -> None:
    other = make_study()
    audit.done(other.pk, None, "design fixed")
    assert AuditEntry.objects.get(study=other).number == 1
    assert audit.verify(study.pk).entries == 3
    assert audit.verify(other.pk).entries == 1


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(study: Study) -> None:
    with transaction.atomic():
        audit.done(study.pk, None, "never happened")
        transaction.set_rollback(True)
    audit.done(study.pk, None, "happened")
    assert actions(study)[-1] == "happened"
    assert audit.verify(study.pk) == audit.Verdict(study.pk, 4, AuditChain.objects.get(pk=study.pk).head)


def test_the_database_refuses_to_change_and_to_remove(study: Study) -> None:
    for act in (
        lambda: AuditEntry.objects.filter(study=study).update(action="nothing"),
        lambda: AuditEntry.objects.filter(study=study).delete(),
        lambda: AuditEntry.objects.filter(study=study).first().save(),  # type: ignore[union-attr]
    ):
        with pytest.raises(DatabaseError, match="can only be added"), transaction.atomic():
            act()
    assert audit.verify(study.pk).broken_at is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_the_database_refuses_to_empty_the_table(study: Study) -> None:
    with pytest.raises(DatabaseError, match="can only be added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {append_only.TABLE}")


def test_the_triggers_are_there_and_their_absence_is_noticed(study: Study) -> None:
    assert append_only.missing(connection) == []
    append_only.remove(connection)
    assert len(append_only.missing(connection)) == 2
    with pytest.raises(CommandError, match="is missing: entries could be changed"):
        call_command("verify_audit", stdout=StringIO())
    append_only.install(connection)


def test_entries_outlive_their_study(study: Study) -> None:
    pk = study.pk
    study.participants.all().delete()
    study.delete()
    assert audit.verify(pk).entries == 3


# Proof


def tampered(study: Study, change: str) -> audit.Verdict:
    rows = AuditEntry.objects.filter(study=study)
    second = rows.get(number=2)
    if change == "content":
        rows.filter(number=2).update(subject="XXXX")
    elif change == "payload":
        rows.filter(number=2).update(payload={"object": "18"})
    elif change == "moment":
        rows.filter(number=2).update(at=second.at + dt.timedelta(microseconds=1))
    elif change == "content and hash":
        second.subject = "XXXX"
        rows.filter(number=2).update(subject="XXXX", hash=audit.hash_of(second))
    elif change == "removed":
        rows.filter(number=2).delete()
    elif change == "last removed":
        rows.filter(number=3).delete()
    elif change == "all removed":
        rows.delete()
    elif change == "swapped":
        rows.filter(number=3).update(number=99)
        rows.filter(number=2).update(number=3)
        rows.filter(number=99).update(number=2)
    return audit.verify(study.pk)


@pytest.mark.usefixtures("without_triggers")
@pytest.mark.parametrize(
    ("change", "broken_at", "why"),
    [
        ("content", 2, "its content is not what was written"),
        ("payload", 2, "its content is not what was written"),
        ("moment", 2, "its content is not what was written"),
        ("content and hash", 3, "it does not follow the entry before it"),
        ("removed", 2, "entry 2 is missing"),
        ("last removed", 3, "the chain had 3 entries, 2 are there"),
        ("all removed", 1, "the chain had 3 entries, 0 are there"),
        ("swapped", 2, "it does not follow the entry before it"),
    ],
)
def test_the_first_broken_link_is_named(study: Study, change: str, broken_at: int, why: str) -> None:
    verdict = tampered(study, change)
    assert (verdict.broken_at, verdict.why) == (broken_at, why)


@pytest.mark.usefixtures("without_triggers")
def test_a_chain_written_anew_is_told_by_a_hash_that_was_noted(study: Study) -> None:
    noted = AuditEntry.objects.get(study=study, number=2).hash
    previous = audit.START
    for entry in AuditEntry.objects.filter(study=study).order_by("number"):
        entry.subject, entry.previous = "XXXX", previous
        entry.hash = previous = audit.hash_of(entry)
        entry.save()
    AuditChain.objects.filter(pk=study.pk).update(head=previous)
    assert audit.verify(study.pk).broken_at is None
    assert audit.verify(study.pk, expected={2: noted}).why == "its hash is not the one that was noted"
    assert audit.verify(study.pk, expected={9: noted}).why == "entry 9 was noted and is not there"


def test_the_command_says_unbroken_with_the_head(study: Study) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    head = AuditChain.objects.get(pk=study.pk).head
    assert f"study {study.pk}: 3 entries, unbroken, head {head}" in out.getvalue()
    call_command("verify_audit", str(study.pk), expect=[f"3:{head}"], stdout=StringIO())
    with pytest.raises(CommandError, match="not the one that was noted"):
        call_command("verify_audit", str(study.pk), expect=[f"2:{head}"], stdout=StringIO())
    with pytest.raises(CommandError, match="belongs to one study"):
        call_command("verify_audit", expect=[f"2:{head}"], stdout=StringIO())


@pytest.mark.usefixtures("without_triggers")
def test_the_command_names_study_and_entry(study: Study) -> None:
    tampered(study, "content")
    with pytest.raises(CommandError, match=f"study {study.pk}: broken at entry 2: its content"):
        call_command("verify_audit", stdout=StringIO())


# Many writers


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share no in-memory database; see the next test")
@pytest.mark.django_db(transaction=True)
def test_threads_that_write_at_once_make_one_chain() -> None:
    study = make_study()
    together = Barrier(6)

    def write(number: int) -> None:
        try:
            together.wait()
            for step in range(10):
                audit.done(study.pk, None, "written", thread=number, step=step)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert audit.verify(study.pk).entries == 60
    assert audit.verify(study.pk).broken_at is None


WRITER = """
import django; django.setup()
from studies import audit
for step in range(25):
    audit.done(1, None, "written", step=step)
"""


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="about SQLite: run with it")
@pytest.mark.xdist_group("processes")
def test_processes_that_write_at_once_make_one_chain_on_sqlite(tmp_path: Path) -> None:
    """With the settings of an installation: WAL, IMMEDIATE, a busy timeout."""
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL", "LIFTLAB_VAR"}}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LIFTLAB_VAR": str(tmp_path), "SECRET_KEY": "tests-only"}
    root = settings.BASE_DIR

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=True).stdout

    manage("migrate", "--verbosity", "0")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], cwd=root, env=env) for _writer in range(4)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    assert "study 1: 100 entries, unbroken" in manage("verify_audit")
