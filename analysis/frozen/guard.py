"""Triggers that refuse to change a frozen report or a saved plan. Migration 0001 installs them.

Rows can be deleted with their study; while it lives, what a report says can't be changed behind its hash. SQLite copies
a table when a later migration alters it, and the triggers are gone then: such a migration ends with `install` again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

REPORTS, PLANS = "analysis_frozenreport", "analysis_analysisplan"
_REFUSAL = "a frozen report and a saved plan never change"
# Whoever made or saved it may leave: then the reference to them is emptied, and nothing else.
_REPORT_CHANGES = " OR ".join(
    f"OLD.{column} IS NOT NEW.{column}" for column in ("state", "document", "sha256", "data_sha256", "plan_id")
)
_PLAN_CHANGES = " OR ".join(
    f"OLD.{column} IS NOT NEW.{column}" for column in ("document", "sha256", "stage", "version")
)


def _postgres(condition: str) -> str:
    return condition.replace("IS NOT NEW", "IS DISTINCT FROM NEW")


_INSTALL = {
    "sqlite": (
        f"""CREATE TRIGGER {REPORTS}_frozen BEFORE UPDATE ON {REPORTS}
            WHEN OLD.state = 'done' AND ({_REPORT_CHANGES}) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
        f"""CREATE TRIGGER {PLANS}_frozen BEFORE UPDATE ON {PLANS}
            WHEN {_PLAN_CHANGES} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION {REPORTS}_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE TRIGGER {REPORTS}_frozen BEFORE UPDATE ON {REPORTS} FOR EACH ROW
            WHEN (OLD.state = 'done' AND ({_postgres(_REPORT_CHANGES)})) EXECUTE FUNCTION {REPORTS}_refuse()""",
        f"""CREATE TRIGGER {PLANS}_frozen BEFORE UPDATE ON {PLANS} FOR EACH ROW
            WHEN ({_postgres(_PLAN_CHANGES)}) EXECUTE FUNCTION {REPORTS}_refuse()""",
    ),
}
_REMOVE = {
    "sqlite": "DROP TRIGGER IF EXISTS {table}_frozen",
    "postgresql": "DROP TRIGGER IF EXISTS {table}_frozen ON {table}",
}


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in (REPORTS, PLANS):
            cursor.execute(_REMOVE[connection.vendor].format(table=table))
