"""Groups that stand once they are drawn, and amendments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies import audit
from studies.allocation import allocate_arms
from studies.models import (
    AuditEntry,
)
from studies.plans import commit_plan
from studies.protocol.services import (
    draft_of,
    keep_document,
    locked_at,
    save_version,
)
from studies.randomise.design import COMPLETE, Design
from tests.factory import make_class, make_study, make_user
from tests.studies.protocol.made import change, code_of, drawn_study, made_study

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_first_draw_locks_groups_and_shares() -> None:
    owner = make_user()
    study = made_study(owner)
    assert locked_at(study) is None
    make_class(study, 4)
    drawn = allocate_arms(study=study, by=owner)
    assert locked_at(study) == drawn.created_at
    arms = draft_of(study).document["arms"]
    shares = [arms[0] | {"ratio": 2}, arms[1]]
    for wrong, code in (
        ([arms[0] | {"name": "Robot"}, arms[1]], "arms_locked"),
        ([arms[0] | {"gives_ai_feedback": False}, arms[1]], "arms_locked"),
        ([arms[1], arms[0]], "arms_locked"),
        ([*arms, arms[1] | {"key": "c", "name": "Third"}], "arms_locked"),
        (arms[:1], "arms_locked"),
        (shares, "ratio_locked"),
    ):
        assert code_of(change, study=study, by=owner, part="groups", arms=wrong) == code
        about = {"draft": draft_of(study), "by": owner, "seen_version": draft_of(study).version}
        assert code_of(keep_document, **about, document={"arms": wrong}) == code
    assert list(study.arms.values_list("key", "ratio")) == [("experimental", 1), ("control", 1)]


def test_fixing_a_design_locks_them_too_since_its_hash_names_the_shares() -> None:
    owner = make_user()
    study = made_study(owner)
    plan = commit_plan(study=study, by=owner, design=Design(COMPLETE, {"experimental": 1, "control": 1}))
    assert locked_at(study) == plan.committed_at
    arms = draft_of(study).document["arms"]
    assert (
        code_of(change, study=study, by=owner, part="groups", arms=[arms[0] | {"ratio": 3}, arms[1]]) == "ratio_locked"
    )


def test_after_the_draw_a_change_is_an_amendment_with_its_reason() -> None:
    owner = make_user()
    study = drawn_study(owner)
    change(study, owner, "training", weeks=14)
    assert code_of(save_version, study=study, by=owner) == "reason_missing"
    assert code_of(save_version, study=study, by=owner, reason="  ") == "reason_missing"
    version = save_version(study=study, by=owner, reason="The hall is closed for two weeks.")
    assert (version.number, version.is_amendment) == (2, True)
    entry = AuditEntry.objects.filter(study=study).first()
    assert entry is not None
    assert (entry.action, entry.payload) == ("protocol amended", {"number": 2, "sha256": version.sha256})
    assert audit.verify(study.pk).broken_at is None


def test_what_is_done_in_a_group_can_be_amended_when_its_name_can_not() -> None:
    owner = make_user()
    study = drawn_study(owner)
    arms = draft_of(study).document["arms"]
    change(study, owner, "groups", arms=[arms[0] | {"description": "Feedback on a tablet."}, arms[1]])
    assert save_version(study=study, by=owner, reason="Phones broke.").is_amendment


def test_a_draft_that_never_was_a_version_becomes_the_first_one_at_the_draw() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    change(study, owner, "training", weeks=9)
    other = [{"key": "x", "name": "X", "ratio": 1, "gives_ai_feedback": False, "description": ""}]
    change(study, owner, "groups", arms=other)
    make_class(study, 4)
    allocate_arms(study=study, by=owner)
    version = study.protocol_versions.get()
    assert (version.number, version.is_amendment, version.document["weeks"]) == (1, False, 9)
    assert [arm["key"] for arm in version.document["arms"]] == ["a", "b"]  # those that were drawn
    change(study, owner, "training", weeks=8)  # and the draft can be amended
    assert save_version(study=study, by=owner, reason="Holidays.").number == 2


def test_a_study_made_before_protocols_came_gets_one_of_its_rows() -> None:
    owner = make_user()
    study = make_study("Old", owner=owner)
    make_class(study, 4, allocate=True)
    change(study, owner, "about", summary="Does it work?")
    version = save_version(study=study, by=owner, reason="Written down afterwards.")
    assert version.is_amendment
    assert [arm["name"] for arm in version.document["arms"]] == ["Arm a", "Arm b"]
    study.refresh_from_db()
    assert (study.title, study.summary) == ("Old", "Does it work?")


def test_the_admin_cannot_change_groups_that_were_drawn(client: Client) -> None:
    owner = make_user(is_superuser=True)
    study = drawn_study(owner)
    client.force_login(owner)
    page = client.get(f"/admin/studies/study/{study.pk}/change/").content.decode()
    assert 'name="arms-0-ratio"' not in page
    page = client.get(f"/admin/studies/study/{made_study(owner).pk}/change/").content.decode()
    assert 'name="arms-0-ratio"' in page
