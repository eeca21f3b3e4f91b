"""The database as lines of JSON, one file a table, the same from SQLite and PostgreSQL; and back into an empty one."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers import sort_dependencies
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

LEFT_OUT = frozenset({"sessions.session"})
"""A restored site asks everybody to sign in again."""
MADE_BY_MIGRATE = frozenset({"contenttypes.contenttype", "auth.permission"})
"""Rows of these stand in an empty site too; a backup's take their place, since others name them by number."""
BATCH = 1000

Table = type[models.Model]


def tables() -> list[Table]:
    """Every table that holds something of ours, referred-to before referring."""
    wanted = [(config, None) for config in apps.get_app_configs()]
    ordered: Iterable[Table] = sort_dependencies(wanted, allow_cycles=True)
    return [model for model in ordered if model._meta.managed and model._meta.label_lower not in LEFT_OUT]


class _Encoder(DjangoJSONEncoder):
    """Moments with their microseconds, which Django's own cuts off: the audit's hashes cover them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, dt.datetime | dt.time) else super().default(o)


def lines(model: Table) -> Iterator[bytes]:
    """The table's rows by primary key, each a line. Memory holds one batch."""
    rows = model._base_manager.order_by("pk").iterator(chunk_size=BATCH)
    for row in rows:
        text = serializers.serialize("jsonl", [row], cls=_Encoder, sort_keys=True)  # PostgreSQL keeps no order of keys
        yield text.strip().encode() + b"\n"


def sha256_of_table(model: Table) -> tuple[int, str]:
    """(rows, SHA-256 of the lines)."""
    digest, count = hashlib.sha256(), 0
    for line in lines(model):
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def is_empty() -> bool:
    """Whether no table holds a row, but for those that `migrate` makes."""
    return not any(model._base_manager.exists() for model in tables() if model._meta.label_lower not in MADE_BY_MIGRATE)


def make_room() -> None:
    """Remove what `migrate` made, for the rows that come."""
    for model in reversed(tables()):
        if model._meta.label_lower in MADE_BY_MIGRATE:
            model._base_manager.all().delete()
    ContentType.objects.clear_cache()


def load(source: BinaryIO) -> int:
    """Insert the lines of one table as they are. Returns how many. Call it in a transaction."""
    count = 0
    batch: list[Any] = []
    for found in serializers.deserialize("jsonl", source):
        batch.append(found)
        count += 1
        if len(batch) == BATCH:
            _insert(batch)
            batch = []
    _insert(batch)
    return count


def _insert(batch: list[Any]) -> None:
    if not batch:
        return
    model = type(batch[0].object)
    model._base_manager.bulk_create([found.object for found in batch])
    for found in batch:
        for name, values in (found.m2m_data or {}).items():
            getattr(found.object, name).set(values)


def put_sequences_right() -> None:
    """The next row gets the next number, after rows came with theirs."""
    statements = connection.ops.sequence_reset_sql(no_style(), tables())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def migrations_applied() -> list[str]:
    """Names of what `migrate` did, in the order of the names."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def migrations_waiting() -> list[str]:
    """Names of what `migrate` would do. One query: probes ask every few seconds. Raises DatabaseError."""
    return sorted(_known() - set(migrations_applied()))


@cache
def _known() -> frozenset[str]:
    """Every migration of this version; the code of a process stays what it is."""
    return frozenset(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)


def fix_the_moment() -> None:
    """First in a transaction: every read in it sees this moment. On SQLite writers wait meanwhile."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
