"""Rows of an older version survive: lists drawn before committed designs came still verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from studies import append_only, audit
from studies.allocation import allocate_arms, differences
from studies.models import AllocationList, Injury, Participant, Study, TrainingSession
from studies.randomise import ALGORITHM, allocate, commitment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)

CODES = [f"P{number:02d}" for number in range(1, 11)]


def migrate(target: str) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate([("studies", target)])
    return executor.loader.project_state([("studies", target)]).apps


@pytest.fixture
def newest() -> Iterator[str]:
    """The name of the newest migration; whatever the test did, all tables end there: other apps' that depend on
    migrations of this one are undone with them.
    """
    name = MigrationExecutor(connection).loader.graph.leaf_nodes("studies")[0][1]
    yield name
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_a_list_of_the_first_version_survives_and_verifies(newest: str) -> None:
    old = migrate("0001_initial")
    study = old.get_model("studies", "Study").objects.create(title="Old")
    arm_model = old.get_model("studies", "Arm")
    arms = {key: arm_model.objects.create(study=study, key=key, name=key) for key in ("a", "b")}
    row = old.get_model("studies", "AllocationList").objects.create(
        study=study,
        seed=7,
        algorithm=ALGORITHM,
        roster=CODES,
        arm_keys=["a", "b"],
        sha256=commitment(CODES, ["a", "b"], 7),
    )
    user_model, participant_model = (old.get_model("studies", name) for name in ("User", "Participant"))
    for code, key in allocate(CODES, ["a", "b"], 7).items():
        user = user_model.objects.create(username=code)
        participant_model.objects.create(
            study=study, user=user, code=code, year_of_study=2, arm=arms[key], allocation=row
        )
    waiting = user_model.objects.create(username="late")
    participant_model.objects.create(study=study, user=waiting, code="LATE", year_of_study=2)

    migrate(newest)

    assert differences(AllocationList.objects.get()) == []
    assert set(Participant.objects.values_list("eligibility", "section")) == {("eligible", "")}
    assert not Participant.objects.exclude(plan=None).exists()
    assert set(Study.objects.get().arms.values_list("ratio", flat=True)) == {1}
    late = allocate_arms(study=Study.objects.get(), by=None)
    assert late.roster == ["LATE"]
    assert append_only.missing(connection) == []
    assert audit.verify(study.pk).entries == 1


def test_every_study_of_an_older_version_gets_a_secret_of_its_own(newest: str) -> None:
    """One value for all would deal the letters by the numbers of the groups alone."""
    old = migrate("0006_time_points")
    for title in ("One", "Two", "Three"):
        old.get_model("studies", "Study").objects.create(title=title)
    migrate(newest)
    seeds = list(Study.objects.values_list("blinding_seed", flat=True))
    assert len(set(seeds)) == 3
    assert {len(seed) for seed in seeds} == {32}


def test_injuries_and_lessons_of_before_the_consensus_keep_what_they_said(newest: str) -> None:
    """Who logged an injury also said whether technique was the cause; entries without a course are closed."""
    old = migrate("0006_time_points")
    models = {name: old.get_model("studies", name) for name in ("Study", "User", "Participant", "Injury")}
    study, user = models["Study"].objects.create(title="Old"), models["User"].objects.create(username="teacher")
    student = models["Participant"].objects.create(
        study=study, user=models["User"].objects.create(username="lifter"), code="P01", year_of_study=2
    )
    about = {"participant": student, "occurred_on": "2024-03-05", "region": "elbow_wrist", "logged_by": user}
    models["Injury"].objects.create(days_lost=9, form_related=True, note="ice", **about)
    models["Injury"].objects.create(**about)
    lesson = old.get_model("studies", "TrainingSession")
    lesson.objects.create(participant=student, held_on="2024-03-05", minutes=90, sets=3, repetitions=15)

    migrate(newest)

    judged, unknown = Injury.objects.order_by("-days_lost")
    assert (judged.status, judged.judged_by_id, judged.judged_at) == ("closed", user.pk, judged.logged_at)
    assert (judged.note, judged.time_loss, judged.get_region_display()) == ("ice", "8-28", "Elbow or wrist")
    assert (unknown.status, unknown.judged_by, unknown.version, unknown.source) == ("closed", None, 1, "instructor")
    row = TrainingSession.objects.get()
    assert (row.attendance, row.source, row.minutes, row.repetitions) == ("present", "lesson", 90, 15)
    assert row.repetitions_by_hand is None
