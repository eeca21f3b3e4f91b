"""Environment variables are read strictly: a typo is an error that names the variable, never a silent default."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_int, env_list, secret_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("0", False), ("", True)])
def test_a_boolean_is_one_or_zero_and_empty_means_default(raw: str, value: bool) -> None:
    assert env_bool({"X": raw}, "X", default=True) is value


@pytest.mark.parametrize("raw", ["true", "yes", "2", " 1"])
def test_another_word_for_a_boolean_is_refused_by_name(raw: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        env_bool({"DEBUG": raw}, "DEBUG", default=False)


def test_a_number_below_its_minimum_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="UPLOAD_MAX_MB=0"):
        env_int({"UPLOAD_MAX_MB": "0"}, "UPLOAD_MAX_MB", default=5)


def test_a_word_for_a_number_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env_int({"N": "many"}, "N", default=5)


def test_a_list_drops_blanks_around_commas() -> None:
    assert env_list({"H": " a, b ,,"}, "H", default=["z"]) == ["a", "b"]
    assert env_list({}, "H", default=["z"]) == ["z"]


def test_a_missing_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret_key"
    first = secret_key({}, key_file=file, embedded=True)
    assert len(first) >= 50
    assert secret_key({}, key_file=file, embedded=True) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_server_without_a_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secret_key({}, key_file=tmp_path / "key", embedded=False)
    assert not (tmp_path / "key").exists()
