"""A key a person, and counts that point at nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.errors import StudyError
from studies.models import ParticipantKey
from studies.privacy import keys
from studies.privacy.small_cells import guarded, shown
from tests.factory import make_participant, make_study

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture(autouse=True)
def key_file(settings: Settings, tmp_path: Path) -> Path:
    settings.PRIVACY_KEY, settings.PRIVACY_KEY_FILE = "", tmp_path / "privacy_key"
    return tmp_path / "privacy_key"


@pytest.mark.django_db
def test_what_is_sealed_opens_for_the_same_person_and_purpose_only() -> None:
    study = make_study()
    one, two = make_participant(study), make_participant(study)
    sealed = keys.seal(one, b"Alma", purpose="consent")
    assert b"Alma" not in sealed
    assert keys.unseal(one, sealed, purpose="consent") == b"Alma"
    keys.seal(two, b"", purpose="consent")
    for person, purpose in ((two, "consent"), (one, "another")):
        with pytest.raises(StudyError, match="unreadable"):
            keys.unseal(person, sealed, purpose=purpose)


@pytest.mark.django_db
def test_the_same_words_are_never_sealed_to_the_same_bytes() -> None:
    one = make_participant(make_study())
    assert keys.seal(one, b"Alma", purpose="consent") != keys.seal(one, b"Alma", purpose="consent")


@pytest.mark.django_db
def test_a_changed_byte_is_noticed() -> None:
    one = make_participant(make_study())
    sealed = bytearray(keys.seal(one, b"Alma", purpose="consent"))
    sealed[-1] ^= 1
    with pytest.raises(StudyError, match="unreadable"):
        keys.unseal(one, bytes(sealed), purpose="consent")


@pytest.mark.django_db
def test_a_stolen_table_of_keys_opens_nothing_without_the_master_key(settings: Settings) -> None:
    one = make_participant(make_study())
    sealed = keys.seal(one, b"Alma", purpose="consent")
    settings.PRIVACY_KEY = "another installation's"
    with pytest.raises(StudyError, match="unreadable"):
        keys.unseal(one, sealed, purpose="consent")


@pytest.mark.django_db
def test_a_key_that_was_swapped_in_the_table_opens_nothing() -> None:
    study = make_study()
    one, two = make_participant(study), make_participant(study)
    sealed = keys.seal(one, b"Alma", purpose="consent")
    keys.seal(two, b"", purpose="consent")
    stolen = ParticipantKey.objects.get(participant=one).wrapped
    ParticipantKey.objects.filter(participant=two).update(wrapped=stolen)
    with pytest.raises(StudyError, match="unreadable"):
        keys.unseal(two, sealed, purpose="consent")


@pytest.mark.django_db
def test_a_destroyed_key_is_never_made_again() -> None:
    one = make_participant(make_study())
    sealed = keys.seal(one, b"Alma", purpose="consent")
    keys.destroy(one)
    with pytest.raises(StudyError, match="erased"):
        keys.unseal(one, sealed, purpose="consent")
    with pytest.raises(StudyError, match="erased"):
        keys.seal(one, b"Alma", purpose="consent")


@pytest.mark.django_db
def test_the_shift_is_steady_for_a_person_and_differs_between_people() -> None:
    study = make_study()
    people = [make_participant(study) for _person in range(40)]
    shifts = [keys.shift_days(person) for person in people]
    assert shifts == [keys.shift_days(person) for person in people]
    assert all(7 <= days <= 364 for days in shifts)
    assert len(set(shifts)) > 20


@pytest.mark.django_db
def test_the_key_file_is_for_its_owner_alone(key_file: Path) -> None:
    keys.shift_days(make_participant(make_study()))
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_count_below_five_is_not_shown_and_zero_is() -> None:
    assert [shown(count) for count in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]


def test_a_lone_small_cell_hides_the_next_smallest_with_it() -> None:
    assert guarded({"a": 3, "b": 9, "c": 20}) == {"a": None, "b": None, "c": 20}
    assert guarded({"a": 3, "b": 2, "c": 20}) == {"a": None, "b": None, "c": 20}
    assert guarded({"a": 0, "b": 7}) == {"a": 0, "b": 7}
    assert guarded({"a": 3, "b": 0}) == {"a": None, "b": 0}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 30), max_size=6))
def test_no_small_cell_is_shown_and_none_can_be_worked_out_from_the_total(cells: dict[str, int]) -> None:
    safe = guarded(cells)
    assert all(count is None or count == 0 or count >= 5 for count in safe.values())
    hidden = [label for label, count in safe.items() if count is None]
    assert len(hidden) != 1 or sum(count > 0 for count in cells.values()) == 1
