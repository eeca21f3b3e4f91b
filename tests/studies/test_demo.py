"""The demonstration study: its numbers are the paper's, and loading it twice changes nothing."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum
from django.test.utils import CaptureQueriesContext

from studies.allocation import differences
from studies.demo import PASSWORD, STUDENTS, load_demo_study
from studies.errors import StudyError
from studies.models import Injury, Measurement, Outcome, Participant, Study, TrainingSession, User
from studies.protocol.document import problems

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return load_demo_study().study


def values(study: Study, outcome: str, arm: str) -> Counter[float]:
    rows = Measurement.objects.filter(outcome__study=study, outcome__key=outcome, participant__arm__key=arm)
    return Counter(rows.values_list("value", flat=True))


def test_two_arms_of_25_drawn_from_the_stored_seed(study: Study) -> None:
    columns = ("key", "name", "position", "gives_ai_feedback")
    arms = list(study.arms.values_list(*columns).annotate(Count("participants")).order_by("position"))
    assert arms == [
        ("experimental", "AI coaching", 0, True, 25),
        ("control", "Traditional instruction", 1, False, 25),
    ]
    allocation = study.allocation_lists.get()
    assert allocation.seed == 20240818
    assert allocation.sha256 == "dafd1b55c4e6fdb204ed2074e95b2f72a38c9f0ab999c44565fc55f7e8055f1d"
    assert differences(allocation) == []


def test_the_outcomes_are_the_reconstruction(study: Study) -> None:
    assert values(study, "training_accuracy", "experimental") == {7: 4, 8: 10, 9: 10, 10: 1}
    assert values(study, "training_accuracy", "control") == {3: 1, 4: 4, 5: 7, 6: 5, 7: 4, 8: 3, 9: 1}
    assert values(study, "injury_rate", "experimental") == {0: 9, 1: 11, 2: 3, 3: 1, 4: 1}
    assert values(study, "injury_rate", "control") == {3: 2, 4: 2, 5: 2, 6: 7, 7: 6, 8: 4, 9: 1, 10: 1}


def test_mean_differences_are_those_of_the_paper(study: Study) -> None:
    """Table 1: 2.520 = 63/25. Table 2: between groups 364.500 = 12.5 * 5.4**2, so 5.4 = 135/25."""
    total = {
        key: sum(value * count for value, count in values(study, *key).items())
        for key in product(("training_accuracy", "injury_rate"), ("experimental", "control"))
    }
    assert total["training_accuracy", "experimental"] - total["training_accuracy", "control"] == 63
    assert total["injury_rate", "control"] - total["injury_rate", "experimental"] == 135


def test_the_injury_log_holds_one_row_for_each_injury_of_the_table(study: Study) -> None:
    logged = dict(study.participants.annotate(n=Count("injuries")).values_list("code", "n"))
    measured = Measurement.objects.filter(outcome__study=study, outcome__key="injury_rate")
    assert logged == dict(measured.values_list("participant__code", "value"))
    assert sum(logged.values()) == 183
    lessons = set(TrainingSession.objects.values_list("participant", "held_on"))
    assert set(Injury.objects.values_list("participant", "occurred_on")) <= lessons


def test_everybody_trained_equally_long_for_one_semester(study: Study) -> None:
    per_student = study.participants.annotate(n=Count("training_sessions"), t=Sum("training_sessions__minutes"))
    assert set(per_student.values_list("n", "t")) == {(32, 48 * 60)}
    days = TrainingSession.objects.order_by("held_on").values_list("held_on", flat=True)
    assert (days[0], days[len(days) - 1]) == (study.starts_on, study.ends_on)


def test_students_are_of_years_2_to_4(study: Study) -> None:
    assert Counter(study.participants.values_list("year_of_study", flat=True)) == {2: 17, 3: 17, 4: 16}


def test_it_says_that_it_is_a_reconstruction_and_not_the_authors_data(study: Study) -> None:
    assert study.is_demonstration
    assert "Reconstruction" in study.data_note
    assert "not the authors' data" in study.data_note


def fingerprint() -> dict[str, list[Any]]:
    tables = (User, Participant, TrainingSession, Injury, Measurement)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in tables}


def test_loading_again_changes_nothing() -> None:
    first = load_demo_study()
    before = fingerprint()
    again = load_demo_study()
    assert (first.created, again.created) == (True, False)
    assert again.study == first.study
    assert again.logins == first.logins
    assert fingerprint() == before


def test_deleted_and_loaded_again_it_is_the_same() -> None:
    def shape() -> list[Any]:
        rows = Injury.objects.order_by("participant__code", "occurred_on", "region", "pk")
        return list(rows.values_list("participant__code", "participant__arm__key", "occurred_on", "region"))

    study = load_demo_study().study
    before = shape()
    study.participants.all().delete()
    study.allocation_lists.all().delete()
    study.protocol_versions.all().delete()
    study.delete()
    load_demo_study()
    assert shape() == before
    assert User.objects.count() == STUDENTS + 3


def test_loading_writes_in_bulk() -> None:
    """Students go one by one through the service, as in life; 1600 lessons and 183 injuries don't."""
    with CaptureQueriesContext(connection) as queries:
        load_demo_study()
    assert len(queries) < 14 * STUDENTS


def test_the_logins_work_and_say_which_student_sees_feedback(client: Client) -> None:
    demo = load_demo_study()
    assert [(row.username, row.role) for row in demo.logins[:3]] == [
        ("owner", "owner"),
        ("instructor", "instructor"),
        ("researcher", "researcher"),
    ]
    assert Counter(row.arm for row in demo.logins) == {"": 3, "experimental": 25, "control": 25}
    for arm in ("experimental", "control"):
        username = demo.student_of(arm)
        assert client.login(username=username, password=PASSWORD)
        participant = Participant.objects.get(user__username=username)
        assert participant.arm is not None
        assert participant.arm.key == arm


def test_an_account_of_somebody_else_is_left_alone() -> None:
    User.objects.create_user("owner", password="mine", email="me@university.example")
    with pytest.raises(StudyError, check=lambda error: error.code == "demo_name_taken"):
        load_demo_study()
    assert Study.objects.count() == 0
    assert User.objects.get().check_password("mine")


def test_the_command_refuses_on_a_server_unless_forced(settings: Settings) -> None:
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="--force"):
        call_command("load_demo_study", stdout=StringIO())
    assert Study.objects.count() == 0
    call_command("load_demo_study", force=True, stdout=StringIO())
    assert Study.objects.count() == 1


def test_the_command_prints_label_logins_and_password(settings: Settings) -> None:
    settings.EMBEDDED = True
    out = StringIO()
    call_command("load_demo_study", stdout=out)
    printed = out.getvalue()
    assert "not the authors' data" in printed
    assert f"password {PASSWORD}" in printed
    for login in ("owner", "instructor", "researcher", "student01", "student02"):
        assert login in printed


def test_its_protocol_says_what_its_rows_say(study: Study) -> None:
    version = study.protocol_versions.get()
    assert (version.number, version.is_amendment) == (1, False)
    assert [arm["key"] for arm in version.document["arms"]] == list(study.arms.values_list("key", flat=True))
    planned = [(row["key"], row["name"], row["planned_test"]) for row in version.document["outcomes"]]
    assert planned == list(Outcome.objects.filter(study=study).values_list("key", "name", "planned_test"))
    assert [problem.code for problem in problems(version.document) if problem.must] == []
