"""What every test needs: no stopwatch, and an empty database after it, which the audit's triggers refuse by design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from studies import append_only

if TYPE_CHECKING:
    from collections.abc import Iterator

# A machine that is busy with something else is no failure of a property.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _nobody_has_tried_too_often() -> None:
    """The counts of `config.attempts` live in the cache of the process, beyond a test."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _the_flush_after_a_test_may_empty_the_audit() -> Iterator[None]:
    """Django ends a test with real transactions by emptying all tables; the triggers step aside for that alone."""
    empty_all_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def step_aside(case: TransactionTestCase) -> None:
        append_only.remove(connection)
        empty_all_tables(case)
        append_only.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", step_aside)
        yield
