from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from studies.demo import load_demo_study
from studies.models import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="module")
def _demo_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """The demonstration study's rows, 1,800 of them, loaded once for a file of tests; each test rolls back to them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo_study().study.pk
        transaction.set_rollback(True)


@pytest.fixture
def demo(_demo_rows: int, db: None) -> Study:
    """The demonstration study, whose rows give the paper's two tables."""
    return Study.objects.get(pk=_demo_rows)
