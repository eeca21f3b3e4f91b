"""No migration drops or narrows what is there (CONTRIBUTING.md), so that the version before can be put back."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Field

if TYPE_CHECKING:
    from django.db.migrations.operations.base import Operation
    from django.db.migrations.state import ProjectState

OURS = {"studies", "coaching", "analysis"}
DROPS = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


@cache
def loader() -> MigrationLoader:
    return MigrationLoader(None)


def our_migrations() -> list[tuple[str, str]]:
    return sorted(key for key in loader().disk_migrations if key[0] in OURS)


def complaint(operation: Operation, app: str, before: ProjectState) -> str | None:
    """What would be lost, or would not fit; None when all is well."""
    if isinstance(operation, DROPS):
        return f"{operation.describe()}: the version before reads it"
    if isinstance(operation, migrations.AddField) and not _rows_get_a_value(operation.field):
        return f"{operation.describe()}: rows are there without it; give it a default or null"
    if isinstance(operation, migrations.AlterField):
        old = before.models[app, operation.model_name_lower].fields[operation.name]
        return _narrowed(old, operation.field, operation.describe())
    return None


def _rows_get_a_value(field: Any) -> bool:
    """Whether rows that are there get a value. `docs/operation.md` stops the old version while a migration runs: Django
    takes a default of Python's off the column again, so a server that never stops would need null or `db_default`.
    """
    given = field.default is not NOT_PROVIDED or field.db_default is not NOT_PROVIDED
    return field.null or field.many_to_many or given or (field.blank and field.empty_strings_allowed)


def _narrowed(old: Any, new: Any, what: str) -> str | None:
    if old.null and not new.null:
        return f"{what}: rows without a value are there"
    if isinstance(old, Field) and type(old) is not type(new):
        return f"{what}: {type(old).__name__} becomes {type(new).__name__}"
    lengths = (getattr(old, "max_length", None), getattr(new, "max_length", None))
    if None not in lengths and lengths[1] < lengths[0]:  # type: ignore[operator]
        return f"{what}: {lengths[0]} characters no longer fit into {lengths[1]}"
    return None


def complaints(operations: list[Operation], app: str, before: ProjectState) -> list[str]:
    """Of a migration's operations; tables that it makes itself hold nothing yet."""
    state = before.clone()
    new = {operation.name_lower for operation in operations if isinstance(operation, migrations.CreateModel)}
    found = []
    for operation in operations:
        if getattr(operation, "model_name_lower", "") not in new:
            found.append(complaint(operation, app, state))
        operation.state_forwards(app, state)
    return [text for text in found if text]


@pytest.mark.parametrize("key", our_migrations(), ids=".".join)
def test_a_migration_drops_nothing_and_what_is_there_fits(key: tuple[str, str]) -> None:
    before = loader().project_state(key, at_end=False)
    migration = loader().disk_migrations[key]
    if not migration.initial:
        assert complaints(list(migration.operations), key[0], before) == []


def test_the_rule_notices_what_it_is_for() -> None:
    from django.db import models

    before = loader().project_state(("studies", "0006_time_points"))
    bad: list[Operation] = [
        migrations.RemoveField("Injury", "note"),
        migrations.AddField("Injury", "side", models.CharField(max_length=5)),
        migrations.AlterField("Injury", "region", models.CharField(max_length=3)),
        migrations.AlterField("Measurement", "measured_on", models.DateField()),
        migrations.AlterField("Measurement", "value", models.CharField(max_length=9)),
        migrations.DeleteModel("Measurement"),
    ]
    assert len(complaints(bad, "studies", before)) == len(bad)
    good: list[Operation] = [
        migrations.AddField("Injury", "side", models.CharField(max_length=5, default="")),
        migrations.AlterField("Injury", "region", models.CharField(max_length=40)),
    ]
    assert complaints(good, "studies", before) == []
