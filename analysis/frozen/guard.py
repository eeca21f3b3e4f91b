"""Triggers that refuse to change a frozen report or a saved plan. Migrations install them.

Rows can be deleted with their study; while it lives, what a report says can't be changed behind its hash. SQLite copies
a table when a migration alters it, and the triggers are gone then: such a migration begins with `remove` and ends with
`install`, with the columns that there are at its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper

REPORTS, PLANS = "analysis_frozenreport", "analysis_analysisplan"
FIRST_COLUMNS = ("state", "document", "sha256", "data_sha256", "plan_id")
REPORT_COLUMNS = (*FIRST_COLUMNS, "blinded_document", "blinded_sha256", "blinded_data_sha256")
PLAN_COLUMNS = ("document", "sha256", "stage", "version")
"""Whoever made or saved it may leave: then the reference to them is emptied, and nothing else."""
_REFUSAL = "a frozen report and a saved plan never change"


def _changes(columns: Iterable[str]) -> str:
    return " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)


def _sqlite(report: str, plan: str) -> tuple[str, ...]:
    return (
        f"""CREATE TRIGGER {REPORTS}_frozen BEFORE UPDATE ON {REPORTS}
            WHEN OLD.state = 'done' AND ({report}) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
        f"""CREATE TRIGGER {PLANS}_frozen BEFORE UPDATE ON {PLANS}
            WHEN {plan} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    )


def _postgres(report: str, plan: str) -> tuple[str, ...]:
    report, plan = (changes.replace("IS NOT NEW", "IS DISTINCT FROM NEW") for changes in (report, plan))
    return (
        f"""CREATE OR REPLACE FUNCTION {REPORTS}_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE TRIGGER {REPORTS}_frozen BEFORE UPDATE ON {REPORTS} FOR EACH ROW
            WHEN (OLD.state = 'done' AND ({report})) EXECUTE FUNCTION {REPORTS}_refuse()""",
        f"""CREATE TRIGGER {PLANS}_frozen BEFORE UPDATE ON {PLANS} FOR EACH ROW
            WHEN ({plan}) EXECUTE FUNCTION {REPORTS}_refuse()""",
    )


_INSTALL = {"sqlite": _sqlite, "postgresql": _postgres}
_REMOVE = {
    "sqlite": "DROP TRIGGER IF EXISTS {table}_frozen",
    "postgresql": "DROP TRIGGER IF EXISTS {table}_frozen ON {table}",
}


def install(connection: BaseDatabaseWrapper, columns: Iterable[str] = REPORT_COLUMNS) -> None:
    """`columns` of a frozen report never change."""
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor](_changes(columns), _changes(PLAN_COLUMNS)):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in (REPORTS, PLANS):
            cursor.execute(_REMOVE[connection.vendor].format(table=table))
