"""Studies with a protocol, as the tests begin with them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from studies.allocation import allocate_arms
from studies.errors import StudyError
from studies.protocol.document import completed, mark_of, part_of
from studies.protocol.services import (
    create_from_draft,
    draft_of,
    keep_part,
    start_draft,
)
from tests.factory import make_class, make_user

if TYPE_CHECKING:
    from studies.models import (
        Study,
        User,
    )

MONDAY = dt.date(2026, 9, 7)


def code_of(act: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


def made_study(owner: User | None = None) -> Study:
    owner = owner or make_user()
    return create_from_draft(draft=start_draft(by=owner), by=owner)


def change(study: Study, by: User, part: str, **values: Any) -> None:
    """Change some fields of one part, as the page of the step does."""
    draft = draft_of(study)
    document = completed(draft.document)
    keep_part(draft=draft, by=by, part=part, values=part_of(document, part) | values, seen=mark_of(document, part))


def drawn_study(owner: User) -> Study:
    study = made_study(owner)
    make_class(study, 4)
    allocate_arms(study=study, by=owner)
    return study
