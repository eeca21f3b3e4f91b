"""Triggers that refuse to change or remove entries of the audit, on SQLite and PostgreSQL.

Migration 0004 installs them. SQLite copies a table when a later migration alters it, and the triggers are gone then:
such a migration ends with `install` again. `manage.py verify_audit` says when they are missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "studies_auditentry"
NAMES = {
    "sqlite": (f"{TABLE}_no_update", f"{TABLE}_no_delete"),
    "postgresql": (f"{TABLE}_no_change", f"{TABLE}_no_truncate"),
}
_REFUSAL = "entries of the audit can only be added"
_INSTALL = {
    "sqlite": (
        f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
        f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()""",
        f"""CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
            FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()""",
    ),
}
_REMOVE = {"sqlite": "DROP TRIGGER IF EXISTS {name}", "postgresql": f"DROP TRIGGER IF EXISTS {{name}} ON {TABLE}"}
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'",
}


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name in NAMES[connection.vendor]:
            cursor.execute(_REMOVE[connection.vendor].format(name=name))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that are not there or turned off."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor], [TABLE])
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in NAMES[connection.vendor] if name not in present]
